/**
 * The config that a run is about: a kept bundle, compiled with what the cluster knows already; or, for runs that are
 * about no config, the one that was applied last.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { readCompilations, type StoredCompilations } from "../apply/planning/compilations.ts";
import { type Bundle, bundleOfFiles, CLUSTER_FILE } from "../config/bundle.ts";
import { parseClusterYaml } from "../config/parse.ts";
import { type Desired, loadDesired } from "../desired/desired.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Digest } from "../digest/digest.ts";
import { parseGraphId } from "../digest/ids.ts";
import { openBundle } from "../intake/open-bundle.ts";
import { readLedger } from "../ledger/read-ledger.ts";

export type RunConfig =
  | { readonly tag: "config"; readonly desired: Desired; readonly compilations: StoredCompilations }
  /** `unavailable`: the store did not answer, so asking again may help. */
  | { readonly tag: "refused" | "unavailable"; readonly diagnostics: readonly Diagnostic[] };

export async function runConfig(ports: ClusterPorts, digest: Digest): Promise<RunConfig> {
  const opened = await openBundle(ports, digest);
  if (opened.tag !== "opened") return opened;
  const compilations = await known(ports, opened.bundle);
  return { tag: "config", desired: loadDesired(opened.bundle, compilations), compilations };
}

function known(ports: ClusterPorts, bundle: Bundle): Promise<StoredCompilations> {
  const cluster = bundle.read(CLUSTER_FILE);
  const parsed = cluster.tag === "file" ? parseClusterYaml(cluster.bytes) : null;
  const graphs =
    parsed?.tag === "parsed" ? parsed.config.graphs.flatMap(({ id }) => parseGraphId(id) ?? []) : [];
  return readCompilations(ports.store, graphs);
}

/** A config that declares nothing: for a cluster to which none was applied. */
export function emptyConfig(): Desired {
  const files = new Map([[CLUSTER_FILE, Buffer.from("version: 1\n", "utf8")]]);
  return loadDesired(bundleOfFiles("bundle:none", files));
}

/** The config that was applied last, where it is kept and still valid for this program. */
export async function appliedConfig(ports: ClusterPorts): Promise<Desired> {
  const reading = await readLedger(ports, { repair: false });
  const digest = reading.tag === "ready" ? (reading.receipt?.bundle_digest ?? null) : null;
  if (digest === null) return emptyConfig();
  const config = await runConfig(ports, digest);
  return config.tag === "config" && config.desired.ok ? config.desired : emptyConfig();
}
