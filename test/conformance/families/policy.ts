/** Policy bundles: each case gives a bundle to a loader and says whether it holds, and how requests are decided. */
import { parseAction } from "../../../lib/policy/action.ts";
import { createPolicyEngine } from "../../../lib/policy/decide.ts";
import { checkBindingKind } from "../../../lib/policy/kind.ts";
import { parsePolicy } from "../../../lib/policy/parse.ts";
import type { PolicyScope } from "../../../lib/policy/scope.ts";
import type { CaseResult, ConformanceCase, RunCase } from "../family.ts";

interface DecisionFacts {
  readonly actor: string;
  readonly action: string;
  readonly branch?: string | null;
  readonly target_branch?: string | null;
  readonly allowed: boolean;
  readonly matched_rule_id?: string | null;
}

interface PolicyCase extends ConformanceCase {
  readonly policy_yaml: string;
  /** `load_graph` and `load_server` bind the bundle; every other entry takes it as it is. */
  readonly entry: string;
  readonly expect: "accept" | "reject";
  readonly graph?: string;
  readonly error_contains?: readonly string[];
  readonly error_contains_any?: readonly string[];
  readonly decisions?: readonly DecisionFacts[];
}

const failed = (detail: string): CaseResult => ({ tag: "failed", detail });

export const runCase: RunCase = async (testCase) => {
  const facts = testCase as PolicyCase;
  const parsed = parsePolicy(facts.policy_yaml, "policy.yaml");
  if (parsed.tag === "invalid")
    return judgeRefusal(
      facts,
      parsed.diagnostics.map((each) => each.message),
    );
  const kind = facts.entry === "load_graph" ? "graph" : facts.entry === "load_server" ? "cluster" : null;
  const refused = kind === null ? [] : checkBindingKind(parsed.bundle, kind);
  if (refused.length > 0)
    return judgeRefusal(
      facts,
      refused.map((each) => each.message),
    );
  if (facts.expect === "reject") return failed("expected a refusal, and the bundle was accepted");

  const scope: PolicyScope =
    facts.entry === "load_server" ? { kind: "server" } : { kind: "graph", graph: facts.graph ?? "graph" };
  const engine = createPolicyEngine(parsed.bundle, scope);
  for (const each of facts.decisions ?? []) {
    const label = JSON.stringify(each);
    const action = parseAction(each.action);
    if (action === null) return failed(`${label}: the action is unknown`);
    const decision = engine.decide({ ...each, action });
    if (decision.tag !== (each.allowed ? "allow" : "deny"))
      return failed(`${label}: got ${JSON.stringify(decision)}`);
    if (each.matched_rule_id !== undefined && decision.matched_rule !== each.matched_rule_id) {
      return failed(`${label}: matched ${decision.matched_rule}`);
    }
  }
  return { tag: "passed" };
};

function judgeRefusal(facts: PolicyCase, messages: readonly string[]): CaseResult {
  const text = messages.join("\n");
  if (facts.expect === "accept") return failed(`expected acceptance, got:\n${text}`);
  const contains = (word: string) => text.toLowerCase().includes(word.toLowerCase());
  const missing = (facts.error_contains ?? []).filter((word) => !contains(word));
  const any = facts.error_contains_any ?? [];
  if (any.length > 0 && !any.some(contains)) missing.push(any.join(" or "));
  return missing.length === 0
    ? { tag: "passed" }
    : failed(`no message contains ${missing.join(", ")}:\n${text}`);
}
