/**
 * LeftUndone: what a run that waits for an approval, or has waited, has left undone, from what it has answered. What an
 * attempt has done and somebody has undone since is not brought back by a late approval, nor by the attempts that follow
 * when the first one after it was refused. An attempt that cannot say what it did hands on what was known before.
 */
import { z } from "zod";
import type { ApplyOutput } from "../apply/apply-output.ts";
import type { RunRecord } from "../apply/runs/run-record.ts";
import type { Address } from "../desired/address.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { StorePorts } from "../ledger/retry.ts";
import { type LeftUndoneKept, readRunOutput } from "./run-output.ts";

export type LeftUndone =
  /** Null: the run has never waited. */
  | { readonly tag: "known"; readonly left: ReadonlySet<Address> | null }
  | { readonly tag: "unknown"; readonly diagnostics: readonly Diagnostic[] };

const shape = z.object({ changes: z.array(z.object({ resource: z.string(), disposition: z.string() })) });

export async function leftUndone(
  ports: StorePorts,
  { state, has_waited, run_id }: Pick<RunRecord, "state" | "has_waited" | "run_id">,
): Promise<LeftUndone> {
  if (state !== "waiting_approval" && has_waited !== true) return { tag: "known", left: null };
  const { answer, left_undone, diagnostics } = await readRunOutput(ports, run_id);
  if (left_undone !== null) return { tag: "known", left: left_undone };
  const output = answer?.kind === "apply" ? shape.safeParse(answer.output) : null;
  if (output?.success !== true) return { tag: "unknown", diagnostics };
  const left = output.data.changes.filter(({ disposition }) => disposition !== "applied");
  return { tag: "known", left: new Set(left.map(({ resource }) => resource as Address)) };
}

/** What is kept beside an answer, so that the next attempt knows it. `left`: what this attempt knew. */
export function carriedOver(left: LeftUndoneKept, { outcome }: Pick<ApplyOutput, "outcome">): LeftUndoneKept {
  switch (outcome) {
    case "applied":
    case "noop":
    case "partial":
      return null;
    // Its changes are planned, or may be. What was left before is never less than what is left now.
    case "refused":
    case "unknown":
    case "continuing":
      return left;
    default:
      return assertNever(outcome);
  }
}
