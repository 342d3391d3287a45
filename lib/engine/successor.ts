/**
 * The manifest after a head. Every verb starts from `successor`, which copies the head and changes what a fence
 * changes (version, cause, who and when), and then says what else its verb changes.
 *
 * Guarantees: pure but for the clock's time in `at`. Whatever a verb does not name stays as it was (design 6).
 */
import type { GraphId } from "../digest/ids.ts";
import { type Clock, timestamp } from "../ports/clock.ts";
import type { Attribution, WriteRequest } from "./engine.ts";
import { MANIFEST_FORMAT_VERSION, type Manifest, type ManifestCause } from "./manifest.ts";

/** A copy of the head as the next version of its chain. */
export function successor(head: Manifest, cause: ManifestCause, who: Attribution, clock: Clock): Manifest {
  return { ...head, version: head.version + 1, cause, ...signature(who, clock) };
}

/** Version 1 of a chain, before the verb says what it is: nothing has lived here. */
export function firstManifest(
  graph: GraphId,
  cause: "create" | "fence",
  who: Attribution,
  clock: Clock,
): Manifest {
  return {
    format_version: MANIFEST_FORMAT_VERSION,
    graph,
    version: 1,
    cause,
    state: "never",
    incarnation: null,
    ...signature(who, clock),
    schema_digest: null,
    schema_record: null,
    tables: [],
    rows_written: 0,
    dead: [],
  };
}

/** The manifest after the head, or the first one. */
export function next(
  head: Manifest | null,
  cause: "create" | "fence",
  request: WriteRequest,
  clock: Clock,
): Manifest {
  return head ? successor(head, cause, request, clock) : firstManifest(request.graph, cause, request, clock);
}

function signature(
  who: Attribution,
  clock: Clock,
): Pick<Manifest, "operation_id" | "run_id" | "actor" | "at"> {
  return { operation_id: who.operation_id, run_id: who.run_id, actor: who.actor, at: timestamp(clock) };
}
