/**
 * The status command (spec/cluster 11.1): what the ledger says, who holds the lock, what is not settled, and whether
 * the catalog holds what was applied. No lock, no writes; live graphs are not opened and sources are not read.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { ledgerFacts } from "../apply/ledger-facts.ts";
import { lockFacts } from "../apply/lock-facts.ts";
import { pendingWarnings, readIntents } from "../apply/recovery/intents.ts";
import { blockedDiagnostics } from "../apply/runs/blocked.ts";
import { type Diagnostic, diagnostic, hasErrors } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { observeLock } from "../ledger/lock-observation.ts";
import { type Protections, protectionsOf } from "../ledger/protection.ts";
import { readLedger } from "../ledger/read-ledger.ts";
import type { LedgerReading } from "../ledger/reading.ts";
import { stateObservations } from "../plan/state-observations.ts";
import { STATE_KEY } from "../ports/state-key.ts";
import { readLastCommits } from "./last-commits.ts";
import { OBSERVE_OUTPUT_FORMAT_VERSION, type StatusOutput } from "./observe-output.ts";
import { verifyPayloads } from "./verify-payloads.ts";

export async function statusCluster(ports: ClusterPorts, configDir: string): Promise<StatusOutput> {
  const [reading, lock, intents, blocked] = await Promise.all([
    readLedger(ports, { repair: false }),
    observeLock(ports),
    readIntents(ports),
    blockedDiagnostics(ports),
  ]);
  const state = reading.tag === "ready" || reading.tag === "rolled_back" ? reading.state : null;
  const payloads = state === null ? [] : (await verifyPayloads(ports.store, state)).diagnostics;
  const commits = await readLastCommits(ports, reading.tag === "ready" ? reading.receipt : null);
  const open =
    intents.tag === "read" ? pendingWarnings(intents, ports.root) : [unreadIntents(intents.reason)];
  const diagnostics = [...blocked, ...lock.diagnostics, ...open, ...readingDiagnostics(reading), ...payloads];
  const resources = Object.entries(state?.applied_revision.resources ?? {});
  return {
    ok: !hasErrors(diagnostics),
    format_version: OBSERVE_OUTPUT_FORMAT_VERSION,
    config_dir: configDir,
    state_observations: stateObservations(ports.root, ledgerFacts(reading), lockFacts(lock)),
    resource_digests: Object.fromEntries(resources.map(([address, entry]) => [address, entry.digest])),
    resource_statuses: state?.resource_statuses ?? {},
    observations: state?.observations ?? {},
    diagnostics,
    ...commits,
    protected: Object.fromEntries(protectionsIn(reading)),
  };
}

function protectionsIn(reading: LedgerReading): Protections {
  switch (reading.tag) {
    case "ready":
    case "rolled_back":
      return protectionsOf(reading.receipt, reading.state);
    case "lost":
      return protectionsOf(reading.receipt, null);
    case "missing":
    case "forked":
    case "invalid":
    case "unavailable":
      return new Map();
    default:
      return assertNever(reading);
  }
}

function unreadIntents(reason: string): Diagnostic {
  const message = `The open intents cannot be read: ${reason}.`;
  return diagnostic("recovery_sidecar_read_error", { path: "__cluster/recoveries", message });
}

function readingDiagnostics(reading: LedgerReading): readonly Diagnostic[] {
  if (reading.tag !== "missing") return reading.diagnostics;
  const message = "There is no ledger yet. The cluster import command creates it.";
  return [diagnostic("state_missing", { path: STATE_KEY, message, severity: "warning" })];
}
