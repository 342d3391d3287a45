/** The policies of the tests: the cluster bundle of spec/policy 5.6 E4, and graph bundles of the three exposure modes. */
import type { Desired } from "../../lib/desired/desired.ts";
import { ALL_PEOPLE, desiredOf, FIND_PERSON, PERSON } from "../apply/cluster-files.ts";

export const CLUSTER_POLICY = `version: 1
groups:
  ci: ["iam-role:arn:aws:iam::111122223333:role/kg-ci"]
  engineers: [act-alice, act-bruno]
  release: [act-alice, act-carol, act-dan]
  platform: [act-carol, act-dan]
  auditors: [act-eve]
rules:
  - id: everyone-observes
    allow: { actors: { group: auditors }, actions: [graph_list, cluster_read_status, cluster_read_history] }
  - id: engineers-propose
    allow:
      actors: { group: engineers }
      actions: [graph_list, cluster_validate, cluster_plan, cluster_read_status, cluster_read_history]
  - id: ci-converges-safe
    allow:
      actors: { group: ci }
      actions: [cluster_apply]
      change_scope: { kinds: [query, schema, graph], max_tier: recoverable_rewrite }
  - id: ci-observes
    allow: { actors: { group: ci }, actions: [cluster_validate, cluster_plan, cluster_refresh, cluster_read_status] }
  - id: release-approves
    allow: { actors: { group: release }, actions: [cluster_approve], auth: { sources: [jwt], amr_any: [mfa, hwk] } }
  - id: platform-applies-anything
    allow: { actors: { group: platform }, actions: [cluster_apply, cluster_import, cluster_refresh] }
  - id: platform-break-glass
    allow: { actors: { group: platform }, actions: [cluster_force_unlock], lock_min_age_seconds: 900 }
  - id: freeze-billing-graph
    deny: { actors: { group: ci }, actions: [cluster_apply], change_scope: { graphs: [billing] } }
duties:
  - { id: policy-needs-two, actions: [cluster_apply], change_scope: { kinds: [policy] }, min_approvals: 2 }
  - { id: irreversible-needs-one, actions: [cluster_apply], change_scope: { min_tier: irreversible }, min_approvals: 1 }
  - id: approver-does-not-apply-irreversible
    actions: [cluster_apply]
    change_scope: { min_tier: irreversible }
    actor_not_in: [approvers]
`;

const MODES = {
  read_gated: "",
  invocable: "query_exposure: invocable\n",
  policy: "query_exposure: policy\n",
} as const;

export type Mode = keyof typeof MODES;

/** Agents may invoke `find_person`, and list it where the mode knows listing; curators read and list everything. */
export function graphPolicy(mode: Mode): string {
  const listing = mode === "policy";
  return `version: 1
${MODES[mode]}groups:
  agents: [agent-support]
  curators: [act-carol]
  loaders: ["jwt-group:login/loaders"]
rules:
  - id: agents-tools
    allow:
      actors: { group: agents }
      actions: [${listing ? "list_query, " : ""}invoke_query]
      query_scope: { names: [find_person] }
  - id: curators-read
    allow: { actors: { group: curators }, actions: [read, export, change] }
  - id: curators-tools
    allow: { actors: { group: curators }, actions: [${listing ? "list_query, " : ""}invoke_query] }
  - id: loaders-change
    allow: { actors: { group: loaders }, actions: [change] }
`;
}

export interface Settings {
  readonly cluster_policy?: string | null;
  readonly mode?: Mode | null;
  readonly graphs?: readonly string[];
  readonly name?: string;
  /** A third query of `people`, which agents may not see. */
  readonly secret_query?: boolean;
}

/** A config with graphs `people` and `shop`, two queries each of which `people` has, and the policies. */
export function configFiles(settings: Settings = {}): Readonly<Record<string, string>> {
  const { cluster_policy = CLUSTER_POLICY, mode = "policy", graphs = ["people", "shop"] } = settings;
  const policies = {
    ...(cluster_policy === null ? {} : { control: { file: "control.yaml", applies_to: ["cluster"] } }),
    ...(mode === null ? {} : { data: { file: "data.yaml", applies_to: ["graph.people"] } }),
  };
  const secret = settings.secret_query === true ? { every_name: { file: "secret.gq" } } : {};
  const queries = { find_person: { file: "find.gq" }, all_people: { file: "all.gq" }, ...secret };
  const document = {
    version: 1,
    metadata: { name: settings.name ?? "demo" },
    graphs: Object.fromEntries(
      graphs.map((id) => [id, { schema: "person.pg", ...(id === "people" ? { queries } : {}) }]),
    ),
    policies,
  };
  return {
    "cluster.yaml": `${JSON.stringify(document, null, 2)}\n`,
    "person.pg": PERSON,
    "find.gq": FIND_PERSON,
    "all.gq": ALL_PEOPLE,
    "secret.gq": ALL_PEOPLE.replace("all_people", "every_name"),
    ...(cluster_policy === null ? {} : { "control.yaml": cluster_policy }),
    ...(mode === null ? {} : { "data.yaml": graphPolicy(mode) }),
  };
}

export function configOf(settings: Settings = {}): Desired {
  return desiredOf(configFiles(settings));
}
