/** Random bundles with everything that spec/policy 5.2 adds, dense enough that rules overlap and contradict. */
import fc from "fast-check";
import type { ControlAction, PolicyAction } from "../../lib/policy/action.ts";
import type { PolicyBundle, PolicyDuty, PolicyRule } from "../../lib/policy/bundle.ts";
import { AUTH_SOURCES, BRANCH_SCOPES, DUTY_PARTIES, VIAS } from "../../lib/policy/bundle.ts";
import type { ChangeScope } from "../../lib/policy/change-scope.ts";
import { CHANGE_KINDS, CHANGE_OPERATIONS, CHANGE_TIERS } from "../../lib/policy/change-scope.ts";
import type { ControlFacts } from "../../lib/policy/control-facts.ts";
import type { QueryRef, QueryScope } from "../../lib/policy/query-scope.ts";
import { QUERY_KINDS } from "../../lib/policy/query-scope.ts";

export const PEOPLE = ["ada", "bob", "cy", "dee"];
const CLAIM = "jwt-group:okta/ops";
export const CALLERS = [
  ...PEOPLE.map((actor) => ({ actor, claim_groups: [] as string[] })),
  { actor: "ada", claim_groups: [CLAIM] },
  { actor: "eve", claim_groups: [CLAIM] },
  { actor: "nobody", claim_groups: [] as string[] },
];
const GROUPS = ["staff", "leads", "bots"];
const NAMES = ["crm_open", "crm_close", "crm_debug_x", "find", "admin", "b", "ab", "a*b"];
const GLOBS = ["crm_*", "*_debug_*", "*", "a*b", "*open", "f*", "**b"];
const GRAPHS = ["kb", "crm", "@cluster"];
const AMR = ["pwd", "mfa", "hwk"];
const source = { file: "p.yaml", line: 1, column: 1 };

/** The stored queries that decisions are asked for. */
export const CATALOG: readonly QueryRef[] = [
  ...[
    "crm_open",
    "crm_close",
    "crm_debug_x",
    "find",
    "admin",
    "b",
    "ab",
    "aXb",
    "other",
    "a*b",
    "\u00fcopen",
  ],
].flatMap((name) => [
  { name, mutation: false },
  { name, mutation: true },
]);

const some = <T>(values: readonly T[]) =>
  fc.option(fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 }), { freq: 2 });

const queryScope: fc.Arbitrary<QueryScope> = fc.record({
  names: some([...NAMES.slice(0, 7), ...GLOBS]),
  except: some([...NAMES.slice(0, 7), ...GLOBS.filter((glob) => !/^\*+$/.test(glob))]),
  kind: fc.constantFrom(...QUERY_KINDS),
});

const changeScope = (effect: "allow" | "deny"): fc.Arbitrary<ChangeScope> =>
  fc.record({
    kinds: some(CHANGE_KINDS),
    operations: some(CHANGE_OPERATIONS),
    graphs: some(GRAPHS),
    max_tier: effect === "allow" ? fc.option(fc.constantFrom(...CHANGE_TIERS)) : fc.constant(null),
    min_tier: effect === "deny" ? fc.option(fc.constantFrom(...CHANGE_TIERS)) : fc.constant(null),
  });

interface RuleShape {
  readonly actions: readonly PolicyAction[];
  readonly fields: (effect: "allow" | "deny") => fc.Arbitrary<Partial<PolicyRule>>;
}

const GRAPH_SHAPES: readonly RuleShape[] = [
  {
    actions: ["list_query", "invoke_query"],
    fields: () => fc.option(queryScope, { freq: 4 }).map((query_scope) => ({ query_scope })),
  },
  {
    actions: ["read", "change"],
    fields: () =>
      fc
        .tuple(fc.constantFrom(...VIAS), fc.option(fc.constantFrom(...BRANCH_SCOPES)))
        .map(([via, branch_scope]) => ({ via, branch_scope })),
  },
  { actions: ["export", "admin"], fields: () => fc.constant({}) },
];

const CONTROL_SHAPES: readonly RuleShape[] = [
  {
    actions: ["cluster_apply", "cluster_approve"],
    fields: (effect) =>
      fc
        .tuple(
          fc.option(changeScope(effect)),
          effect === "deny"
            ? fc.constant(null)
            : fc.option(fc.record({ sources: some(AUTH_SOURCES), amr_any: some(AMR) })),
        )
        .map(([change_scope, auth]) => ({ change_scope, auth })),
  },
  {
    actions: ["cluster_force_unlock"],
    fields: (effect) =>
      (effect === "deny" ? fc.constant(null) : fc.option(fc.constantFrom(1, 60, 900))).map(
        (lock_min_age_seconds) => ({ lock_min_age_seconds }),
      ),
  },
  { actions: ["cluster_plan", "graph_list", "cluster_read_status"], fields: () => fc.constant({}) },
];

function ruleOf(id: string, shapes: readonly RuleShape[]): fc.Arbitrary<PolicyRule> {
  return fc
    .tuple(fc.constantFrom(...shapes), fc.constantFrom("allow" as const, "allow" as const, "deny" as const))
    .chain(([shape, effect]) =>
      fc
        .record({
          group: fc.constantFrom(...GROUPS),
          actions: fc.uniqueArray(fc.constantFrom(...shape.actions), { minLength: 1 }),
          fields: shape.fields(effect),
        })
        .map(({ group, actions, fields }) => ({
          id,
          effect,
          group,
          actions: actions.map((action) => ({ action, source })),
          branch_scope: null,
          target_branch_scope: null,
          query_scope: null,
          via: "any" as const,
          change_scope: null,
          auth: null,
          lock_min_age_seconds: null,
          source,
          ...fields,
        })),
    );
}

const DUTY_ACTIONS: readonly ControlAction[] = ["cluster_apply", "cluster_approve"];

const duties: fc.Arbitrary<readonly PolicyDuty[]> = fc
  .array(
    fc.record({
      actions: fc.uniqueArray(fc.constantFrom(...DUTY_ACTIONS), { minLength: 1 }),
      actor_not_in: fc.uniqueArray(fc.constantFrom(...DUTY_PARTIES), { minLength: 1, maxLength: 2 }),
      min_approvals: fc.constantFrom(0, 1, 2),
      change_scope: fc.option(changeScope("deny")),
    }),
    { maxLength: 2 },
  )
  .map((drawn) => drawn.map((duty, index) => ({ id: `d${index}`, source, ...duty })));

/** A bundle for graphs or for the cluster that passes every check. */
export function arbitraryScopedBundle(kind: "graph" | "cluster"): fc.Arbitrary<PolicyBundle> {
  const shapes = kind === "graph" ? GRAPH_SHAPES : CONTROL_SHAPES;
  return fc.record({
    version: fc.constant(1 as const),
    query_exposure: fc.constant(kind === "graph" ? ("policy" as const) : ("read_gated" as const)),
    groups: fc.tuple(
      ...GROUPS.map((name) =>
        fc
          .uniqueArray(fc.constantFrom(...PEOPLE, CLAIM), { minLength: 1, maxLength: 3 })
          .map((members) => ({ name, members })),
      ),
    ),
    protected_branches: fc.constantFrom([], ["main"]),
    rules: fc
      .integer({ min: 0, max: 7 })
      .chain((count) =>
        fc.tuple(...Array.from({ length: count }, (_, index) => ruleOf(`r${index}`, shapes))),
      ),
    duties: kind === "graph" ? fc.constant([]) : duties,
  });
}

/** What may be known about a request; everything that is not drawn is left out. */
export const arbitraryFacts: fc.Arbitrary<ControlFacts> = fc.record(
  {
    kinds: fc.subarray([...CHANGE_KINDS]),
    operations: fc.subarray([...CHANGE_OPERATIONS]),
    graphs: fc.subarray([...GRAPHS, "hr", "@unknown"]),
    max_tier: fc.constantFrom(...CHANGE_TIERS),
    authors: fc.subarray(PEOPLE),
    approvers: fc.subarray(PEOPLE),
    approval_count: fc.constantFrom(0, 1, 2, 3),
    lock_holders: fc.subarray(PEOPLE),
    lock_age_seconds: fc.constantFrom(0, 59, 60, 900, 5000),
    auth_source: fc.constantFrom("iam", "jwt", "local"),
    amr: fc.subarray(AMR),
  },
  { requiredKeys: [] },
);
