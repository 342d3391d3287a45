/** The worked examples of spec/policy 5.6, to the letter. */

export const E1 = `version: 1
groups: { team: [act-alice, act-bruno], admins: [act-alice] }
protected_branches: [main]
rules:
  - id: team-write-feature
    allow: { actors: { group: team }, actions: [change], branch_scope: unprotected }
  - id: admins-promote
    allow: { actors: { group: admins }, actions: [branch_merge], target_branch_scope: protected }
  - id: team-tools
    allow: { actors: { group: team }, actions: [invoke_query] }
`;

export const E2 = `version: 1
query_exposure: policy
groups: { agents: [agent-support], services: [svc-billing], curators: [act-carol] }
protected_branches: [main]
rules:
  - id: agents-toolbox
    allow:
      actors: { group: agents }
      actions: [list_query, invoke_query]
      query_scope: { names: [find_user, list_orders, "crm_*"], except: ["crm_debug_*"], kind: read }
  - id: agents-read-through-tools
    allow: { actors: { group: agents }, actions: [read], branch_scope: any, via: stored }
  - id: billing-hidden
    allow: { actors: { group: services }, actions: [invoke_query], query_scope: { names: [reconcile_invoices] } }
  - id: curators-see-all
    allow: { actors: { group: curators }, actions: [list_query] }
`;

export const E3 = `version: 1
query_exposure: invocable
groups: { everyone: [agent-support, act-alice, act-carol], admins: [act-alice] }
rules:
  - id: everyone-tools
    allow: { actors: { group: everyone }, actions: [invoke_query],
             query_scope: { names: ["*"], except: ["admin_*", purge_graph] } }
  - id: admins-tools
    allow: { actors: { group: admins }, actions: [invoke_query] }
  - id: incident-4711-kill-switch
    deny: { actors: { group: everyone }, actions: [invoke_query], query_scope: { names: [export_contacts] } }
`;

export const CI = "iam-role:arn:aws:iam::111122223333:role/kg-ci";

export const E4 = `version: 1
groups:
  ci: ["${CI}"]
  engineers: [act-alice, act-bruno]
  release: [act-alice, act-carol, act-dan]
  platform: [act-carol, act-dan]
  auditors: [act-eve]
rules:
  - id: everyone-observes
    allow: { actors: { group: auditors }, actions: [graph_list, cluster_read_status, cluster_read_history] }
  - id: engineers-propose
    allow: { actors: { group: engineers }, actions: [graph_list, cluster_validate, cluster_plan, cluster_read_status, cluster_read_history] }
  - id: ci-converges-safe
    allow: { actors: { group: ci }, actions: [cluster_apply],
             change_scope: { kinds: [query, schema, graph], max_tier: recoverable_rewrite } }
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
  - { id: approver-does-not-apply-irreversible, actions: [cluster_apply],
      change_scope: { min_tier: irreversible }, actor_not_in: [approvers] }
`;
