/**
 * A deployment in memory: clusters, queues, inbox and notices that several workers share, and its commands in a few
 * words. A worker is a view of it; what becomes of a worker's store calls is for its interference to decide.
 */
import type { Access, AccessDecision, AccessRequest } from "../../lib/access/access.ts";
import type { Caller } from "../../lib/access/caller.ts";
import type { ClusterPorts } from "../../lib/apply/cluster-ports.ts";
import { decodeRunRecord, type RunRecord } from "../../lib/apply/runs/run-record.ts";
import { type Digest, sha256 } from "../../lib/digest/digest.ts";
import type { ClusterName, GraphId, RunId } from "../../lib/digest/ids.ts";
import { createMemoryTablesBackend } from "../../lib/engine/memory/memory-tables.ts";
import { keepBundle } from "../../lib/intake/keep-bundle.ts";
import { packFiles } from "../../lib/intake/pack.ts";
import { type DeploymentRules, LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import { createMemoryBackend } from "../../lib/memory/backend.ts";
import { createManualClock, type ManualClock } from "../../lib/memory/clock.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import {
  createMemoryQueueBackend,
  createMemoryWorkQueue,
  type MemoryQueueBackend,
} from "../../lib/memory/work-queue.ts";
import type { Ids } from "../../lib/ports/ids.ts";
import { SILENT_LOG } from "../../lib/ports/log.ts";
import type { Notice } from "../../lib/ports/notices.ts";
import type { WorkQueue } from "../../lib/ports/work-queue.ts";
import type { Deployment, DeploymentSettings, UploadedFile } from "../../lib/worker/deployment.ts";
import { type Handled, handleBody } from "../../lib/worker/handle-message.ts";
import { type OrderedRun, orderRun } from "../../lib/worker/order-run.ts";
import type { RunAsk, RunOrigin } from "../../lib/worker/run-ordering.ts";
import { openUpload } from "../../lib/worker/upload-ticket.ts";
import type { WorkContext } from "../../lib/worker/work-context.ts";
import { type Client, copyOf, openClient, type World } from "../apply/cluster.ts";
import { type ClusterFiles, filesOf } from "../apply/cluster-files.ts";
import { type Interference, NO_INTERFERENCE } from "../apply/interference.ts";
import { memoryExports } from "./memory-exports.ts";

const START_MS = Date.UTC(2026, 0, 1);
export const INVOCATION_MS = 600_000;
export const VISIBILITY_MS = 3_600_000;
export const DEMO = "demo" as ClusterName;

export const SETTINGS: DeploymentSettings = {
  format_version: 1,
  bootstrap_principal: null,
  issuers: {},
  group_claims: {},
  identity_map: { "iam-role:ci": "ci" },
  pinned_session_roles: [],
  uploaders: { "AWS:AROACI": "iam-role:ci" },
  clusters: null,
  rules: LAPTOP_RULES,
  unbound_graph: "deny",
  invocation_ms: INVOCATION_MS,
};

export const ANA: Caller = {
  actor: "ana",
  source: "jwt",
  canonical: "jwt:corp:ana",
  session: null,
  amr: ["mfa"],
  claim_groups: [],
};

export interface Question {
  readonly caller: Caller;
  readonly request: AccessRequest;
}

/** Ids that can go on from where others have stopped. */
interface CountedIds extends Ids {
  given: number;
}

function countedIds(given = 0): CountedIds {
  const inner = createCountingIds(31);
  for (let count = 0; count < given; count += 1) inner.next();
  const ids = {
    given,
    next() {
      ids.given += 1;
      return inner.next();
    },
    // From ids that were never given before, also by a copy that goes on from here.
    secret() {
      ids.given += 1;
      return sha256(inner.next());
    },
  };
  return ids;
}

/** Everything that outlives a worker. */
export interface Shared {
  readonly clock: ManualClock;
  readonly worlds: Map<string, World>;
  readonly inbox: Map<string, UploadedFile>;
  readonly exports: Map<string, string>;
  readonly notices: Notice[];
  readonly queues: { readonly applies: MemoryQueueBackend; readonly tasks: MemoryQueueBackend };
  readonly records: ReturnType<typeof createMemoryBackend>;
  readonly ids: CountedIds;
  readonly rules: Partial<DeploymentRules>;
  readonly questions: Question[];
  /** What policy says; absent: yes to everything. */
  decide: (question: Question) => AccessDecision;
}

export interface Worker {
  readonly shared: Shared;
  readonly deployment: Deployment;
  readonly context: WorkContext;
}

export function newShared(rules: Partial<DeploymentRules> = {}): Shared {
  return {
    clock: createManualClock(START_MS),
    worlds: new Map(),
    inbox: new Map(),
    exports: new Map(),
    notices: [],
    queues: { applies: createMemoryQueueBackend(), tasks: createMemoryQueueBackend() },
    records: createMemoryBackend(),
    ids: countedIds(),
    rules,
    questions: [],
    decide: () => ({ tag: "allowed", rules: [] }),
  };
}

/** The same deployment again, on its own from now on. */
export function copyOfShared(shared: Shared): Shared {
  const clock = createManualClock(shared.clock.nowMs());
  const worlds = [...shared.worlds].map(([name, world]) => [name, { ...copyOf(world), clock }] as const);
  return {
    ...shared,
    clock,
    worlds: new Map(worlds),
    inbox: new Map(shared.inbox),
    exports: new Map(shared.exports),
    notices: [...shared.notices],
    queues: { applies: { ...shared.queues.applies }, tasks: { ...shared.queues.tasks } },
    records: { objects: new Map(shared.records.objects), lease: shared.records.lease },
    ids: countedIds(shared.ids.given),
    questions: [],
  };
}

export function rootOf(cluster: string): string {
  return `s3://bucket/clusters/${cluster}`;
}

export function worldOf(shared: Shared, cluster: string = DEMO): World {
  const { clock } = shared;
  const known = shared.worlds.get(cluster);
  const world = known ?? {
    objects: createMemoryBackend(),
    rows: createMemoryTablesBackend(),
    clock,
    clients: 0,
  };
  shared.worlds.set(cluster, world);
  return world;
}

/** `remaining_ms`: how long each invocation of this worker lasts. */
export function openWorker(
  shared: Shared,
  interference: Interference = NO_INTERFERENCE,
  remaining_ms = INVOCATION_MS,
  settings: DeploymentSettings = SETTINGS,
): Worker {
  const { clock, ids } = shared;
  const clients = new Map<string, ClusterPorts>();
  const open = (cluster: ClusterName): ClusterPorts => {
    const known = clients.get(cluster);
    if (known !== undefined) return known;
    const { ports } = openClient(worldOf(shared, cluster), interference, shared.rules);
    const opened = { ...ports, ids, root: rootOf(cluster) };
    clients.set(cluster, opened);
    return opened;
  };
  const queue = (backend: MemoryQueueBackend): WorkQueue =>
    createMemoryWorkQueue(backend, { clock, ids, visibility_ms: VISIBILITY_MS });
  const deployment: Deployment = {
    settings,
    open,
    clusters: () => Promise.resolve({ tag: "listed", names: [...shared.worlds.keys()] as ClusterName[] }),
    inbox: {
      read: (key, bytesMax) => Promise.resolve(readInbox(shared.inbox.get(key), bytesMax)),
      presign: (key, _bytesMax, metadata) => {
        const headers = Object.fromEntries(
          Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]),
        );
        const expires_at = "2026-01-01T01:00:00Z";
        return Promise.resolve({ url: `memory:${key}`, method: "PUT", headers, expires_at });
      },
    },
    exports: memoryExports(shared.exports),
    applies: queue(shared.queues.applies),
    tasks: queue(shared.queues.tasks),
    notices: { publish: (notice) => Promise.resolve(shared.notices.push(notice) > 0) },
    clock,
    ids,
    log: SILENT_LOG,
    records: createMemoryObjectStore(shared.records),
  };
  return { shared, deployment, context: { access: accessOf(shared), remaining_ms } };
}

function readInbox(file: UploadedFile | undefined, bytesMax: number) {
  if (file === undefined) return { tag: "absent" } as const;
  const { length } = file.bytes;
  return length > bytesMax
    ? ({ tag: "too_large", bytes: length } as const)
    : ({ tag: "found", file } as const);
}

function accessOf(shared: Shared): Access {
  return {
    decide(_ports, caller, request) {
      shared.questions.push({ caller, request });
      return Promise.resolve(shared.decide({ caller, request }));
    },
    awaited: () => Promise.resolve({ tag: "awaited", addresses: [] }),
    queries: () => Promise.resolve({ tag: "hidden" }),
  };
}

/** A client of the cluster beside all workers. */
export function beside(shared: Shared, cluster: string = DEMO): Client {
  const world = worldOf(shared, cluster);
  const { ports } = openClient(world, NO_INTERFERENCE, shared.rules);
  return { world, ports: { ...ports, ids: shared.ids, root: rootOf(cluster) } };
}

/** Handles messages until there are none; what they came to, in order. */
export async function work(worker: Worker): Promise<readonly Handled[]> {
  const handled: Handled[] = [];
  for (let idle = false; !idle; ) {
    idle = true;
    for (const queue of [worker.deployment.tasks, worker.deployment.applies]) {
      const received = await queue.receive(0);
      const messages = received.tag === "received" ? received.messages : [];
      for (const { body, receipt } of messages) {
        idle = false;
        handled.push(await handleBody(worker.deployment, body, worker.context));
        await queue.acknowledge(receipt);
      }
    }
  }
  return handled;
}

/** Rows that ANA was given a link for, in the inbox; the key of the upload. */
export async function handInRows(worker: Worker, rows: string, graph = "people"): Promise<string> {
  const request = { purpose: "load", mode: "plan", graph: graph as GraphId, git: null, caller: ANA } as const;
  const opened = await openUpload(worker.deployment, DEMO, request);
  if (opened.tag !== "opened") throw new Error(JSON.stringify(opened.diagnostics));
  const named = Object.entries(opened.link.headers).map(([name, value]) => [
    name.replace(/^x-amz-meta-/, ""),
    value,
  ]);
  const metadata = Object.fromEntries(named);
  worker.shared.inbox.set(opened.ticket.key, {
    bytes: Buffer.from(rows, "utf8"),
    metadata,
    version: "1",
    uploaded_at: null,
  });
  return opened.ticket.key;
}

/** What is waiting in the queues is lost. */
export function loseMessages(shared: Shared): void {
  shared.queues.applies.record = createMemoryQueueBackend().record;
  shared.queues.tasks.record = createMemoryQueueBackend().record;
}

export function zipOf(files: Readonly<Record<string, string>>): Promise<Uint8Array> {
  const entries = Object.entries(files);
  return packFiles(entries.map(([path, text]) => ({ path, bytes: Buffer.from(text, "utf8") })));
}

export async function kept(
  worker: Worker,
  config: ClusterFiles,
  actor = "ana",
  cluster: ClusterName = DEMO,
): Promise<Digest> {
  const result = await keepBundle(worker.deployment.open(cluster), await zipOf(filesOf(config)), actor);
  if (result.tag !== "kept") throw new Error(JSON.stringify(result.diagnostics));
  return result.bundle_digest;
}

const BY_ANA: RunOrigin = { actor: "ana", trigger: "api", git: null, idempotency_key: null, caller: ANA };

export function order(
  worker: Worker,
  ask: RunAsk,
  origin: Partial<RunOrigin> = {},
  cluster: ClusterName = DEMO,
): Promise<OrderedRun> {
  return orderRun(worker.deployment, cluster, { ...BY_ANA, ...origin, ...ask });
}

export async function ordered(
  worker: Worker,
  ask: RunAsk,
  origin: Partial<RunOrigin> = {},
  cluster: ClusterName = DEMO,
): Promise<RunRecord> {
  const result = await order(worker, ask, origin, cluster);
  if (result.tag !== "ordered") throw new Error(JSON.stringify(result.diagnostics));
  return result.record;
}

/** Asks for an apply of everything that the config declares. */
export async function applyAsk(worker: Worker, config: ClusterFiles, cluster: ClusterName = DEMO) {
  const bundle_digest = await kept(worker, config, "ana", cluster);
  return { kind: "apply", bundle_digest, targets: null, allow_mass_delete: false } as const;
}

export async function planAsk(worker: Worker, config: ClusterFiles, cluster: ClusterName = DEMO) {
  const bundle_digest = await kept(worker, config, "ana", cluster);
  return { kind: "plan", bundle_digest, targets: null, purge: null } as const;
}

/** A cluster with a ledger, and with `config` applied to it if there is one. */
export async function appliedDeployment(
  config: ClusterFiles | null,
  rules: Partial<DeploymentRules> = {},
): Promise<Worker> {
  const worker = openWorker(newShared(rules));
  await ordered(worker, { kind: "import" });
  await work(worker);
  if (config !== null) {
    await ordered(worker, await applyAsk(worker, config));
    await work(worker);
  }
  return worker;
}

export function recordOf(shared: Shared, id: RunId, cluster: string = DEMO): RunRecord {
  const key = `__graphform/runs/${id}.json`;
  const decoded = decodeRunRecord(worldOf(shared, cluster).objects.objects.get(key) ?? new Uint8Array());
  if (decoded.tag === "invalid") throw new Error(`record of ${id}: ${decoded.detail}`);
  return decoded.record;
}

export function kindsOf(notices: readonly Notice[]): readonly string[] {
  return notices.map((each) => each.kind);
}
