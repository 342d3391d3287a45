/**
 * Protection: graphs that nothing may delete, whatever config, plan or approval says. A fact of the deployment, not of
 * the config: it is switched on and off by a command of its own, each time with a revision.
 *
 * The receipt of the newest commit says which graphs are protected, and every commit hands that on to the next. The
 * ledger mirrors it for people, with who and why, in `observations["graphform.protected"]`; another tool may drop the
 * mirror, and then the receipt still counts. Only where there is no receipt does the mirror count.
 *
 * Guarantees: pure.
 */
import { z } from "zod";
import { compareBytes } from "../digest/digest.ts";
import { type GraphId, parseGraphId } from "../digest/ids.ts";
import type { Receipt } from "./receipt.ts";
import type { JsonObject, JsonValue, LedgerState } from "./state.ts";

/** The key below `observations`. */
export const PROTECTION_KEY = "graphform.protected";

/** Null where the mirror was lost. */
export interface Protection {
  readonly by: string | null;
  readonly at: string | null;
  readonly reason: string | null;
}

/** By graph, sorted. */
export type Protections = ReadonlyMap<GraphId, Protection>;

const UNKNOWN: Protection = { by: null, at: null, reason: null };

const text = z.string().nullable().catch(null);
const shape = z.object({
  kind: z.literal("protection"),
  graphs: z.record(z.string(), z.object({ by: text, at: text, reason: text }).catch(UNKNOWN)),
});

/** The graphs that are protected: as the receipt says, else as the ledger mirrors it. */
export function protectionsOf(
  receipt: Pick<Receipt, "protected"> | null,
  state: Pick<LedgerState, "observations"> | null,
): Protections {
  const mirrored = mirroredIn(state);
  const ids = receipt === null ? [...mirrored.keys()] : receipt.protected;
  return new Map([...ids].sort(compareBytes).map((graph) => [graph, mirrored.get(graph) ?? UNKNOWN]));
}

/** What the mirror says; a damaged one says nothing. */
function mirroredIn(state: Pick<LedgerState, "observations"> | null): ReadonlyMap<GraphId, Protection> {
  const parsed = shape.safeParse(state?.observations[PROTECTION_KEY]);
  if (!parsed.success) return new Map();
  const entries = Object.entries(parsed.data.graphs).flatMap(([id, protection]) => {
    const graph = parseGraphId(id);
    return graph === null ? [] : [[graph, protection] as const];
  });
  return new Map(entries);
}

/** The state that mirrors exactly `protections`; the same object if it does so already. */
export function withProtections(state: LedgerState, protections: Protections): LedgerState {
  const { [PROTECTION_KEY]: before, ...others } = state.observations;
  if (protections.size === 0) return before === undefined ? state : { ...state, observations: others };
  const graphs = [...protections].map(([graph, { by, at, reason }]) => [graph, { by, at, reason }] as const);
  const mirror: JsonObject = { kind: "protection", graphs: Object.fromEntries(graphs) };
  if (sameJson(before, mirror)) return state;
  return { ...state, observations: { ...state.observations, [PROTECTION_KEY]: mirror } };
}

function sameJson(a: JsonValue | undefined, b: JsonValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
