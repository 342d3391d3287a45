/**
 * The settings of a deployment as a document: what its operator decides, and no bundle can change. The stack writes it,
 * `graphform serve` reads it from a file. What it does not say is the safer of what it could say.
 *
 * Guarantees: reading is strict, and all problems come at once, each with its path. `decode(encode(s)) = s`.
 */
import { z } from "zod";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { parseClusterName } from "../digest/ids.ts";
import { parseJsonBytes } from "../ledger/json-text.ts";
import { DELETE_GRACE_DAYS_MAX, DELETES_MAX_MAX } from "../ledger/limits.ts";
import type { DeploymentSettings } from "./deployment.ts";
import { SETTINGS_BYTES_MAX } from "./limits.ts";

export const SETTINGS_FORMAT_VERSION = 1;

const DAY_MS = 24 * 60 * 60 * 1000;
const TEN_MINUTES_MS = 10 * 60 * 1000;

export type SettingsDecoding =
  | { readonly tag: "decoded"; readonly settings: DeploymentSettings }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

const texts = z.record(z.string().min(1), z.string().min(1));

const rules = z.strictObject({
  self_approval: z.enum(["refused", "allowed"]).default("refused"),
  access_widening: z.enum(["free", "gated"]).default("free"),
  deletes_max: z.int().nonnegative().max(DELETES_MAX_MAX).default(3),
  delete_grace_ms: z
    .int()
    .nonnegative()
    .max(DELETE_GRACE_DAYS_MAX * DAY_MS)
    .default(7 * DAY_MS),
});

const shape = z.strictObject({
  format_version: z.literal(SETTINGS_FORMAT_VERSION),
  bootstrap_principal: z.string().min(1).nullable().default(null),
  issuers: texts.default({}),
  group_claims: texts.default({}),
  identity_map: texts.default({}),
  pinned_session_roles: z.array(z.string().min(1)).default([]),
  uploaders: texts.default({}),
  clusters: z
    .array(z.string().refine((name) => parseClusterName(name) !== null, "is not the name of a cluster"))
    .nullable()
    .default(null),
  rules: rules.prefault({}),
  unbound_graph: z.enum(["deny", "read"]).default("deny"),
  invocation_ms: z.int().min(60_000).default(TEN_MINUTES_MS),
});

export function encodeSettings(settings: DeploymentSettings): Uint8Array {
  const { self_approval, access_widening, deletes_max, delete_grace_ms } = settings.rules;
  const document: DeploymentSettings = {
    format_version: SETTINGS_FORMAT_VERSION,
    bootstrap_principal: settings.bootstrap_principal,
    issuers: settings.issuers,
    group_claims: settings.group_claims,
    identity_map: settings.identity_map,
    pinned_session_roles: settings.pinned_session_roles,
    uploaders: settings.uploaders,
    clusters: settings.clusters,
    rules: { self_approval, access_widening, deletes_max, delete_grace_ms },
    unbound_graph: settings.unbound_graph,
    invocation_ms: settings.invocation_ms,
  };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

/** The settings in `bytes`, or everything that is wrong with them. */
export function decodeSettings(bytes: Uint8Array): SettingsDecoding {
  if (bytes.length > SETTINGS_BYTES_MAX) {
    return invalid([problem("settings", `They are longer than ${SETTINGS_BYTES_MAX} bytes.`)]);
  }
  const document = parseJsonBytes(bytes);
  if (document.tag === "invalid") {
    const { message, line, column } = document;
    return invalid([problem("settings", `They are no JSON: ${message} (line ${line}, column ${column}).`)]);
  }
  const parsed = shape.safeParse(document.value);
  if (parsed.success) return withAliases(parsed.data);
  return invalid(parsed.error.issues.flatMap(problemsOf));
}

function problemsOf(issue: z.core.$ZodIssue): readonly Diagnostic[] {
  const at = ["settings", ...issue.path.map(String)].join(".");
  if (issue.code !== "unrecognized_keys") return [problem(at, `${issue.message}.`)];
  return issue.keys.map((key) => problem(`${at}.${key}`, "There is no such setting."));
}

/** Two issuers of one alias would be one to every policy; groups of an alias that no issuer has are nobody's. */
function withAliases(settings: DeploymentSettings): SettingsDecoding {
  const aliases = Object.values(settings.issuers);
  const twice = Object.entries(settings.issuers).flatMap(([issuer, alias], index) =>
    aliases.indexOf(alias) === index
      ? []
      : [problem(`settings.issuers.${issuer}`, `The alias "${alias}" belongs to another issuer already.`)],
  );
  const nobodys = Object.keys(settings.group_claims).flatMap((alias) =>
    aliases.includes(alias)
      ? []
      : [problem(`settings.group_claims.${alias}`, `No issuer has the alias "${alias}".`)],
  );
  const problems = [...twice, ...nobodys];
  return problems.length === 0 ? { tag: "decoded", settings } : invalid(problems);
}

function invalid(diagnostics: readonly Diagnostic[]): SettingsDecoding {
  return { tag: "invalid", diagnostics };
}

function problem(path: string, message: string): Diagnostic {
  return diagnostic("settings_invalid", { path, message });
}
