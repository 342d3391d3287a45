/**
 * The settings of a server on this machine: those of a file, or what suits one machine. Either way somebody must be able
 * to begin, so where nobody is named the first token may.
 */
import { readFileSync } from "node:fs";
import type { LocalToken } from "../../lib/access/local-tokens.ts";
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import type { DeploymentSettings } from "../../lib/worker/deployment.ts";
import { decodeSettings } from "../../lib/worker/settings.ts";
import { fileProblem, fileReason } from "../verbs/file-problem.ts";

/** An hour: there is no invocation that ends, only the patience of whoever waits for a turn. */
const INVOCATION_MS = 3_600_000;

export type LocalSettings =
  | { readonly tag: "settings"; readonly settings: DeploymentSettings }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

/** `file` null: what suits one machine. */
export function localSettings(file: string | null, tokens: readonly LocalToken[]): LocalSettings {
  if (file === null) return { tag: "settings", settings: begunBy(tokens, oneMachine(tokens)) };
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    return { tag: "refused", diagnostics: [fileProblem(file, fileReason(error))] };
  }
  const decoded = decodeSettings(bytes);
  if (decoded.tag === "decoded") return { tag: "settings", settings: begunBy(tokens, decoded.settings) };
  const problem = decoded.diagnostics.map(({ path, message }) => `${path}: ${message}`).join(" ");
  const message = `${file} does not say how the deployment is set: ${problem}`;
  return { tag: "refused", diagnostics: [diagnostic("serve_file_invalid", { path: file, message })] };
}

/** Where there are two people, neither approves what is their own. */
function oneMachine(tokens: readonly LocalToken[]): DeploymentSettings {
  const people = new Set(tokens.map(({ actor }) => actor));
  return {
    format_version: 1,
    bootstrap_principal: null,
    issuers: {},
    group_claims: {},
    identity_map: {},
    pinned_session_roles: [],
    uploaders: {},
    clusters: null,
    rules: { ...LAPTOP_RULES, self_approval: people.size > 1 ? "refused" : "allowed" },
    unbound_graph: "deny",
    invocation_ms: INVOCATION_MS,
  };
}

function begunBy(tokens: readonly LocalToken[], settings: DeploymentSettings): DeploymentSettings {
  const [first] = tokens;
  const actors = Object.fromEntries(tokens.map(({ name, actor }) => [`local:${name}`, actor]));
  const known = { ...settings, identity_map: { ...settings.identity_map, ...actors } };
  if (settings.bootstrap_principal !== null || first === undefined) return known;
  return { ...known, bootstrap_principal: `local:${first.name}` };
}
