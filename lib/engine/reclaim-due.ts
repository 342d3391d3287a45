/**
 * Which dead incarnations of a graph may be reclaimed now: those whose delete is older than the grace period, and
 * those that are being reclaimed already, because a paused writer may have left bytes there since (design 6).
 *
 * Reads only, over the engine port. The time compared is the one that the tombstone's writer had; a grace period is no
 * safety mechanism, the mark that `reclaim` publishes is.
 */
import type { GraphId, IncarnationId } from "../digest/ids.ts";
import type { Engine } from "./engine.ts";
import { DELETE_GRACE_MS } from "./limits.ts";

export interface ReclaimDue {
  readonly incarnation: IncarnationId;
  /** The head that `reclaim` is to expect. */
  readonly expect: number;
  /** Version of the tombstone; the ledger has recorded the delete if it knows this version or a later one. */
  readonly removed_in: number;
}

export interface ReclaimQuestion {
  readonly graph: GraphId;
  readonly now_ms: number;
  readonly grace_ms?: number | undefined;
}

/** Empty also when the graph cannot be read: nothing is reclaimed on a guess. */
export async function reclaimDue(engine: Engine, question: ReclaimQuestion): Promise<readonly ReclaimDue[]> {
  const observation = await engine.observe(question.graph);
  if (!("head" in observation)) return [];
  const { head } = observation;
  const due: ReclaimDue[] = [];
  for (const life of head.dead) {
    const removed_in = life.since + 1;
    const tombstone = await engine.at(question.graph, removed_in);
    if (tombstone.tag !== "found") continue;
    const age = question.now_ms - Date.parse(tombstone.manifest.at);
    if (life.reclaiming || age >= (question.grace_ms ?? DELETE_GRACE_MS)) {
      due.push({ incarnation: life.incarnation, expect: head.version, removed_in });
    }
  }
  return due;
}
