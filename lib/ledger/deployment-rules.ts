/**
 * DeploymentRules: what the deployment allows around the config: who may approve, what is gated, how much one run may
 * delete, and how long deleted rows are kept (design 6, 8). No config can loosen them, because no bundle holds them.
 *
 * On a folder they may lie in `__graphform/rules.json`, written by hand and never by a program; what the file does not
 * say is as on a laptop. A file that cannot be read or understood is an error, because rules that are guessed at are
 * none.
 */
import { z } from "zod";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { parseJsonBytes } from "./json-text.ts";
import { RULES_KEY } from "./keys.ts";
import { DELETE_GRACE_DAYS_MAX, DELETES_MAX_MAX } from "./limits.ts";
import { readObjectRetrying, type StorePorts } from "./retry.ts";

export const RULES_FORMAT_VERSION = 1;

const DAY_MS = 24 * 60 * 60 * 1000;

export interface DeploymentRules {
  /** May the submitter of a plan approve it? */
  readonly self_approval: "refused" | "allowed";
  /** Does a policy change that widens access need an approval? */
  readonly access_widening: "free" | "gated";
  /** Graph deletes that one apply runs without being told so explicitly. */
  readonly deletes_max: number;
  /** How long the rows of a deleted graph are kept and can be restored. */
  readonly delete_grace_ms: number;
}

/** One person, one machine. */
export const LAPTOP_RULES: DeploymentRules = {
  self_approval: "allowed",
  access_widening: "free",
  deletes_max: 3,
  delete_grace_ms: 7 * DAY_MS,
};

export type RulesDecoding =
  | { readonly tag: "decoded"; readonly rules: DeploymentRules }
  | { readonly tag: "invalid"; readonly problem: string };

export type RulesRead =
  | { readonly tag: "rules"; readonly rules: DeploymentRules }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

const shape = z.strictObject({
  format_version: z.literal(RULES_FORMAT_VERSION),
  self_approval: z.enum(["refused", "allowed"]).default(LAPTOP_RULES.self_approval),
  access_widening: z.enum(["free", "gated"]).default(LAPTOP_RULES.access_widening),
  deletes_max: z.int().nonnegative().max(DELETES_MAX_MAX).default(LAPTOP_RULES.deletes_max),
  delete_grace_days: z
    .number()
    .nonnegative()
    .max(DELETE_GRACE_DAYS_MAX)
    .default(LAPTOP_RULES.delete_grace_ms / DAY_MS),
});

/** The bytes of the file that says `rules`. */
export function encodeRules(rules: DeploymentRules): Uint8Array {
  const { self_approval, access_widening, deletes_max, delete_grace_ms } = rules;
  const delete_grace_days = delete_grace_ms / DAY_MS;
  const format_version = RULES_FORMAT_VERSION;
  const document = { format_version, self_approval, access_widening, deletes_max, delete_grace_days };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

/** The rules in `bytes`, or what is wrong with them. */
export function decodeRules(bytes: Uint8Array): RulesDecoding {
  const document = parseJsonBytes(bytes);
  if (document.tag === "invalid") return { tag: "invalid", problem: document.message };
  const parsed = shape.safeParse(document.value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = issue === undefined || issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
    return { tag: "invalid", problem: `${place}${issue?.message ?? "it is not valid"}` };
  }
  const { self_approval, access_widening, deletes_max, delete_grace_days } = parsed.data;
  const delete_grace_ms = Math.round(delete_grace_days * DAY_MS);
  return { tag: "decoded", rules: { self_approval, access_widening, deletes_max, delete_grace_ms } };
}

/** The rules of the deployment at the storage root; `defaults` where there is no file. */
export async function readRules(ports: StorePorts, defaults: DeploymentRules): Promise<RulesRead> {
  const stored = await readObjectRetrying(ports, RULES_KEY);
  switch (stored.tag) {
    case "absent":
      return { tag: "rules", rules: defaults };
    case "unavailable":
      return refused(`could not be read: ${stored.reason}`);
    case "found": {
      const decoded = decodeRules(stored.bytes);
      if (decoded.tag === "invalid") return refused(`are not valid: ${decoded.problem}`);
      return { tag: "rules", rules: decoded.rules };
    }
    default:
      return assertNever(stored);
  }
}

function refused(what: string): RulesRead {
  const message = `The rules of the deployment ${what}.`;
  return {
    tag: "refused",
    diagnostics: [diagnostic("deployment_rules_invalid", { path: RULES_KEY, message })],
  };
}
