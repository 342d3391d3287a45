/** Bundles that would lock people out of their cluster (spec/policy 5.7, 5.10). */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ControlAction } from "../../lib/policy/action.ts";
import { createControlEngine } from "../../lib/policy/control.ts";
import { evaluateControl } from "../../lib/policy/evaluate-control.ts";
import { lintControl } from "../../lib/policy/lint-control.ts";
import { arbitraryFacts, arbitraryScopedBundle, CALLERS } from "./arbitrary-scopes.ts";
import { parsedBundle } from "./parsed-bundle.ts";
import { E4 } from "./worked-examples.ts";

const ACTIONS: readonly ControlAction[] = [
  "cluster_apply",
  "cluster_approve",
  "cluster_force_unlock",
  "cluster_plan",
];

test("what is worked out without Cedar is what Cedar decides, for random bundles, callers and facts", () => {
  fc.assert(
    fc.property(
      arbitraryScopedBundle("cluster"),
      fc.array(arbitraryFacts, { minLength: 1, maxLength: 3 }),
      (bundle, drawn) => {
        const evaluator = evaluateControl(bundle);
        const engine = createControlEngine(bundle, "c");
        for (const facts of drawn) {
          for (const caller of CALLERS) {
            for (const action of ACTIONS) {
              const decision = engine.decide({ ...caller, action, facts });
              expect(decision.tag).not.toBe("failed");
              expect(evaluator.allows(caller, action, facts)).toBe(decision.tag === "allow");
            }
          }
        }
      },
    ),
    { numRuns: 40 },
  );
});

const GROUPS = "version: 1\ngroups: {ops: [ann, bob, cy], solo: [dee], sso: ['jwt-group:okta/ops']}\n";
const ALL = `${GROUPS}rules:
  - {id: use, allow: {actors: {group: ops}, actions: [cluster_plan, cluster_apply, cluster_approve]}}
  - {id: alone, allow: {actors: {group: solo}, actions: [cluster_plan]}}
  - {id: sso, allow: {actors: {group: sso}, actions: [cluster_plan]}}
`;
const lint = (text: string) =>
  lintControl(parsedBundle(text)).map((each) => `${each.code} ${each.path} ${each.message}`);
const duty = (body: string) => `${ALL}duties:\n  - {id: d, ${body}}\n`;

test("a bundle under which people can plan, apply and approve is no lockout", () => {
  expect(lint(E4)).toEqual([]);
  expect(lint(ALL)).toEqual([]);
  expect(lint(duty("actions: [cluster_apply], min_approvals: 2"))).toEqual([]);
});

test("a bundle of version 1, which says nothing about the control plane, locks nobody out of it", () => {
  expect(
    lint(`${GROUPS}rules:\n  - {id: list, allow: {actors: {group: ops}, actions: [graph_list]}}\n`),
  ).toEqual([]);
});

test("nobody who can plan, and nobody who can apply, are two lockouts", () => {
  const text = `${GROUPS}rules:\n  - {id: r, allow: {actors: {group: ops}, actions: [cluster_read_status]}}\n`;

  expect(lintControl(parsedBundle(text))).toMatchObject([
    { code: "policy_lockout", severity: "error", message: expect.stringContaining("cluster_plan") },
    { code: "policy_lockout", severity: "error", message: expect.stringContaining("cluster_apply") },
  ]);
});

test("a deny takes the last person away", () => {
  const denied = `${ALL}  - {id: stop, deny: {actors: {group: ops}, actions: [cluster_apply]}}\n`;
  const limited = `${ALL}  - {id: stop, deny: {actors: {group: ops}, actions: [cluster_apply], change_scope: {kinds: [policy]}}}\n`;

  expect(lint(denied)).toEqual([expect.stringContaining("policy_lockout rules")]);
  expect(lint(limited)).toEqual([]);
});

test("a grant that asks for a way to sign in counts, because somebody may sign in like that", () => {
  const text = `${GROUPS}rules:
  - {id: p, allow: {actors: {group: sso}, actions: [cluster_plan]}}
  - {id: a, allow: {actors: {group: solo}, actions: [cluster_apply], auth: {sources: [iam]}}}
`;

  expect(lint(text)).toEqual([]);
});

test("three who may approve leave two when one of them is the author, and never three", () => {
  expect(lint(duty("actions: [cluster_apply], min_approvals: 3"))).toEqual([
    "duty_unsatisfiable duties[0] The duty 'd' asks for 3 approvals, and if one of those who may approve is the author, 2 of them are left: ann, bob, cy.",
  ]);
});

test("an approver who may only approve other kinds of changes does not count", () => {
  const scoped = duty("actions: [cluster_apply], min_approvals: 1, change_scope: {kinds: [policy]}").replace(
    "cluster_apply, cluster_approve]}}",
    "cluster_apply]}}\n  - {id: ok, allow: {actors: {group: ops}, actions: [cluster_approve], change_scope: {kinds: [graph]}}}",
  );

  expect(lint(scoped)).toEqual([expect.stringContaining("nobody may approve such a change")]);
});

test("behind a group claim there may be as many people as a duty needs", () => {
  const claimed = duty("actions: [cluster_apply], min_approvals: 5").replace(
    "group: sso}, actions: [cluster_plan]",
    "group: sso}, actions: [cluster_plan, cluster_approve]",
  );

  expect(lint(claimed)).toEqual([]);
});

test("approvals cannot be asked for before there can be any", () => {
  expect(lint(duty("actions: [cluster_approve], min_approvals: 1"))).toEqual([
    expect.stringContaining("there are none yet at cluster_approve"),
  ]);
});
