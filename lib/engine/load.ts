/**
 * Load: publishes what staging has prepared (load/stage-load.ts), all rows of one source or none.
 *
 * Guarantees: a load is published on the head that it was validated against. When another writer was first, it is
 * staged again on the new head, at most `LOAD_RESTAGE_MAX` times; it is refused once the graph no longer lives. A
 * load that is repeated with the operation id of one that landed answers `done` with that manifest and no counts.
 * A source without rows publishes nothing.
 */

import { readVersion } from "./chain.ts";
import type { EngineContext } from "./context.ts";
import type { AcceptedSchema, LoadOutcome, LoadRequest } from "./engine.ts";
import { LOAD_LOOKBACK_VERSIONS_MAX, LOAD_RESTAGE_MAX } from "./limits.ts";
import type { Manifest, TablePin } from "./manifest.ts";
import { observe } from "./observe.ts";
import { publishVerb } from "./publish-verb.ts";
import { successor } from "./successor.ts";

export async function load(context: EngineContext, request: LoadRequest): Promise<LoadOutcome> {
  let observation = await observe(context, request.graph);
  const landed = "head" in observation ? await ownManifest(context, observation.head, request) : null;
  if (landed !== null) return landed;
  for (let round = 0; round <= LOAD_RESTAGE_MAX; round += 1) {
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

/** Has this operation landed already? A load names no version, so the newest ones are searched, in one wave. */
async function ownManifest(
  context: EngineContext,
  head: Manifest,
  request: LoadRequest,
): Promise<LoadOutcome | null> {
  const oldest = Math.max(1, head.version - LOAD_LOOKBACK_VERSIONS_MAX + 1);
  const versions = Array.from({ length: head.version - oldest }, (_, index) => oldest + index);
  const reads = await Promise.all(versions.map((version) => readVersion(context, request.graph, version)));
  const broken = reads.find((read) => read.tag === "unavailable");
  if (broken?.tag === "unavailable") return broken;
  const manifests = reads.flatMap((read) => (read.tag === "found" ? [read.manifest] : []));
  const own = [...manifests, head].find((manifest) => manifest.operation_id === request.operation_id);
  return own ? { tag: "done", manifest: own, counts: [] } : null;
}
