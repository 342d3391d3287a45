/**
 * `graphform policy explain`: how a request would be decided under the policies of the config folder, and why
 * (spec/policy 1.6, 5.10). Hermetic like validate; what is deployed may differ until it is applied.
 */
import type { Desired, DesiredPolicy } from "../../lib/desired/desired.ts";
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import type { PolicyAction } from "../../lib/policy/action.ts";
import type { PolicyBundle } from "../../lib/policy/bundle.ts";
import type { ControlFacts } from "../../lib/policy/control-facts.ts";
import type { PolicyRequest } from "../../lib/policy/decide.ts";
import { type Explanation, explainDecision } from "../../lib/policy/explain.ts";
import type { QueryRef } from "../../lib/policy/query-scope.ts";
import type { PolicyScope } from "../../lib/policy/scope.ts";
import { bindingOf } from "../../lib/policy/scope.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openDesired } from "../open-config.ts";
import { printableFields } from "../render/printable.ts";
import { failure } from "./verb-failure.ts";

export interface ExplainFlags {
  readonly actor: string;
  readonly action: PolicyAction;
  /** Null: the policy of the cluster. */
  readonly graph?: string | undefined;
  readonly claim?: readonly string[] | undefined;
  readonly branch?: string | undefined;
  readonly targetBranch?: string | undefined;
  readonly query?: string | undefined;
  readonly viaStoredQuery?: boolean | undefined;
  readonly facts: ControlFacts;
}

const EXPLAIN_FORMAT_VERSION = 1;

export async function explainPolicy(context: CommandContext, flags: ExplainFlags): Promise<ExitCode> {
  const desired = await openDesired(context.config_dir);
  const scope: PolicyScope =
    flags.graph === undefined
      ? { kind: "server", cluster: desired.settings?.name ?? "" }
      : { kind: "graph", graph: flags.graph };
  const found = policyOf(desired, scope);
  if (found.tag === "problem") return failure(context, "policy explain", found.diagnostics);
  const request = requestOf(flags, desired);
  const explanation = explainDecision(found.bundle, scope, request, flags.facts);
  const { decision } = explanation;
  if (decision.tag === "failed") {
    const problem = diagnostic("policy_cedar_invalid", {
      path: found.policy.path,
      message: decision.message,
    });
    return failure(context, "policy explain", [problem]);
  }
  if (context.json) printJson(context, explainOutput(found.policy, scope, request, explanation));
  else printLines(context, explainLines(printableFields(request), printableFields(explanation)));
  return 0;
}

type PolicyFound =
  | { readonly tag: "found"; readonly policy: DesiredPolicy; readonly bundle: PolicyBundle }
  | { readonly tag: "problem"; readonly diagnostics: readonly Diagnostic[] };

function policyOf(desired: Desired, scope: PolicyScope): PolicyFound {
  const binding = bindingOf(scope);
  for (const policy of desired.resources.values()) {
    if (policy.kind !== "policy" || !policy.applies_to.includes(binding)) continue;
    if (policy.bundle !== null) return { tag: "found", policy, bundle: policy.bundle };
  }
  if (!desired.ok) return { tag: "problem", diagnostics: desired.diagnostics };
  const message = `No policy of the config applies to ${binding}, so that nobody is allowed anything there.`;
  return { tag: "problem", diagnostics: [diagnostic("policy_unbound", { path: "policies", message })] };
}

function requestOf(flags: ExplainFlags, desired: Desired): PolicyRequest {
  return {
    actor: flags.actor,
    action: flags.action,
    claim_groups: flags.claim,
    branch: flags.branch,
    target_branch: flags.targetBranch,
    query: flags.query === undefined ? null : queryOf(flags.query, flags.graph, desired),
    via_stored_query: flags.viaStoredQuery,
  };
}

/** A query that the graph does not have is taken for a read, as one would be that is added. */
function queryOf(name: string, graph: string | undefined, desired: Desired): QueryRef {
  for (const each of desired.resources.values()) {
    if (each.kind !== "query" || each.graph !== graph || each.name !== name) continue;
    return { name, mutation: each.facts?.kind === "mutation" };
  }
  return { name, mutation: false };
}

/** The lines of spec/policy 1.6, in its order. */
function explainLines(request: PolicyRequest, { decision }: Explanation): readonly string[] {
  const fact = (key: string, value: string | null | undefined) => (value ? [`${key}: ${value}`] : []);
  return [
    `decision: ${decision.tag}`,
    `actor: ${request.actor}`,
    `action: ${request.action}`,
    ...fact("branch", request.branch),
    ...fact("target_branch", request.target_branch),
    ...fact("matched_rule", decision.matched_rule),
    `message: ${decision.message}`,
  ];
}

function explainOutput(
  policy: DesiredPolicy,
  scope: PolicyScope,
  request: PolicyRequest,
  { decision, groups, candidates }: Explanation,
) {
  return {
    format_version: EXPLAIN_FORMAT_VERSION,
    decision: decision.tag,
    actor: request.actor,
    groups,
    action: request.action,
    resource: request.query ? `query.${scopeName(scope)}.${request.query.name}` : bindingOf(scope),
    matched_rule: decision.matched_rule,
    determining: decision.rules,
    message: decision.message,
    policy: policy.address,
    policy_digest: policy.digest,
    candidates,
  };
}

function scopeName(scope: PolicyScope): string {
  return scope.kind === "graph" ? scope.graph : "";
}
