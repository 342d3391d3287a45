/** Where the rows of an export lie. Pure. */
import type { ClusterName, RunId } from "../digest/ids.ts";

/** Only a run that has ended `exported` names a version whose rows are there. */
export function exportKey(cluster: ClusterName, id: RunId, version: number): string {
  return `exports/${cluster}/${id}/${version}.jsonl`;
}
