/**
 * Judge: what became of an open intent (design 7, the truth table J0 to J7). Pure and total: every combination of
 * intent, chain and ledger has exactly one verdict, and no verdict guesses, rolls a graph back or deletes.
 *
 * It is asked only about a chain whose head is not P of any open intent: a head at P has first been occupied with a
 * fence (J1), so that a late effect can never land.
 */
import type { OperationId } from "../../digest/ids.ts";
import type { ManifestCause } from "../../engine/manifest.ts";

export interface JudgedIntent {
  readonly operation_id: string;
  /** Head that the effect expects. */
  readonly P: number;
}

export interface ChainLink {
  readonly version: number;
  readonly operation_id: OperationId;
  readonly cause: ManifestCause;
}

export interface JudgeInputs {
  readonly intent: JudgedIntent;
  /** Operation ids of all open intents of the graph. */
  readonly open: ReadonlySet<string>;
  readonly head: number;
  /** Links P + 1 to the head, in order. */
  readonly links: readonly ChainLink[];
  /** Manifest version that the ledger has recorded of the graph; 0 for none. */
  readonly recorded: number;
}

/**
 * `contradiction` (J0): the chain is shorter than the intent says. `landed_recorded` (J2) and `never` (J5): retire.
 * `landed` (J3): roll the ledger forward to the head. `overtaken` (J4): it landed, and something else moved the graph
 * since, so only a refresh may record it.
 */
export type Verdict = "contradiction" | "never" | "landed_recorded" | "landed" | "overtaken";

/** Causes that move a chain without changing what the ledger says of the graph. */
const HARMLESS: ReadonlySet<ManifestCause> = new Set<ManifestCause>(["load", "fence", "compact", "reclaim"]);

export function judge(inputs: JudgeInputs): Verdict {
  const { intent, head, links, recorded, open } = inputs;
  if (head < intent.P) return "contradiction";
  const first = links[0];
  if (first === undefined || first.version !== intent.P + 1) return "contradiction";
  if (first.operation_id !== intent.operation_id) return "never";
  if (recorded >= intent.P + 1) return "landed_recorded";
  const followed = links.slice(1).every((link) => HARMLESS.has(link.cause) || open.has(link.operation_id));
  return followed ? "landed" : "overtaken";
}
