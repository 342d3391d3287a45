/**
 * Reading a plan document that someone hands us: a file or a stored object (design 5). Strict: a document of another
 * version, with an unknown field or without a known one is refused, never guessed. What apply never decides on (the
 * fields of a migration step beyond its kind, the access diff) is carried as it is.
 *
 * `encodePlan(decodePlan(text)) = text` for every text that `encodePlan` wrote.
 */
import { z } from "zod";
import { type Address, parseAddress } from "../desired/address.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import {
  type GraphId,
  type IncarnationId,
  isUlid,
  type PlanId,
  parseGraphId,
  type RunId,
} from "../digest/ids.ts";
import type { AccessDiff } from "../policy/diff.ts";
import type { MigrationStep } from "../schema/migration.ts";
import type { ChangeReason } from "./change.ts";
import { PLAN_BYTES_MAX } from "./limits.ts";
import { PLAN_FORMAT_VERSION, type PlanDocument } from "./plan-document.ts";
import { isChangeReason } from "./reason-text.ts";

export type PlanDecoded =
  | { readonly tag: "decoded"; readonly plan: PlanDocument }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

const nullableText = z.string().nullable();
const count = z.int().nonnegative();
const ulid = z.string().refine(isUlid, "is not a ULID");
const address = z
  .string()
  .refine((text) => parseAddress(text) !== null, "is not a resource address")
  .transform((text) => text as Address);
const graphId = z
  .string()
  .refine((text) => parseGraphId(text) !== null, "is not a graph id")
  .transform((text) => text as GraphId);

const step = z.custom<MigrationStep>(
  (value) => isObject(value) && typeof value["kind"] === "string",
  "is not a migration step",
);

const impact = z.strictObject({
  step: count,
  type_kind: z.enum(["node", "edge", "interface"]),
  type_name: z.string(),
  rows: count,
  values_lost: count,
  violations: count,
  violating_ids: z.array(z.string()),
});

const change = z.strictObject({
  resource: address,
  operation: z.enum(["create", "update", "delete"]),
  before_digest: z.string().exactOptional(),
  after_digest: z.string().exactOptional(),
  disposition: z.enum(["applied", "derived", "deferred", "blocked"]),
  reason: z.custom<ChangeReason>(isChangeReason, "is not a reason").exactOptional(),
  binding_change: z.literal(true).exactOptional(),
  metadata_change: z.enum(["policy_bindings", "embedding_profile"]).exactOptional(),
  bound_to: z.array(z.string()).exactOptional(),
  rebound: z.literal(true).exactOptional(),
  purge: z.literal(true).exactOptional(),
  data_loss: z.literal(true).exactOptional(),
  migration: z
    .strictObject({ supported: z.boolean(), steps: z.array(step), impact: z.array(impact) })
    .exactOptional(),
  only_file_changed: z.literal(true).exactOptional(),
  rows: count.nullable().exactOptional(),
  access: z.custom<AccessDiff>(isObject, "is not an access diff").exactOptional(),
});

const document = z.strictObject({
  format_version: z.literal(PLAN_FORMAT_VERSION),
  plan_id: ulid.transform((text) => text as PlanId),
  run_id: ulid.transform((text) => text as RunId),
  created_at: z.string(),
  actor: nullableText,
  made_from: z.strictObject({
    config_digest: z.string(),
    bundle_digest: z.string(),
    state_revision: count,
    state_cas: nullableText,
  }),
  targets: z.array(graphId).nullable(),
  changes: z.array(change),
  dependencies: z.array(z.strictObject({ from: address, to: address })),
  blast_radius: z.array(z.strictObject({ resource: address, affected: z.array(address) })),
  approvals_required: z.array(
    z.strictObject({ resource: address, reason: z.string(), satisfied: z.boolean() }),
  ),
  preconditions: z.array(
    z.strictObject({
      address,
      ledger_digest: nullableText,
      incarnation: ulid.transform((text) => text as IncarnationId).nullable(),
      live_schema_digest: nullableText,
      manifest_version: count.nullable(),
    }),
  ),
  diagnostics: z.array(z.custom<Diagnostic>(isDiagnostic, "is not a diagnostic")),
});

/** The plan in `text`, or why it is none. `source` names it in diagnostics. */
export function decodePlan(text: string, source: string): PlanDecoded {
  if (text.length > PLAN_BYTES_MAX) {
    return invalid(source, `${source} is not a plan: it is longer than ${PLAN_BYTES_MAX} bytes`);
  }
  const json = parseJson(text);
  if (json === undefined) return invalid(source, `${source} is not a plan: it is not JSON`);
  const version = isObject(json) ? json["format_version"] : undefined;
  if (version !== PLAN_FORMAT_VERSION) {
    const given = version === undefined ? "no format version" : `format version ${JSON.stringify(version)}`;
    return invalid(source, `${source} has ${given}; this program reads plans of version 1`);
  }
  const parsed = document.safeParse(json);
  if (parsed.success) return { tag: "decoded", plan: parsed.data };
  const issues = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  return {
    tag: "invalid",
    diagnostics: issues.map((issue) => planInvalid(source, `${source} is damaged: ${issue}`)),
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isDiagnostic(value: unknown): boolean {
  if (!isObject(value)) return false;
  const texts = [value["code"], value["severity"], value["path"], value["message"]];
  return texts.every((text) => typeof text === "string");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function invalid(source: string, message: string): PlanDecoded {
  return { tag: "invalid", diagnostics: [planInvalid(source, message)] };
}

function planInvalid(source: string, message: string): Diagnostic {
  return diagnostic("plan_invalid", { path: source, message });
}
