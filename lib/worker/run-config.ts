/**
 * The config that a run is about: a kept bundle, compiled with what the cluster knows already; or, for runs that are
 * about no config, the one that was applied last.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { readCompilations, type StoredCompilations } from "../apply/planning/compilations.ts";
import { type Bundle, CLUSTER_FILE } from "../config/bundle.ts";
import { parseClusterYaml } from "../config/parse.ts";
import { type Desired, loadDesired } from "../desired/desired.ts";
import { NO_CONFIG } from "../desired/no-config.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Digest } from "../digest/digest.ts";
import { parseGraphId } from "../digest/ids.ts";
import { openBundle } from "../intake/open-bundle.ts";
import { readLedger } from "../ledger/read-ledger.ts";
import type { LedgerReading } from "../ledger/reading.ts";

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

/** `ledger`: as it was read on the way, before any lease. */
export type AppliedConfig =
  | { readonly tag: "config"; readonly desired: Desired; readonly ledger: LedgerReading }
  /** The store did not answer, so asking again may help. */
  | { readonly tag: "unavailable"; readonly diagnostics: readonly Diagnostic[] };

/**
 * The config that was applied last. Where none was, or it is not kept, or no longer valid for this program, no config: a
 * command without one leaves what the ledger says of it in its place, and calls no drift over.
 */
export async function appliedConfig(ports: ClusterPorts): Promise<AppliedConfig> {
  const ledger = await readLedger(ports, { repair: false });
  if (ledger.tag === "unavailable") return ledger;
  const digest = ledger.tag === "ready" ? (ledger.receipt?.bundle_digest ?? null) : null;
  if (digest === null) return { tag: "config", desired: NO_CONFIG, ledger };
  const config = await runConfig(ports, digest);
  if (config.tag === "unavailable") return { tag: "unavailable", diagnostics: config.diagnostics };
  const desired = config.tag === "config" && config.desired.ok ? config.desired : NO_CONFIG;
  return { tag: "config", desired, ledger };
}
