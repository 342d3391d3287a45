/**
 * DemandedApprovals: how many approvals the duties of the cluster's policy want for a change, whether or not the plan has
 * a gate for it (spec/policy 5.7). Pure; a duty applies if some fact of the change fits each of its conditions, as in
 * Cedar.
 */

import type { Change } from "../plan/change.ts";
import { changeFacts } from "../plan/change-facts.ts";
import type { PolicyBundle, PolicyDuty } from "../policy/bundle.ts";
import { tierRank, UNKNOWN_GRAPH } from "../policy/change-scope.ts";
import type { ChangeFacts } from "../policy/control-facts.ts";

export function demandsApproval(bundle: Pick<PolicyBundle, "duties">, change: Change): boolean {
  return approvalsDemanded(bundle, change) > 0;
}

/** The most that one duty wants; 0: none wants any. */
export function approvalsDemanded({ duties }: Pick<PolicyBundle, "duties">, change: Change): number {
  const facts = changeFacts([change]);
  // What only follows from its parts is approved with them.
  if (facts.operations.length === 0) return 0;
  const own = duties.filter((duty) => duty.actions.includes("cluster_apply") && applies(duty, facts));
  return Math.max(0, ...own.map((duty) => duty.min_approvals));
}

function applies({ change_scope: scope }: PolicyDuty, facts: ChangeFacts): boolean {
  if (scope === null) return true;
  const kinds = scope.kinds?.some((each) => facts.kinds.includes(each)) ?? true;
  const operations = scope.operations?.some((each) => facts.operations.includes(each)) ?? true;
  const everyGraph = facts.graphs.includes(UNKNOWN_GRAPH);
  const graphs = everyGraph || (scope.graphs?.some((each) => facts.graphs.includes(each)) ?? true);
  const tier = scope.min_tier === null || tierRank(facts.max_tier) >= tierRank(scope.min_tier);
  return kinds && operations && graphs && tier;
}
