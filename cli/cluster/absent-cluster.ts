/**
 * Says which cluster may have been meant, where a deployment has none of the name that was asked for.
 *
 * Guarantees: names only what the deployment lists for this caller, so nobody learns of a cluster that they may not read.
 */
import type { ApiClient } from "../../lib/client/api-client.ts";
import { didYouMean } from "../../lib/config/suggestion.ts";
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";

/** Clusters among which the one that was meant is sought. */
const CLUSTERS_SOUGHT_MAX = 1_000;
/** Clusters that the message names. */
const CLUSTERS_NAMED_MAX = 10;

/** Nothing where the caller may read no other cluster, or where the deployment does not say. */
export async function absentCluster(client: ApiClient): Promise<readonly Diagnostic[]> {
  const others = await otherClusters(client);
  return others.length === 0 ? [] : [absent(client, others)];
}

/** The same for who may know that there is none of this name, which is said in any case. */
export async function surelyAbsentCluster(client: ApiClient): Promise<readonly Diagnostic[]> {
  return [absent(client, await otherClusters(client))];
}

async function otherClusters(client: ApiClient): Promise<readonly string[]> {
  const listed = await client.clusters(CLUSTERS_SOUGHT_MAX);
  return listed.tag === "called" ? listed.value.filter((name) => name !== client.cluster) : [];
}

function absent({ url, cluster }: ApiClient, others: readonly string[]): Diagnostic {
  const named = others.slice(0, CLUSTERS_NAMED_MAX).join(", ");
  const more = others.length > CLUSTERS_NAMED_MAX ? ` and ${others.length - CLUSTERS_NAMED_MAX} more` : "";
  const may = others.length === 0 ? "" : ` You may read ${named}${more}.`;
  const message = `${url} has no cluster "${cluster}" that you may read.${may}${didYouMean(cluster, others)}`;
  return diagnostic("deployment_cluster_absent", { path: cluster, message });
}

/** True if the cluster as a whole is what there is none of. */
export function tellsOfNoCluster(diagnostics: readonly Diagnostic[], { cluster }: ApiClient): boolean {
  return diagnostics.some(
    ({ code, path }) => code === "state_missing" || (code === "api_not_found" && path === cluster),
  );
}
