/** What a policy bundle of the right shape must hold: rows 3 to 16 of spec/policy 1.3, each with its place. */
import { expect, test } from "vitest";
import { parsePolicy } from "../../lib/policy/parse.ts";
import type { Mistake } from "./one-mistake.ts";
import { LINES, problemsOf, withLine } from "./one-mistake.ts";

test("the bundle that the mistakes are put into is valid and causes no warning", () => {
  expect(parsePolicy(LINES.join("\n"), "staff.policy.yaml")).toMatchObject({ tag: "parsed", warnings: [] });
});

test.each<Mistake>([
  [
    "3, a blank group name",
    withLine(3, "  staff: [ada, bob]\n  ' ': [eve]"),
    "policy_group_blank",
    "group names must not be blank",
    "groups. ",
    4,
    3,
  ],
  [
    "4, an empty group",
    withLine(3, "  staff: [ada, bob]\n  guests: []"),
    "policy_group_empty",
    "group 'guests' must not be empty",
    "groups.guests",
    4,
    3,
  ],
  [
    "5, a blank member",
    withLine(3, "  staff: [ada, '  ']"),
    "policy_actor_blank",
    "contains a blank actor id",
    "groups.staff[1]",
    3,
    16,
  ],
  [
    "6, a blank protected branch",
    withLine(4, "protected_branches: [main, '']"),
    "policy_branch_blank",
    "protected branch names must not be blank",
    "protected_branches[1]",
    4,
    28,
  ],
  [
    "7, a blank rule id",
    withLine(6, "  - id: ' '"),
    "policy_rule_id_blank",
    "rule ids must not be blank",
    "rules[0].id",
    6,
    9,
  ],
  [
    "8, a rule id used twice",
    `${LINES.join("\n")}\n  - id: staff-reads\n    allow: { actors: { group: staff }, actions: [export] }`,
    "policy_rule_id_duplicate",
    "duplicate policy rule id 'staff-reads', first used in line 6",
    "rules[1].id",
    11,
    9,
  ],
  [
    "9, a blank group reference",
    withLine(8, "      actors: { group: '' }"),
    "policy_rule_group_blank",
    "must reference a non-blank group",
    "rules[0].allow.actors.group",
    8,
    24,
  ],
  [
    "10, an undefined group",
    withLine(8, "      actors: { group: Staff }"),
    "policy_rule_group_unknown",
    "references unknown group 'Staff'",
    "rules[0].allow.actors.group",
    8,
    24,
  ],
  [
    "11, no actions",
    withLine(9, "      actions: []"),
    "policy_rule_actions_empty",
    "must include at least one action",
    "rules[0].allow.actions",
    9,
    16,
  ],
  [
    "12, both scopes",
    withLine(10, "      branch_scope: any\n      target_branch_scope: any"),
    "policy_rule_scope_both",
    "branch_scope or target_branch_scope, not both",
    "rules[0].allow.target_branch_scope",
    11,
    28,
  ],
  [
    "13, branch_scope with an action on a target",
    withLine(9, "      actions: [read, branch_merge]"),
    "policy_rule_scope_action",
    "uses branch_scope with unsupported action 'branch_merge'",
    "rules[0].allow.actions[1]",
    9,
    23,
  ],
  [
    "13, branch_scope with an action without branches",
    withLine(9, "      actions: [admin]"),
    "policy_rule_scope_action",
    "uses branch_scope with unsupported action 'admin'",
    "rules[0].allow.actions[0]",
    9,
    17,
  ],
  [
    "14, target_branch_scope with an action on a branch",
    withLine(10, "      target_branch_scope: any"),
    "policy_rule_scope_action",
    "uses target_branch_scope with unsupported action 'read'",
    "rules[0].allow.actions[0]",
    9,
    17,
  ],
  [
    "15, a server action beside a graph action",
    withLine(9, "      actions: [read, graph_list]").replace("      branch_scope: protected", ""),
    "policy_rule_kind_mixed",
    "mixes the server-scoped action 'graph_list' with the per-graph action 'read'; split into separate rules",
    "rules[0].allow.actions[1]",
    9,
    23,
  ],
  [
    "16, a server action with a scope",
    withLine(9, "      actions: [graph_list]"),
    "policy_rule_scope_action",
    "server-scoped actions have no branch context",
    "rules[0].allow.actions[0]",
    9,
    17,
  ],
  [
    "an action listed twice",
    withLine(9, "      actions: [read, read]"),
    "policy_rule_action_duplicate",
    "lists the action 'read' twice",
    "rules[0].allow.actions[1]",
    9,
    23,
  ],
])("check of spec/policy 1.3 row %s points at the mistake", (_, text, code, words, path, line, column) => {
  const problems = problemsOf(text);

  const found = problems.find((each) => each.code === code && each.message.includes(words));
  expect(found, JSON.stringify(problems)).toBeDefined();
  if (path !== "") expect(found?.path).toBe(path);
  expect([found?.line, found?.column]).toEqual([line, column]);
});

test.each([
  ["2, version", withLine(1, "version: 2")],
  ["10, unknown group", withLine(8, "      actors: { group: x }").replace("  staff:", "  y:")],
  ["13, scope", withLine(9, "      actions: [admin]")],
])("a bundle with a single mistake of row %s gets a single error", (_, text) => {
  const parsed = parsePolicy(text, "p.yaml");

  const errors =
    parsed.tag === "invalid" ? parsed.diagnostics.filter((each) => each.severity === "error") : [];
  expect(errors).toHaveLength(1);
});

test("all mistakes of a bundle are reported at once, in the order of the file", () => {
  const text = [
    "version: 3",
    "colour: red",
    "groups:",
    "  empty: []",
    "  staff: [ada, '']",
    "rules:",
    "  - id: a",
    "    allow: { actors: { group: nobody }, actions: [read, fly] }",
    "  - id: a",
    "    allow: { actors: { group: staff }, actions: [] }",
  ].join("\n");

  expect(problemsOf(text).map((each) => `${each.line}:${each.code}`)).toEqual([
    "1:policy_version",
    "2:policy_shape",
    "4:policy_group_empty",
    "5:policy_actor_blank",
    "8:policy_rule_group_unknown",
    "8:policy_shape",
    "9:policy_rule_id_duplicate",
    "10:policy_rule_actions_empty",
  ]);
});

test("a group that no rule names is worth a warning and no more, and only in a bundle without errors", () => {
  const parsed = parsePolicy(withLine(3, "  staff: [ada]\n  guests: [eve]"), "p.yaml");

  expect(parsed).toMatchObject({
    tag: "parsed",
    warnings: [
      {
        code: "policy_group_unused",
        severity: "warning",
        path: "groups.guests",
        source: { line: 4, column: 3 },
      },
    ],
  });
});

test("a rule that asks for a protected branch where none is protected is worth a warning", () => {
  const parsed = parsePolicy(withLine(4, "protected_branches: []"), "p.yaml");

  expect(parsed).toMatchObject({
    tag: "parsed",
    warnings: [
      { code: "policy_rule_never_applies", path: "rules[0].allow.branch_scope", source: { line: 10 } },
    ],
  });
});
