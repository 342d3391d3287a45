/**
 * The refresh and import commands (spec/cluster 11.3, design 7): what is really there goes into the ledger. Refresh
 * writes only if something is new (W37). Import makes the ledger that is not there yet; it records what lives, and no
 * config digest, because nothing has been applied (W26). A ledger that was lost or put back to an older copy is made
 * again from its history. Refresh settles open intents first.
 */
import { isDeepStrictEqual } from "node:util";
import type { ApplyRun } from "../apply/apply-run.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { ledgerFacts } from "../apply/ledger-facts.ts";
import { lockedRun, type RunRequest } from "../apply/locked-run.ts";
import { pendingGraphs } from "../apply/recovery/intents.ts";
import { settledLedger } from "../apply/recovery/settled-ledger.ts";
import type { Desired } from "../desired/desired.ts";
import { NO_CONFIG } from "../desired/no-config.ts";
import { type Diagnostic, diagnostic, hasErrors } from "../diagnostic/diagnostic.ts";
import type { GraphId } from "../digest/ids.ts";
import type { Observation } from "../engine/engine.ts";
import { explainObservation } from "../engine/explain.ts";
import { protectionsOf, withProtections } from "../ledger/protection.ts";
import type { CommitBase, LedgerReading, ReadyLedger } from "../ledger/reading.ts";
import type { RecordedGraph } from "../ledger/receipt.ts";
import type { LedgerState } from "../ledger/state.ts";
import { NO_LEDGER, NO_LOCK, stateObservations } from "../plan/state-observations.ts";
import { timestamp } from "../ports/clock.ts";
import { STATE_KEY } from "../ports/state-key.ts";
import { importStart } from "./import-start.ts";
import { observeGraphs } from "./observe-graphs.ts";
import { OBSERVE_OUTPUT_FORMAT_VERSION, type RefreshOutput } from "./observe-output.ts";
import { refreshLedger } from "./refresh-ledger.ts";
import { verifyPayloads } from "./verify-payloads.ts";

export interface RefreshCommand
  extends Omit<RunRequest, "operation" | "plan_id" | "interrupted" | "progress"> {
  /** The config was the one applied last when it was read; if another has been applied since, it says nothing. */
  readonly as_applied?: true;
}

interface Refreshed {
  readonly reading: LedgerReading;
  readonly written: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

export async function refreshCluster(
  ports: ClusterPorts,
  operation: "refresh" | "import",
  command: RefreshCommand,
): Promise<RefreshOutput> {
  const { desired } = command;
  if (!desired.ok) return output(ports, operation, command, null, NO_LOCK, desired.diagnostics);
  const idle = { interrupted: () => false, progress: () => undefined };
  const request = { ...command, ...idle, operation, plan_id: null };
  const ran = await lockedRun(ports, request, (run, reading) =>
    operation === "refresh" ? refresh(run, reading, command) : importCluster(run, reading),
  );
  const around = [...desired.diagnostics, ...ran.diagnostics];
  if (ran.tag === "stopped") return output(ports, operation, command, null, ran.lock, around);
  return output(ports, operation, command, ran.value, ran.lock, [...around, ...ran.value.diagnostics]);
}

async function refresh(
  run: ApplyRun,
  reading: LedgerReading,
  { as_applied }: RefreshCommand,
): Promise<Refreshed> {
  const settled = await settledLedger(run, reading, "refresh");
  if (settled.tag === "stopped") return { reading, written: false, diagnostics: settled.diagnostics };
  const { ledger } = settled;
  const isOld = as_applied === true && ledger.receipt?.bundle_digest !== run.desired.bundle_digest;
  const desired = isOld ? NO_CONFIG : run.desired;
  const seen = await look(run, desired, ledger.state, settled.pending);
  const diagnostics = [...settled.diagnostics, ...seen.diagnostics];
  const state =
    seen.state === null ? null : withProtections(seen.state, protectionsOf(ledger.receipt, ledger.state));
  if (state === null || isDeepStrictEqual(state, ledger.state)) {
    return { reading: ledger, written: settled.recovered, diagnostics };
  }
  const refreshed = await record(run, ledger, state, seen.graphs, diagnostics, "refresh");
  return { ...refreshed, written: refreshed.written || settled.recovered };
}

async function importCluster(run: ApplyRun, reading: LedgerReading): Promise<Refreshed> {
  const stopped = (diagnostics: readonly Diagnostic[]) => ({ reading, written: false, diagnostics });
  if (reading.tag === "ready") {
    const message = "There is a ledger already; import is for a cluster that has none.";
    return stopped([diagnostic("state_already_exists", { path: STATE_KEY, message })]);
  }
  const start = await importStart(run.ports, reading);
  if (start.tag === "refused") return stopped(start.diagnostics);
  const intents = await run.intents;
  if (intents.tag === "unavailable") return stopped(intents.diagnostics);
  const seen = await look(run, run.desired, start.state, pendingGraphs(intents));
  if (seen.state === null || hasErrors(seen.diagnostics)) return stopped(seen.diagnostics);
  const diagnostics = [...start.diagnostics, ...seen.diagnostics];
  return settleImported(run, await record(run, start.base, seen.state, seen.graphs, diagnostics, "import"));
}

/** What earlier runs left open is settled on the ledger that was just made; before there was none to settle it on. */
async function settleImported(run: ApplyRun, imported: Refreshed): Promise<Refreshed> {
  if (imported.reading.tag !== "ready" || !imported.written) return imported;
  const settled = await settledLedger(run, imported.reading, "import");
  const diagnostics = [...imported.diagnostics, ...settled.diagnostics];
  const reading = settled.tag === "settled" ? settled.ledger : imported.reading;
  return { ...imported, reading, diagnostics };
}

interface Seen {
  /** Null if nothing could be observed at all. */
  readonly state: LedgerState | null;
  readonly graphs: ReadonlyMap<GraphId, RecordedGraph>;
  readonly diagnostics: readonly Diagnostic[];
}

async function look(
  { ports }: ApplyRun,
  desired: Desired,
  state: LedgerState,
  pending: ReadonlySet<GraphId>,
): Promise<Seen> {
  const [payloads, observed] = await Promise.all([
    verifyPayloads(ports.store, state),
    observeGraphs(ports.engine, state, desired),
  ]);
  if (observed.tag === "unavailable") {
    const message = `The graphs below the storage root cannot be listed: ${observed.reason}.`;
    return {
      state: null,
      graphs: new Map(),
      diagnostics: [diagnostic("graph_observation_error", { path: "graphs", message })],
    };
  }
  const { graphs } = observed;
  const facts = { state, desired, graphs, pending, root: ports.root, at: timestamp(ports.clock) };
  const next = refreshLedger({ ...facts, payloads: payloads.findings });
  const diagnostics = [...payloads.diagnostics, ...next.diagnostics, ...unseen(next.unseen, graphs)];
  return { state: next.state, graphs: recorded(graphs, next.state), diagnostics };
}

/** One that cannot be read stays so until somebody mends it; of one that did not answer the next look may tell. */
function unseen(count: number, graphs: ReadonlyMap<GraphId, Observation>): readonly Diagnostic[] {
  if (count === 0) return [];
  const [damaged] = [...graphs].filter(([, { tag }]) => tag === "unreadable");
  const { code: rule, fix } = damaged === undefined ? {} : explainObservation(...damaged);
  const message = `${count} graph${count === 1 ? "" : "s"} could not be opened; the observations say why.`;
  return [diagnostic("graph_observation_error", { path: "graphs", message, rule, fix })];
}

/** Head and incarnation of every graph that was seen and that the ledger has or had. */
function recorded(
  graphs: ReadonlyMap<GraphId, Observation>,
  state: LedgerState,
): ReadonlyMap<GraphId, RecordedGraph> {
  const rows = new Map<GraphId, RecordedGraph>();
  for (const [graph, seen] of graphs) {
    if (seen.tag === "unreadable" || seen.tag === "unavailable") continue;
    if (!(`graph.${graph}` in state.observations)) continue;
    // A chain that is gone counts from the start again, so what was recorded of it must not outlive it.
    if (seen.tag === "absent") rows.set(graph, { manifest_version: 0, incarnation: null });
    else rows.set(graph, { manifest_version: seen.head.version, incarnation: seen.head.incarnation });
  }
  return rows;
}

async function record(
  run: ApplyRun,
  base: CommitBase,
  state: LedgerState,
  graphs: ReadonlyMap<GraphId, RecordedGraph>,
  diagnostics: readonly Diagnostic[],
  kind: "refresh" | "import",
): Promise<Refreshed> {
  const facts = { kind, operations: new Map(), changes: [], recovered: [], approvals: [], graphs };
  const committed = await run.commit(base, state, facts);
  if (committed.tag === "committed") return { reading: committed.ledger, written: true, diagnostics };
  const problems = [...diagnostics, ...committed.diagnostics];
  return { reading: base as LedgerReading, written: committed.tag === "superseded", diagnostics: problems };
}

function output(
  ports: ClusterPorts,
  operation: "refresh" | "import",
  command: RefreshCommand,
  refreshed: Refreshed | null,
  lock: Parameters<typeof stateObservations>[2],
  diagnostics: readonly Diagnostic[],
): RefreshOutput {
  const ledger: ReadyLedger | null = refreshed?.reading.tag === "ready" ? refreshed.reading : null;
  const facts = refreshed === null ? NO_LEDGER : ledgerFacts(refreshed.reading);
  return {
    ok: !hasErrors(diagnostics),
    format_version: OBSERVE_OUTPUT_FORMAT_VERSION,
    operation,
    config_dir: command.desired.config_dir,
    state_observations: stateObservations(ports.root, facts, lock),
    resource_digests: digestsOf(refreshed, command),
    resource_statuses: ledger?.state.resource_statuses ?? {},
    observations: ledger?.state.observations ?? {},
    diagnostics,
    state_written: refreshed?.written ?? false,
  };
}

/** Of the ledger; of the config, if the command came to no ledger at all (spec/cluster 11.3). */
function digestsOf(refreshed: Refreshed | null, { desired }: RefreshCommand) {
  const reading = refreshed?.reading;
  if (reading?.tag === "missing") return {};
  if (reading?.tag !== "ready") return desired.resource_digests;
  const resources = Object.entries(reading.state.applied_revision.resources);
  return Object.fromEntries(resources.map(([address, entry]) => [address, entry.digest]));
}
