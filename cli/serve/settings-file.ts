/** The settings of a server on this machine: what its file says, and for the rest what suits one machine. */
import { z } from "zod";
import type { LocalToken } from "../../lib/access/local-tokens.ts";
import { type DeploymentRules, LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import { DELETES_MAX_MAX } from "../../lib/ledger/limits.ts";
import type { DeploymentSettings } from "../../lib/work/deployment.ts";

export const SETTINGS_FORMAT_VERSION = 1;
/** An hour: there is no invocation that ends, only the patience of whoever waits for a turn. */
const INVOCATION_MS = 3_600_000;

const texts = z.record(z.string(), z.string());

const rules = z.strictObject({
  self_approval: z.enum(["refused", "allowed"]),
  access_widening: z.enum(["free", "gated"]),
  deletes_max: z.int().nonnegative().max(DELETES_MAX_MAX),
  delete_grace_ms: z.int().nonnegative(),
});

const shape = z.strictObject({
  format_version: z.literal(SETTINGS_FORMAT_VERSION),
  bootstrap_principal: z.string().min(1).nullable().optional(),
  issuers: texts.default({}),
  group_claims: texts.default({}),
  identity_map: texts.default({}),
  pinned_session_roles: z.array(z.string()).default([]),
  uploaders: texts.default({}),
  clusters: z.array(z.string()).nullable().default(null),
  rules: rules.partial().default({}),
  unbound_graph: z.enum(["deny", "read"]).default("deny"),
  invocation_ms: z.int().positive().default(INVOCATION_MS),
});

export type SettingsDecoded =
  | { readonly tag: "decoded"; readonly settings: DeploymentSettings }
  | { readonly tag: "invalid"; readonly problem: string };

/** `text` null: there is no file. Two people can hold two tokens, so one of them alone approves nothing of their own. */
export function decodeSettings(text: string | null, tokens: readonly LocalToken[]): SettingsDecoded {
  let document: unknown = { format_version: SETTINGS_FORMAT_VERSION };
  try {
    if (text !== null) document = JSON.parse(text);
  } catch {
    return { tag: "invalid", problem: "it is not JSON" };
  }
  const parsed = shape.safeParse(document);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return { tag: "invalid", problem: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is not valid"}` };
  }
  const [first] = tokens;
  const { bootstrap_principal = first === undefined ? null : `local:${first.name}` } = parsed.data;
  const merged: DeploymentRules = { ...rulesFor(tokens), ...definedRules(parsed.data.rules) };
  return { tag: "decoded", settings: { ...parsed.data, bootstrap_principal, rules: merged } };
}

function rulesFor(tokens: readonly LocalToken[]): DeploymentRules {
  const actors = new Set(tokens.map(({ actor }) => actor));
  return { ...LAPTOP_RULES, self_approval: actors.size > 1 ? "refused" : "allowed" };
}

function definedRules(given: z.output<typeof shape>["rules"]): Partial<DeploymentRules> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
