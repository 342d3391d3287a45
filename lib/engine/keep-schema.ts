/**
 * KeepSchema: the schema record of a migration, put before the migration is sent, beside its intent, so that publishing
 * need not wait for it (design 12). Best effort: what was not kept is put by the migration itself.
 */
import { evolve, unsupportedSteps } from "./accept-schema.ts";
import type { ChainContext } from "./context.ts";
import type { KeepSchemaRequest, SchemaKept } from "./engine.ts";
import { putSchemaRecord } from "./schema-record.ts";

export async function keepSchema(
  context: ChainContext,
  { on, schema_source }: KeepSchemaRequest,
): Promise<SchemaKept> {
  const { graph } = on.head;
  const evolved = evolve(on.schema, schema_source, false, graph);
  if (evolved.tag === "invalid" || unsupportedSteps(evolved.plan, graph).length > 0)
    return { tag: "not_kept" };
  const put = await putSchemaRecord(context, evolved.schema);
  return put.tag === "put" ? { tag: "kept", record: put.record } : { tag: "not_kept" };
}
