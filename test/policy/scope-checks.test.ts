/** What spec/policy 5.2 demands of the fields that it adds, each breach with its place. */
import { expect, test } from "vitest";
import { checkBindingKind } from "../../lib/policy/kind.ts";
import { POLICY_GLOBS_MAX } from "../../lib/policy/limits.ts";
import { parsePolicy } from "../../lib/policy/parse.ts";
import { parsedBundle } from "./parsed-bundle.ts";
import { E1, E2, E3, E4 } from "./worked-examples.ts";

const HEAD = "version: 1\nquery_exposure: policy\ngroups: {g: [ada]}\nrules:\n";
const rule = (body: string, effect = "allow", id = "r") =>
  `${HEAD}  - id: ${id}\n    ${effect}: {actors: {group: g}, ${body}}\n`;
const duty = (body: string) => `version: 1\nduties:\n  - {${body}}\n`;

test.each([
  ["E1", E1],
  ["E3", E3],
  ["E4", E4],
])("the worked example %s is valid and causes no warning", (_, text) => {
  expect(parsePolicy(text, "p.yaml")).toMatchObject({ tag: "parsed", warnings: [] });
});

test("the worked example E2 hides a query from who may invoke it, which is worth a warning", () => {
  expect(parsePolicy(E2, "p.yaml")).toMatchObject({
    tag: "parsed",
    warnings: [{ code: "invoke_without_list", path: "rules[2]" }],
  });
});

test("every field is read into the bundle", () => {
  const { rules, query_exposure } = parsedBundle(E2);

  expect(query_exposure).toBe("policy");
  expect(rules[0]).toMatchObject({
    effect: "allow",
    query_scope: { names: ["find_user", "list_orders", "crm_*"], except: ["crm_debug_*"], kind: "read" },
    via: "any",
  });
  expect(rules[1]).toMatchObject({ via: "stored", branch_scope: "any", query_scope: null });
  const cluster = parsedBundle(E4);
  expect(cluster.rules[2]?.change_scope).toEqual({
    kinds: ["query", "schema", "graph"],
    operations: null,
    graphs: null,
    max_tier: "recoverable_rewrite",
    min_tier: null,
  });
  expect(cluster.rules[4]?.auth).toEqual({ sources: ["jwt"], amr_any: ["mfa", "hwk"] });
  expect(cluster.rules[6]?.lock_min_age_seconds).toBe(900);
  expect(cluster.rules[7]?.effect).toBe("deny");
  expect(cluster.duties[2]).toMatchObject({
    id: "approver-does-not-apply-irreversible",
    actions: ["cluster_apply"],
    actor_not_in: ["approvers"],
    min_approvals: 0,
    change_scope: { min_tier: "irreversible" },
  });
});

test.each<[string, string, string, string, string]>([
  ["an unknown exposure", "version: 1\nquery_exposure: open\n", "policy_shape", "'open'", "query_exposure"],
  [
    "both allow and deny",
    `${HEAD}  - id: r\n    allow: {actors: {group: g}, actions: [read]}\n    deny: {actors: {group: g}, actions: [read]}\n`,
    "policy_rule_effect_both",
    "must either allow or deny",
    "rules[0]",
  ],
  ["neither allow nor deny", `${HEAD}  - id: r\n`, "policy_shape", "missing field 'allow'", "rules[0]"],
  [
    "list_query without its exposure",
    rule("actions: [list_query]").replace("policy\n", "invocable\n"),
    "list_query_without_policy_exposure",
    "query_exposure: policy",
    "rules[0].allow.actions[0]",
  ],
  [
    "query_scope with another action",
    rule("actions: [invoke_query, read], query_scope: {names: [a]}"),
    "policy_field_misplaced",
    "uses query_scope with action 'read'",
    "rules[0].allow.actions[1]",
  ],
  [
    "an empty query_scope",
    rule("actions: [invoke_query], query_scope: {}"),
    "policy_scope_empty",
    "at least one field",
    "rules[0].allow.query_scope",
  ],
  [
    "a query_scope of nothing",
    rule("actions: [invoke_query], query_scope: "),
    "policy_scope_empty",
    "at least one field",
    "rules[0].allow.query_scope",
  ],
  [
    "an empty list of names",
    rule("actions: [invoke_query], query_scope: {names: []}"),
    "policy_scope_empty",
    "must not be an empty list",
    "rules[0].allow.query_scope.names",
  ],
  [
    "a blank name",
    rule("actions: [invoke_query], query_scope: {names: [' ']}"),
    "policy_scope_empty",
    "must not be blank",
    "rules[0].allow.query_scope.names[0]",
  ],
  [
    "an exception that leaves nothing",
    rule("actions: [invoke_query], query_scope: {except: [a, '*']}"),
    "policy_scope_empty",
    "excepts every query",
    "rules[0].allow.query_scope.except[1]",
  ],
  [
    "an unknown kind of query",
    rule("actions: [invoke_query], query_scope: {kind: write}"),
    "policy_shape",
    "unknown variant 'write'",
    "rules[0].allow.query_scope.kind",
  ],
  [
    "an unknown field of a query_scope",
    rule("actions: [invoke_query], query_scope: {name: a}"),
    "policy_shape",
    "unknown field 'name'",
    "rules[0].allow.query_scope.name",
  ],
  [
    "via with another action",
    rule("actions: [export], via: stored"),
    "policy_field_misplaced",
    "uses via with action 'export'",
    "rules[0].allow.actions[0]",
  ],
  [
    "change_scope with another action",
    rule("actions: [cluster_plan], change_scope: {kinds: [query]}"),
    "policy_field_misplaced",
    "uses change_scope with action 'cluster_plan'",
    "rules[0].allow.actions[0]",
  ],
  [
    "min_tier in an allow",
    rule("actions: [cluster_apply], change_scope: {min_tier: catalog}"),
    "policy_field_misplaced",
    "by max_tier",
    "rules[0].allow.change_scope.min_tier",
  ],
  [
    "max_tier in a deny",
    rule("actions: [cluster_apply], change_scope: {max_tier: catalog}", "deny"),
    "policy_field_misplaced",
    "by min_tier",
    "rules[0].deny.change_scope.max_tier",
  ],
  [
    "an unknown kind of change",
    rule("actions: [cluster_apply], change_scope: {kinds: [table]}"),
    "policy_shape",
    "unknown variant 'table'",
    "rules[0].allow.change_scope.kinds[0]",
  ],
  [
    "auth on a graph action",
    rule("actions: [read], auth: {sources: [iam]}"),
    "policy_field_misplaced",
    "uses auth with action 'read'",
    "rules[0].allow.actions[0]",
  ],
  [
    "auth in a deny",
    rule("actions: [cluster_apply], auth: {sources: [iam]}", "deny"),
    "policy_field_misplaced",
    "in a deny",
    "rules[0].deny.auth",
  ],
  [
    "an empty auth",
    rule("actions: [cluster_apply], auth: {}"),
    "policy_scope_empty",
    "at least one field",
    "rules[0].allow.auth",
  ],
  [
    "a lock age with another action",
    rule("actions: [cluster_apply], lock_min_age_seconds: 5"),
    "policy_field_misplaced",
    "uses lock_min_age_seconds with action 'cluster_apply'",
    "rules[0].allow.actions[0]",
  ],
  [
    "a lock age of nothing",
    rule("actions: [cluster_force_unlock], lock_min_age_seconds: 0"),
    "policy_shape",
    "whole number from 1",
    "rules[0].allow.lock_min_age_seconds",
  ],
  [
    "a lock age in quotes",
    rule("actions: [cluster_force_unlock], lock_min_age_seconds: '5'"),
    "policy_shape",
    "without quotes",
    "rules[0].allow.lock_min_age_seconds",
  ],
  [
    "a control action beside a graph action",
    rule("actions: [cluster_plan, read]"),
    "policy_rule_kind_mixed",
    "'cluster_plan'",
    "rules[0].allow.actions[0]",
  ],
  [
    "a branch_scope on a control action",
    rule("actions: [cluster_plan], branch_scope: any"),
    "policy_rule_scope_action",
    "no branch context",
    "rules[0].allow.actions[0]",
  ],
  [
    "a rule that is called like a duty",
    rule("actions: [cluster_plan]", "allow", "duty/x"),
    "policy_rule_id_reserved",
    "'duty/'",
    "rules[0].id",
  ],
  [
    "a claim without a value",
    `version: 1\ngroups: {g: ["jwt-group:okta/"]}\n`,
    "policy_claim_group",
    "expected jwt-group:<issuer alias>/<value>",
    "groups.g[0]",
  ],
  [
    "a duty on another action",
    duty("id: d, actions: [cluster_plan], min_approvals: 1"),
    "policy_shape",
    "unknown variant 'cluster_plan'",
    "duties[0].actions[0]",
  ],
  [
    "a duty without an id",
    duty("actions: [cluster_apply], min_approvals: 1"),
    "policy_shape",
    "'id'",
    "duties[0]",
  ],
  [
    "a reserved duty id",
    duty("id: builtin-x, actions: [cluster_apply], min_approvals: 1"),
    "policy_duty_id",
    "reserved",
    "duties[0].id",
  ],
  [
    "a blank duty id",
    duty("id: ' ', actions: [cluster_apply], min_approvals: 1"),
    "policy_duty_id",
    "blank",
    "duties[0].id",
  ],
  [
    "a duty id used twice",
    `${duty("id: d, actions: [cluster_apply], min_approvals: 1")}  - {id: d, actions: [cluster_apply], min_approvals: 1}\n`,
    "policy_duty_id",
    "first used in line 3",
    "duties[1].id",
  ],
  [
    "a duty without an obligation",
    duty("id: d, actions: [cluster_apply]"),
    "policy_duty_no_obligation",
    "actor_not_in or min_approvals",
    "duties[0]",
  ],
  [
    "a duty without actions",
    duty("id: d, actions: [], min_approvals: 1"),
    "policy_scope_empty",
    "empty list",
    "duties[0].actions",
  ],
  [
    "a duty with an action twice",
    duty("id: d, actions: [cluster_apply, cluster_apply], min_approvals: 1"),
    "policy_rule_action_duplicate",
    "twice",
    "duties[0].actions[1]",
  ],
  [
    "a change_scope where no change is known",
    duty(
      "id: d, actions: [cluster_force_unlock], actor_not_in: [lock_holders], change_scope: {kinds: [graph]}",
    ),
    "policy_field_misplaced",
    "uses change_scope with action 'cluster_force_unlock'",
    "duties[0].actions[0]",
  ],
])("%s is refused where it stands", (_, text, code, words, path) => {
  const parsed = parsePolicy(text, "p.yaml");
  const found = parsed.tag === "invalid" ? parsed.diagnostics : [];

  const problem = found.find((each) => each.code === code && each.path === path);
  expect(problem, JSON.stringify(found)).toBeDefined();
  expect(problem?.message).toContain(words);
  expect(problem?.source?.line).toBeGreaterThan(0);
});

test("a bundle has as many globs as its limit allows, and no more", () => {
  const globs = (count: number) =>
    rule(
      `actions: [invoke_query], query_scope: {names: [${Array.from({ length: count }, (_, index) => `"a${index}*"`).join(", ")}]}`,
    );

  expect(parsePolicy(globs(POLICY_GLOBS_MAX), "p.yaml").tag).toBe("parsed");
  expect(parsePolicy(globs(POLICY_GLOBS_MAX + 1), "p.yaml")).toMatchObject({
    diagnostics: [{ code: "policy_limit_exceeded" }],
  });
});

test("duties belong to the cluster, and the exposure of queries to graphs", () => {
  expect(checkBindingKind(parsedBundle(E2), "graph")).toEqual([]);
  expect(checkBindingKind(parsedBundle(E4), "cluster")).toEqual([]);
  expect(checkBindingKind(parsedBundle(E2), "cluster").map((each) => each.path)).toContain("query_exposure");
  expect(checkBindingKind(parsedBundle(E4), "graph").map((each) => each.path)).toContain("duties[0]");
  expect(checkBindingKind(parsedBundle(E4), "graph").map((each) => each.path)).toContain(
    "rules[7].deny.actions[0]",
  );
});
