/**
 * Sidecar: the recovery record of one graph-moving operation, written before its effect (spec/cluster 9.1, RFC D2,
 * invariant A1). OmniGraph's file, byte for byte: pretty JSON, all keys, one trailing LF, strict on read.
 *
 * `observed_manifest_version` is P, the head that the effect expects; the effect can only publish P + 1, so
 * `expected_manifest_version` is known before it is sent (null for a delete, as OmniGraph has it).
 */
import { z } from "zod";

export interface Sidecar {
  readonly schema_version: 1;
  readonly operation_id: string;
  readonly started_at: string;
  readonly actor: string | null;
  readonly kind: "graph_create" | "schema_apply" | "graph_delete";
  readonly graph_id: string;
  readonly graph_uri: string;
  readonly observed_manifest_version: number | null;
  readonly expected_manifest_version: number | null;
  readonly desired_schema_digest: string;
  readonly state_cas_base: string | null;
  readonly approval_id: string | null;
}

export function encodeSidecar(sidecar: Sidecar): Uint8Array {
  const ordered: Sidecar = {
    schema_version: 1,
    operation_id: sidecar.operation_id,
    started_at: sidecar.started_at,
    actor: sidecar.actor,
    kind: sidecar.kind,
    graph_id: sidecar.graph_id,
    graph_uri: sidecar.graph_uri,
    observed_manifest_version: sidecar.observed_manifest_version,
    expected_manifest_version: sidecar.expected_manifest_version,
    desired_schema_digest: sidecar.desired_schema_digest,
    state_cas_base: sidecar.state_cas_base,
    approval_id: sidecar.approval_id,
  };
  return new TextEncoder().encode(`${JSON.stringify(ordered, null, 2)}\n`);
}

const version = z.number().int().nonnegative().nullable().default(null);
const text = z.string().nullable().default(null);

const shape = z.strictObject({
  schema_version: z.literal(1),
  operation_id: z.string(),
  started_at: z.string(),
  actor: text,
  kind: z.enum(["graph_create", "schema_apply", "graph_delete"]),
  graph_id: z.string(),
  graph_uri: z.string(),
  observed_manifest_version: version,
  expected_manifest_version: version,
  desired_schema_digest: z.string(),
  state_cas_base: text,
  approval_id: text,
});

/** `graph_id` is given for a file that is broken but still names its graph, so that the graph can be blocked (W12). */
export type SidecarDecoded =
  | { readonly tag: "decoded"; readonly sidecar: Sidecar }
  | { readonly tag: "unknown_version"; readonly graph_id: string | null }
  | { readonly tag: "invalid"; readonly detail: string; readonly graph_id: string | null };

export function decodeSidecar(bytes: Uint8Array): SidecarDecoded {
  const json = parse(bytes);
  const graph = namedGraph(json);
  if (json === undefined) return { tag: "invalid", detail: "it is not JSON", graph_id: null };
  if (hasForeignVersion(json)) return { tag: "unknown_version", graph_id: graph };
  const parsed = shape.safeParse(json);
  if (parsed.success) return { tag: "decoded", sidecar: parsed.data };
  const detail = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
  return { tag: "invalid", detail, graph_id: graph };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

function namedGraph(json: unknown): string | null {
  if (typeof json !== "object" || json === null || !("graph_id" in json)) return null;
  return typeof json.graph_id === "string" && json.graph_id.trim() !== "" ? json.graph_id : null;
}

function hasForeignVersion(json: unknown): boolean {
  if (typeof json !== "object" || json === null || !("schema_version" in json)) return false;
  return typeof json.schema_version === "number" && json.schema_version !== 1;
}
