/**
 * Migrate: publishes a new schema for the live incarnation.
 *
 * Every supported step but a hard drop is metadata: columns are named by stable ids and nullable in storage, so
 * renames, relaxed rules, wider enums and soft drops touch no dataset, and a new type or property gets its dataset or
 * column with its first load. A type that is dropped softly keeps its pin; the schema no longer names it.
 *
 * Guarantees: an unsupported plan is `invalid` with one diagnostic per step, and nothing was attempted. The source
 * is published as given, also when it means what the accepted one means (spec/schema 10.23). With `data_loss`, the
 * destroyed data is unreachable in the new version and its bytes are removed after publication.
 */
import { evolve, unsupportedSteps } from "./accept-schema.ts";
import { cleanUp } from "./clean-up.ts";
import type { EngineContext } from "./context.ts";
import { droppedBetween } from "./dropped.ts";
import type { AcceptedSchema, EngineOutcome, MigrateRequest } from "./engine.ts";
import { type DropScope, dropHard, type HardDropped } from "./hard-drop.ts";
import type { Manifest } from "./manifest.ts";
import { observationOf } from "./observe.ts";
import { prepare } from "./prepare.ts";
import { publishVerb } from "./publish-verb.ts";
import { putSchemaRecord, schemaRecordOf } from "./schema-record.ts";
import { successor } from "./successor.ts";

export async function migrate(context: EngineContext, request: MigrateRequest): Promise<EngineOutcome> {
  const { on } = request;
  // Rows are not written anew for a version that may be another's already: then the head is worth a look.
  if (on?.head.version === request.expect && !request.data_loss) {
    return migrateLive(context, request, on.head, on.schema);
  }
  const prepared = await prepare(context, request);
  if (prepared.tag === "stopped") return prepared.outcome;
  if (prepared.tag === "landed") return { tag: "done", manifest: prepared.manifest };
  if (prepared.head === null) return { tag: "refused", head: { tag: "absent", marked: false } };
  const observation = await observationOf(context, prepared.head);
  if (observation.tag === "unavailable") return observation;
  if (observation.tag !== "live") return { tag: "refused", head: observation };
  return migrateLive(context, request, observation.head, observation.schema);
}

async function migrateLive(
  context: EngineContext,
  request: MigrateRequest,
  head: Manifest,
  accepted: AcceptedSchema,
): Promise<EngineOutcome> {
  const evolved = evolve(accepted, request.schema_source, request.data_loss, request.graph);
  if (evolved.tag === "invalid") return evolved;
  const unsupported = unsupportedSteps(evolved.plan, request.graph);
  if (unsupported.length > 0) return { tag: "invalid", diagnostics: unsupported };
  const named = schemaRecordOf(evolved.schema);
  const isKept = request.kept === named;
  const record = isKept
    ? ({ tag: "put", record: named } as const)
    : await putSchemaRecord(context, evolved.schema);
  if (record.tag === "unavailable") return record;
  const scope: DropScope =
    evolved.plan.steps.length === 0
      ? { kind: "purge" }
      : { kind: "step", dropped: droppedBetween(accepted.ir, evolved.schema.ir) };
  const tables: HardDropped = request.data_loss
    ? await dropHard(context, { head, operation_id: request.operation_id }, evolved.schema.ir, scope)
    : { tag: "staged", pins: head.tables };
  if (tables.tag === "unavailable") return tables;
  const published = await publishVerb(context, {
    ...successor(head, "migrate", request, context.clock),
    schema_digest: evolved.schema.digest,
    schema_record: record.record,
    tables: tables.pins,
  });
  if (published.tag === "done" && request.data_loss) await cleanUp(context, published.manifest);
  return published;
}
