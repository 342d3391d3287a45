/**
 * Create: the first or next incarnation of a graph.
 *
 * Guarantees: refused where one lives and where something foreign stands (`prepare`). The root marker is put first,
 * then the schema record, then the manifest: another tool's probe never sees an absent root of ours, and no manifest
 * names a schema that is not there. A new incarnation has ids, paths and rows of its own; nothing of an earlier life
 * can reappear (spec/schema 6.4).
 */
import { acceptFirst } from "./accept-schema.ts";
import { ensureMarker } from "./chain.ts";
import type { EngineContext } from "./context.ts";
import type { CreateRequest, EngineOutcome } from "./engine.ts";
import type { Manifest } from "./manifest.ts";
import { prepare, refuse, refuseAsObserved } from "./prepare.ts";
import { publishVerb } from "./publish-verb.ts";
import { putSchemaRecord } from "./schema-record.ts";
import { next } from "./successor.ts";

export async function create(context: EngineContext, request: CreateRequest): Promise<EngineOutcome> {
  const prepared = await prepare(context, request);
  if (prepared.tag === "stopped") return prepared.outcome;
  if (prepared.tag === "landed") return { tag: "done", manifest: prepared.manifest };
  const { head } = prepared;
  if (head && !mayBegin(head, request)) return refuse(context, head);
  const accepted = acceptFirst(request.schema_source, request.incarnation, request.graph);
  if (accepted.tag === "invalid") return accepted;
  const marker = await ensureMarker(context, request.graph);
  if (marker.tag === "unavailable") return marker;
  if (marker.tag === "refused") return refuseAsObserved(context, request.graph);
  const record = await putSchemaRecord(context, accepted.schema);
  if (record.tag === "unavailable") return record;
  return publishVerb(context, {
    ...next(head, "create", request, context.clock),
    state: "live",
    incarnation: request.incarnation,
    schema_digest: accepted.schema.digest,
    schema_record: record.record,
    tables: [],
    rows_written: 0,
  });
}

/** An incarnation id is used for one life only, so that no dead rows can lie where the new ones will. */
function mayBegin(head: Manifest, request: CreateRequest): boolean {
  const used = head.dead.some((each) => each.incarnation === request.incarnation);
  return head.state !== "live" && !used;
}
