/** Whom the plan of a run shuts out of the cluster, among those who would have to take it back. */
import { lockoutWarnings } from "../access/lockout.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import type { RunRecord } from "../apply/runs/run-record.ts";
import type { Desired } from "../desired/desired.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { PlanDocument } from "../plan/plan-document.ts";
import type { Deployment } from "./deployment.ts";
import { callerOf } from "./run-caller.ts";

/** Asked before anything of the plan is applied: the policy that is applied now is what somebody loses by it. */
export function lockoutsOf(
  { settings }: Pick<Deployment, "settings">,
  ports: ClusterPorts,
  run: RunRecord,
  desired: Desired,
  plan: PlanDocument,
): Promise<readonly Diagnostic[]> {
  const { bootstrap_principal: canonical, identity_map } = settings;
  const actor =
    canonical !== null && Object.hasOwn(identity_map, canonical) ? identity_map[canonical]! : canonical;
  const bootstrap = canonical === null || actor === null ? null : { canonical, actor };
  return lockoutWarnings(ports, { plan, desired, caller: callerOf(run), bootstrap });
}
