/** Who brought the files of a plan, on record before anybody can approve it (spec/policy 5.7). */
import { broughtBy, recordAuthor } from "../access/authors.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import type { Digest } from "../digest/digest.ts";
import { readBundleOrigin } from "../intake/bundle-origin.ts";
import type { PlanDocument } from "../plan/plan-document.ts";

/** False if that is not certain: then nobody may learn of the plan yet. */
export async function authorsRecorded(
  ports: ClusterPorts,
  plan: PlanDocument,
  bundle: Digest,
): Promise<boolean> {
  const origin = await readBundleOrigin(ports, bundle);
  return origin.tag === "known" && (await recordAuthor(ports, broughtBy(plan.changes), origin.actor));
}
