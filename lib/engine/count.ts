/** Count: rows per type of one version, read from its manifest alone. */
import type { ChainContext } from "./context.ts";
import type { CountOutcome, ReadRequest } from "./engine.ts";
import { readLive } from "./read-live.ts";
import { tableTypes } from "./schema-types.ts";

export async function count(context: ChainContext, request: ReadRequest): Promise<CountOutcome> {
  const read = await readLive(context, request);
  if (read.tag !== "read") return read;
  const rows = new Map(read.manifest.tables.map((pin) => [pin.type_id, pin.rows]));
  const counts = tableTypes(read.schema.ir).map((type) => ({
    type_kind: type.kind,
    type_name: type.name,
    rows: rows.get(type.type_id) ?? 0,
  }));
  return { tag: "counted", manifest: read.manifest, counts };
}
