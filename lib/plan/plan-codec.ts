/**
 * Reading a plan document that someone hands us: a file or a stored object (design 5). Strict about what apply relies
 * on, tolerant of nothing: a plan that is not exactly of a known version is refused, never guessed.
 */
import { z } from "zod";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { PLAN_FORMAT_VERSION, type PlanDocument } from "./plan-document.ts";

export type PlanDecoded =
  | { readonly tag: "decoded"; readonly plan: PlanDocument }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

const nullableText = z.string().nullable();

const change = z.looseObject({
  resource: z.string(),
  operation: z.enum(["create", "update", "delete"]),
  before_digest: z.string().optional(),
  after_digest: z.string().optional(),
  disposition: z.enum(["applied", "derived", "deferred", "blocked"]),
  reason: z.string().optional(),
});

const document = z.looseObject({
  format_version: z.literal(PLAN_FORMAT_VERSION),
  plan_id: z.string(),
  run_id: z.string(),
  created_at: z.string(),
  actor: nullableText,
  made_from: z.looseObject({
    config_digest: z.string(),
    bundle_digest: z.string(),
    state_revision: z.number(),
    state_cas: nullableText,
  }),
  targets: z.array(z.string()).nullable(),
  changes: z.array(change),
  dependencies: z.array(z.looseObject({ from: z.string(), to: z.string() })),
  blast_radius: z.array(z.looseObject({ resource: z.string(), affected: z.array(z.string()) })),
  approvals_required: z.array(
    z.looseObject({ resource: z.string(), reason: z.string(), satisfied: z.boolean() }),
  ),
  preconditions: z.array(
    z.looseObject({
      address: z.string(),
      ledger_digest: nullableText,
      incarnation: nullableText,
      live_schema_digest: nullableText,
      manifest_version: z.number().nullable(),
    }),
  ),
  diagnostics: z.array(z.looseObject({ code: z.string(), severity: z.string(), message: z.string() })),
});

/** The plan in `text`, or why it is none. `source` names it in diagnostics. */
export function decodePlan(text: string, source: string): PlanDecoded {
  const json = parseJson(text);
  if (json === undefined) return invalid(source, `${source} is not a plan: it is not JSON`);
  const version = versionOf(json);
  if (version !== PLAN_FORMAT_VERSION) {
    return invalid(
      source,
      `${source} has plan format version ${JSON.stringify(version)}; this program reads 1`,
    );
  }
  const parsed = document.safeParse(json);
  if (parsed.success) return { tag: "decoded", plan: json as unknown as PlanDocument };
  const issues = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  return {
    tag: "invalid",
    diagnostics: issues.map((issue) => planInvalid(source, `${source} is damaged: ${issue}`)),
  };
}

function versionOf(json: unknown): unknown {
  return typeof json === "object" && json !== null && "format_version" in json
    ? json.format_version
    : undefined;
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
