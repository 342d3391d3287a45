/**
 * Load: publishes what staging has prepared (load/stage-load.ts), all rows of one source or none.
 *
 * Guarantees: a load is published on the head that it was validated against. When another writer was first, it is
 * staged again on the new head, at most `LOAD_RESTAGE_MAX` times; it is refused once the graph no longer lives. A
 * load that is repeated with the operation id of one that landed answers `done` with that manifest and no counts. With
 * `since_version` so does one of the same run: a run loads once, even if two processes work on it, because each looks
 * at every version between the one that the run began on and the one that it publishes on.
 * A source without rows publishes nothing.
 */

import { readVersion, type VersionRead } from "./chain.ts";
import type { EngineContext } from "./context.ts";
import type { AcceptedSchema, LoadOutcome, LoadRequest } from "./engine.ts";
import { LOAD_LOOKBACK_VERSIONS_MAX, LOAD_RESTAGE_MAX, LOAD_SEARCH_VERSIONS_MAX } from "./limits.ts";
import type { Manifest, TablePin } from "./manifest.ts";
import { observe } from "./observe.ts";
import { publishVerb } from "./publish-verb.ts";
import { successor } from "./successor.ts";

export async function load(context: EngineContext, request: LoadRequest): Promise<LoadOutcome> {
  let observation = await observe(context, request.graph);
  let searched = request.since_version ?? null;
  for (let round = 0; round <= LOAD_RESTAGE_MAX; round += 1) {
    if ("head" in observation) {
      const landed = await ownManifest(context, observation.head, request, searched);
      if (landed !== null) return landed;
      searched = observation.head.version;
    }
    if (observation.tag === "unavailable") return observation;
    if (observation.tag !== "live") return { tag: "refused", head: observation };
    const outcome = await attempt(context, request, observation.head, observation.schema);
    if (outcome.tag !== "refused") return outcome;
    observation = outcome.head;
  }
  return { tag: "refused", head: observation };
}

/** Stages on this head and publishes. */
async function attempt(
  context: EngineContext,
  request: LoadRequest,
  head: Manifest,
  schema: AcceptedSchema,
): Promise<LoadOutcome> {
  const staged = await context.stageLoad(context, request, head, schema);
  if (staged.tag !== "staged") return staged;
  if (staged.pins.length === 0) return { tag: "done", manifest: head, counts: staged.counts };
  const published = await publishVerb(context, {
    ...successor(head, "load", request, context.clock),
    tables: withPins(head.tables, staged.pins),
    rows_written: head.rows_written + staged.rows_written,
  });
  return published.tag === "done" ? { ...published, counts: staged.counts } : published;
}

/** The head's pins with the new ones in place of those of the same types. */
function withPins(before: readonly TablePin[], changed: readonly TablePin[]): readonly TablePin[] {
  const types = new Set(changed.map((pin) => pin.type_id));
  const kept = before.filter((pin) => !types.has(pin.type_id));
  return [...kept, ...changed].sort((a, b) => a.type_id - b.type_id);
}

/**
 * Has this operation, or another of this run, landed already? A load names no version, so those above `searched` are
 * read, or the newest ones if it is not known how far back to look.
 */
async function ownManifest(
  context: EngineContext,
  head: Manifest,
  request: LoadRequest,
  searched: number | null,
): Promise<LoadOutcome | null> {
  if (searched !== null && searched >= head.version) return null;
  const oldest =
    searched === null ? Math.max(1, head.version - LOAD_LOOKBACK_VERSIONS_MAX + 1) : searched + 1;
  const count = head.version - oldest;
  if (count > LOAD_SEARCH_VERSIONS_MAX) {
    const reason = `${count} versions were published since the load began, too many to find out whether it landed`;
    return { tag: "ambiguous", reason };
  }
  const versions = Array.from({ length: count }, (_, index) => oldest + index);
  const reads: VersionRead[] = [];
  for (let at = 0; at < versions.length; at += LOAD_LOOKBACK_VERSIONS_MAX) {
    const wave = versions.slice(at, at + LOAD_LOOKBACK_VERSIONS_MAX);
    reads.push(...(await Promise.all(wave.map((version) => readVersion(context, request.graph, version)))));
  }
  const broken = reads.find((read) => read.tag === "unavailable");
  if (broken?.tag === "unavailable") return broken;
  const manifests = reads.flatMap((read) => (read.tag === "found" ? [read.manifest] : []));
  const byRun = request.since_version !== undefined;
  const own = [...manifests, head].find(
    ({ cause, operation_id, run_id }) =>
      operation_id === request.operation_id || (byRun && cause === "load" && run_id === request.run_id),
  );
  return own ? { tag: "done", manifest: own, counts: [] } : null;
}
