/**
 * Manifests as bytes: compact JSON in the order of manifest.ts, one line feed at the end (design 6). The format is
 * for ever; a golden test holds it.
 *
 * Guarantees: decoding is strict: unknown keys, wrong types, a body that does not fit its key, and everything that
 * `manifestFault` finds are `corrupt`; only a greater `format_version` is `newer_format`, which a newer Graphform
 * wrote and this one must leave alone. What is encoded can be decoded.
 */
import { z } from "zod";
import { assert } from "../digest/assert.ts";
import type { Digest } from "../digest/digest.ts";
import { type GraphId, type IncarnationId, isUlid, type OperationId, type RunId } from "../digest/ids.ts";
import { MANIFEST_BYTES_MAX } from "./limits.ts";
import { MANIFEST_FORMAT_VERSION, type Manifest } from "./manifest.ts";
import { parseJsonObject } from "./parse-json.ts";
import { manifestFault } from "./verify-manifest.ts";

export type ManifestDecoded =
  | { readonly tag: "decoded"; readonly manifest: Manifest }
  | { readonly tag: "newer_format"; readonly detail: string }
  | { readonly tag: "corrupt"; readonly detail: string };

const ulid = z.string().refine(isUlid, "is not an id");
const count = z.number().int().nonnegative();
const digest = z.string().regex(/^[0-9a-f]{64}$/);

const PIN = z.strictObject({
  type_id: count,
  path: z.string(),
  branch: z.string().nullable(),
  lance_version: count,
  rows: count,
});

const DEAD = z.strictObject({ incarnation: ulid, since: count, reclaiming: z.boolean() });

const MANIFEST = z.strictObject({
  format_version: z.literal(MANIFEST_FORMAT_VERSION),
  graph: z.string(),
  version: count,
  cause: z.enum(["create", "migrate", "load", "remove", "fence", "restore", "reclaim", "compact"]),
  state: z.enum(["never", "live", "deleted"]),
  incarnation: ulid.nullable(),
  operation_id: z.string().min(1),
  run_id: z.string().min(1),
  actor: z.string().nullable(),
  at: z.iso.datetime(),
  schema_digest: digest.nullable(),
  schema_record: digest.nullable(),
  tables: z.array(PIN),
  rows_written: count,
  dead: z.array(DEAD),
});

/** The bytes of a manifest. An invalid manifest is a bug of the caller. */
export function encodeManifest(manifest: Manifest): Uint8Array {
  const fault = manifestFault(manifest);
  assert(fault === null, `manifest ${manifest.version} of ${manifest.graph} is invalid: ${fault ?? ""}`);
  return new TextEncoder().encode(`${JSON.stringify(ordered(manifest))}\n`);
}

/** The manifest in the bytes found under the key of that graph and version. */
export function decodeManifest(graph: GraphId, version: number, bytes: Uint8Array): ManifestDecoded {
  const json = parseJsonObject(bytes, MANIFEST_BYTES_MAX);
  if (json.tag === "broken") return corrupt(version, json.detail);
  const format = json.value["format_version"];
  if (typeof format === "number" && format > MANIFEST_FORMAT_VERSION) {
    return { tag: "newer_format", detail: `manifest ${version} has format version ${format}` };
  }
  const parsed = MANIFEST.safeParse(json.value);
  if (!parsed.success) return corrupt(version, firstIssue(parsed.error));
  const manifest = branded(parsed.data);
  if (manifest.graph !== graph) return corrupt(version, `it belongs to graph ${manifest.graph}`);
  if (manifest.version !== version) return corrupt(version, `it says that it is version ${manifest.version}`);
  const fault = manifestFault(manifest);
  return fault === null ? { tag: "decoded", manifest } : corrupt(version, fault);
}

function corrupt(version: number, detail: string): ManifestDecoded {
  return { tag: "corrupt", detail: `manifest ${version} cannot be read: ${detail}` };
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return issue ? `${issue.path.join(".") || "the document"}: ${issue.message}` : "it has a wrong shape";
}

function branded(data: z.infer<typeof MANIFEST>): Manifest {
  return {
    ...data,
    graph: data.graph as GraphId,
    incarnation: data.incarnation as IncarnationId | null,
    operation_id: data.operation_id as OperationId,
    run_id: data.run_id as RunId,
    schema_digest: data.schema_digest as Digest | null,
    schema_record: data.schema_record as Digest | null,
    dead: data.dead.map((each) => ({ ...each, incarnation: each.incarnation as IncarnationId })),
  };
}

/** The fields in the order of the format, whatever order the value has them in. */
function ordered(manifest: Manifest): Manifest {
  return {
    format_version: manifest.format_version,
    graph: manifest.graph,
    version: manifest.version,
    cause: manifest.cause,
    state: manifest.state,
    incarnation: manifest.incarnation,
    operation_id: manifest.operation_id,
    run_id: manifest.run_id,
    actor: manifest.actor,
    at: manifest.at,
    schema_digest: manifest.schema_digest,
    schema_record: manifest.schema_record,
    tables: manifest.tables.map((pin) => ({
      type_id: pin.type_id,
      path: pin.path,
      branch: pin.branch,
      lance_version: pin.lance_version,
      rows: pin.rows,
    })),
    rows_written: manifest.rows_written,
    dead: manifest.dead.map((each) => ({
      incarnation: each.incarnation,
      since: each.since,
      reclaiming: each.reclaiming,
    })),
  };
}
