/**
 * Schema records: `__graphform/schemas/<digest>.json`, source and identities of an accepted schema, once (design 3),
 * and a copy of it in the catalog, `__cluster/resources/schema/<digest>.json`: identities follow from nothing else, so
 * without them the rows of a graph could never be read again, and all that lies below one prefix is easily lost at
 * once. A graph can be read as long as one of the two is whole. OmniGraph never looks at either.
 *
 * Guarantees: content addressed: the name is the SHA-256 of the bytes, which is checked whenever one is read, so a
 * record can be put any number of times and never changes its meaning. The IR is embedded as its own compact JSON
 * text, because its 64-bit integers would not survive a plain JSON parser. The format is held by a golden test.
 */
import { z } from "zod";
import { type Digest, sha256 } from "../digest/digest.ts";
import type { StoreKey } from "../ports/object-store.ts";
import { decodeIr, encodeIr } from "../schema/ir-codec.ts";
import type { ChainContext } from "./context.ts";
import type { AcceptedSchema } from "./engine.ts";
import { SCHEMA_CACHE_ENTRIES_MAX, SCHEMA_RECORD_BYTES_MAX } from "./limits.ts";
import type { Manifest } from "./manifest.ts";
import { parseJsonObject } from "./parse-json.ts";
import { schemaCopyKey, schemaRecordKey } from "./paths.ts";
import { getObject, putOnce } from "./repeat.ts";

const SCHEMA_RECORD_FORMAT_VERSION = 1;

export type SchemaRecordRead =
  | { readonly tag: "found"; readonly schema: AcceptedSchema }
  | { readonly tag: "broken"; readonly reason: "corrupt" | "newer_format"; readonly detail: string }
  | { readonly tag: "unavailable"; readonly reason: string };

export type SchemaRecordPut =
  | { readonly tag: "put"; readonly record: Digest }
  | { readonly tag: "unavailable"; readonly reason: string };

const RECORD = z.strictObject({
  format_version: z.literal(SCHEMA_RECORD_FORMAT_VERSION),
  schema_digest: z.string(),
  source: z.string(),
  ir: z.string(),
});

export function encodeSchemaRecord(schema: AcceptedSchema): Uint8Array {
  const record = {
    format_version: SCHEMA_RECORD_FORMAT_VERSION,
    schema_digest: schema.digest,
    source: schema.source,
    ir: encodeIr(schema.ir),
  };
  return new TextEncoder().encode(`${JSON.stringify(record)}\n`);
}

/** The schema in the bytes that were found under the name. */
export function decodeSchemaRecord(record: Digest, bytes: Uint8Array): SchemaRecordRead {
  if (sha256(bytes) !== record) return corrupt(record, "its content does not fit its name");
  const json = parseJsonObject(bytes, SCHEMA_RECORD_BYTES_MAX);
  if (json.tag === "broken") return corrupt(record, json.detail);
  const format = json.value["format_version"];
  if (typeof format === "number" && format > SCHEMA_RECORD_FORMAT_VERSION) {
    const detail = `schema record ${record} has format version ${format}`;
    return { tag: "broken", reason: "newer_format", detail };
  }
  const parsed = RECORD.safeParse(json.value);
  if (!parsed.success) return corrupt(record, "it has a wrong shape");
  const { source, schema_digest } = parsed.data;
  const digest = sha256(source);
  if (digest !== schema_digest) return corrupt(record, "its source does not fit its digest");
  const ir = decodeIr(parsed.data.ir);
  if (ir.tag !== "decoded") return corrupt(record, "its identities cannot be read");
  return { tag: "found", schema: { source, digest, ir: ir.ir } };
}

/** The name of the record of a schema. */
export function schemaRecordOf(schema: AcceptedSchema): Digest {
  return sha256(encodeSchemaRecord(schema));
}

/** Puts the record and its copy where they are not there. */
export async function putSchemaRecord(
  context: ChainContext,
  schema: AcceptedSchema,
): Promise<SchemaRecordPut> {
  const bytes = encodeSchemaRecord(schema);
  const record = sha256(bytes);
  const puts = await Promise.all(
    [schemaRecordKey(record), schemaCopyKey(record)].map((key) => putOnce(context, key, bytes)),
  );
  for (const put of puts) {
    if (put.tag === "done" || put.tag === "refused") continue;
    const reason = put.tag === "conflict" ? "the store decided nothing" : put.reason;
    return { tag: "unavailable", reason: `the schema record could not be put: ${reason}` };
  }
  remember(context, record, schema);
  return { tag: "put", record };
}

/** The schema that a live manifest names. */
export async function readSchemaRecord(context: ChainContext, manifest: Manifest): Promise<SchemaRecordRead> {
  const record = manifest.schema_record;
  if (record === null) return { tag: "broken", reason: "corrupt", detail: "the manifest names no schema" };
  const known = context.schemas.get(record);
  if (known) return { tag: "found", schema: known };
  const first = await readAt(context, schemaRecordKey(record), record);
  // A newer format is no damage: the copy has the same bytes.
  const damaged = first.tag === "broken" && first.reason === "corrupt";
  const copy = damaged ? await readAt(context, schemaCopyKey(record), record) : first;
  const decoded = copy.tag === "broken" ? first : copy;
  if (decoded.tag !== "found") return decoded;
  if (decoded.schema.digest !== manifest.schema_digest) {
    return corrupt(record, `it is not the schema that manifest ${manifest.version} was written under`);
  }
  remember(context, record, decoded.schema);
  return decoded;
}

async function readAt(context: ChainContext, key: StoreKey, record: Digest): Promise<SchemaRecordRead> {
  const found = await getObject(context, key);
  if (found.tag === "unavailable") return found;
  if (found.tag === "absent") return corrupt(record, "it is not there");
  return decodeSchemaRecord(record, found.bytes);
}

function remember(context: ChainContext, record: Digest, schema: AcceptedSchema): void {
  if (context.schemas.size >= SCHEMA_CACHE_ENTRIES_MAX) context.schemas.clear();
  context.schemas.set(record, schema);
}

function corrupt(record: Digest, detail: string): SchemaRecordRead {
  return { tag: "broken", reason: "corrupt", detail: `schema record ${record} cannot be used: ${detail}` };
}
