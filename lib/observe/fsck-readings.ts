/**
 * Everything that a check reads, before anything is judged. Reads only, takes no lock; in the order in which a sweep
 * reads (ledger, intents, approvals, graphs), so that what is settled meanwhile is never seen as missing (design 7).
 */
import { readEvidence, type StoredEvidence } from "../apply/approvals/approval-store.ts";
import { type ArtifactsRead, readArtifacts } from "../apply/approvals/read-artifacts.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { listAll } from "../apply/list-all.ts";
import { type IntentsRead, readIntents } from "../apply/recovery/intents.ts";
import { inWaves } from "../apply/wave.ts";
import { parseAddress } from "../desired/address.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { compareBytes } from "../digest/digest.ts";
import type { ApprovalId, GraphId } from "../digest/ids.ts";
import type { Observation } from "../engine/engine.ts";
import { manifestPrefix, manifestVersion } from "../engine/paths.ts";
import { checkDeployment, type DeploymentCheck } from "../ledger/deployment.ts";
import { pastCommit } from "../ledger/follow-history.ts";
import { type CommitIdentity, decodeHead } from "../ledger/head.ts";
import { parentOf } from "../ledger/history.ts";
import { HEADS_PREFIX, headRevision } from "../ledger/keys.ts";
import { type LockObservation, observeLock } from "../ledger/lock-observation.ts";
import { isOurs } from "../ledger/lock-placement.ts";
import { protectionsOf } from "../ledger/protection.ts";
import { readLedger } from "../ledger/read-ledger.ts";
import type { LedgerReading } from "../ledger/reading.ts";
import { readObjectRetrying, retryRead } from "../ledger/retry.ts";
import { type ApprovalUse, approvalUse } from "./approval-use.ts";
import { HEADS_CHECKED_MAX, HISTORY_CHECKED_MAX, MANIFESTS_CHECKED_MAX } from "./limits.ts";
import { type PlansRead, readPlans } from "./read-plans.ts";
import { type PayloadReport, verifyPayloads } from "./verify-payloads.ts";
import { type WholeHistory, wholeHistory } from "./whole-history.ts";

export type Listed<Value> =
  | ({ readonly tag: "read" } & Value)
  | { readonly tag: "unavailable"; readonly reason: string };

/** Every head by its revision; null: it is there and damaged. */
export type HeadsRead = Listed<{ readonly heads: ReadonlyMap<number, CommitIdentity | null> }>;

export interface GraphReading {
  readonly observation: Observation;
  /** The versions that are stored, in no order. */
  readonly versions: Listed<{ readonly versions: ReadonlySet<number> }>;
}

export interface ApprovalsReading {
  readonly evidence: Listed<{
    readonly evidence: readonly StoredEvidence[];
    readonly diagnostics: readonly Diagnostic[];
  }>;
  readonly artifacts: ArtifactsRead;
  /** What the chain says of every approval that calls itself used. */
  readonly uses: ReadonlyMap<ApprovalId, ApprovalUse>;
}

export interface FsckReadings {
  readonly reading: LedgerReading;
  readonly deployment: DeploymentCheck;
  /** Null: there is no commit to begin with, or no ledger that could name one. */
  readonly history: WholeHistory | null;
  readonly heads: HeadsRead;
  /** Null: there is no ledger that could name any. */
  readonly payloads: PayloadReport | null;
  /** Of every graph that the ledger names and, unless `unlisted` says why not, of every chain that is there. */
  readonly graphs: { readonly graphs: ReadonlyMap<GraphId, GraphReading>; readonly unlisted: string | null };
  readonly intents: IntentsRead;
  readonly approvals: ApprovalsReading;
  readonly lock: LockObservation;
  /** Whose the lock file is that nobody holds; `yes` where there is none. */
  readonly lock_ours: "yes" | "no" | "unavailable";
  readonly plans: PlansRead;
}

export async function readForFsck(ports: ClusterPorts): Promise<FsckReadings> {
  const reading = await readLedger(ports, { repair: false });
  const intents = await readIntents(ports);
  const [lock, deployment, evidence, artifacts, heads] = await Promise.all([
    observeLock(ports),
    checkDeployment(ports, ports.lease_table),
    readEvidence(ports, new Set()),
    readArtifacts(ports, new Set()),
    readHeads(ports),
  ]);
  const state = reading.tag === "ready" ? reading.state : null;
  const [history, payloads, plans, graphs] = await Promise.all([
    readHistory(ports, reading),
    state === null ? null : verifyPayloads(ports.store, state),
    readPlans(ports),
    readGraphs(ports, reading),
  ]);
  const left = lock.holder === null ? lock.lock : null;
  const lock_ours = left === null ? "yes" : await isOurs(ports, left.lock_id);
  const uses = await readUses(ports, evidence.tag === "read" ? evidence.evidence : []);
  const approvals = { evidence, artifacts, uses };
  return {
    reading,
    deployment,
    history,
    heads,
    payloads,
    graphs,
    intents,
    approvals,
    lock,
    lock_ours,
    plans,
  };
}

/** The receipt of the present revision was read with it; that of another tool's range may not be stored yet. */
async function readHistory(ports: ClusterPorts, reading: LedgerReading): Promise<WholeHistory | null> {
  switch (reading.tag) {
    case "ready": {
      const { receipt, identity } = reading;
      if (receipt === null) return wholeHistory(ports, identity, HISTORY_CHECKED_MAX);
      const parent = parentOf(receipt);
      const own = pastCommit(receipt);
      if (parent === null) return { tag: "history", commits: [own], newest: receipt, gaps: [], limit: null };
      const older = await wholeHistory(ports, parent, HISTORY_CHECKED_MAX);
      return older.tag === "history"
        ? { ...older, newest: receipt, commits: [own, ...older.commits] }
        : older;
    }
    case "lost":
    case "rolled_back":
      return wholeHistory(ports, reading.highest, HISTORY_CHECKED_MAX);
    case "missing":
    case "forked":
    case "invalid":
    case "unavailable":
      return null;
    default:
      return assertNever(reading);
  }
}

async function readHeads(ports: ClusterPorts): Promise<HeadsRead> {
  const listing = await retryRead(ports.clock, () =>
    listAll(ports.store, HEADS_PREFIX, HEADS_CHECKED_MAX, true),
  );
  if (listing.tag === "unavailable") return listing;
  const heads = new Map<number, CommitIdentity | null>();
  const reads = await inWaves(listing.keys, (key) => readObjectRetrying(ports, key));
  for (const [index, read] of reads.entries()) {
    const revision = headRevision(listing.keys[index]!);
    if (revision === null || read.tag === "absent") continue;
    if (read.tag === "unavailable") return read;
    heads.set(revision, decodeHead(revision, read.bytes));
  }
  return { tag: "read", heads };
}

async function readGraphs(ports: ClusterPorts, reading: LedgerReading): Promise<FsckReadings["graphs"]> {
  const listing = await ports.engine.graphs();
  const unlisted = listing.tag === "unavailable" ? listing.reason : null;
  const found = listing.tag === "unavailable" ? [] : listing.graphs;
  const ids = [...new Set([...namedGraphs(reading), ...found])].sort(compareBytes);
  const readings = await inWaves(ids, (graph) => readGraph(ports, graph));
  return { graphs: new Map(ids.map((graph, index) => [graph, readings[index]!])), unlisted };
}

/** Every graph that ledger, receipt, tombstones or protection name. */
function namedGraphs(reading: LedgerReading): readonly GraphId[] {
  if (reading.tag !== "ready") return [];
  const { state, receipt } = reading;
  const addresses = [...Object.keys(state.applied_revision.resources), ...Object.keys(state.observations)];
  const named = addresses.flatMap((address) => {
    const parts = parseAddress(address);
    return parts !== null && "graph" in parts ? [parts.graph] : [];
  });
  const recorded = Object.keys(receipt?.graphs ?? {}) as GraphId[];
  return [...named, ...recorded, ...protectionsOf(receipt, state).keys()];
}

/** The head first: versions that are published meanwhile lie above it and are not asked for. */
async function readGraph(ports: ClusterPorts, graph: GraphId): Promise<GraphReading> {
  const observation = await ports.engine.observe(graph);
  const listing = await retryRead(ports.clock, () =>
    listAll(ports.store, manifestPrefix(graph), MANIFESTS_CHECKED_MAX, true),
  );
  if (listing.tag === "unavailable") return { observation, versions: listing };
  const versions = listing.keys.flatMap((key) => manifestVersion(graph, key) ?? []);
  return { observation, versions: { tag: "read", versions: new Set(versions) } };
}

async function readUses(
  ports: ClusterPorts,
  evidence: readonly StoredEvidence[],
): Promise<ReadonlyMap<ApprovalId, ApprovalUse>> {
  const used = evidence.filter((each) => each.evidence.state.tag === "consumed");
  const uses = await inWaves(used, (each) => approvalUse(ports.engine, each.evidence));
  return new Map(used.map((each, index) => [each.evidence.approval_id, uses[index]!]));
}
