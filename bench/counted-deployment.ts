/**
 * CountedDeployment: a deployment in memory whose every call to the outside is counted while a piece of work is done,
 * with the API, the workers and the schedule as the functions have them. Rows are in memory: that a graph's rows are
 * touched is noted, what Lance asks of S3 for it is counted elsewhere (lance-requests.ts).
 */
import { HOLDING_MARGIN_MS } from "../functions/limits.ts";
import { createAccess } from "../lib/access/cedar-access.ts";
import { createApi } from "../lib/api/create-api.ts";
import type { ClusterPorts } from "../lib/apply/cluster-ports.ts";
import { inWaves } from "../lib/apply/wave.ts";
import type { ClusterName } from "../lib/digest/ids.ts";
import { createEngine } from "../lib/engine/create-engine.ts";
import { createMemoryTables, createMemoryTablesBackend } from "../lib/engine/memory/memory-tables.ts";
import { LAPTOP_RULES } from "../lib/ledger/deployment-rules.ts";
import { createMemoryBackend } from "../lib/memory/backend.ts";
import { createManualClock } from "../lib/memory/clock.ts";
import { createCountingIds } from "../lib/memory/ids.ts";
import { createMemoryLeaseTable } from "../lib/memory/lease-table.ts";
import { createMemoryObjectStore } from "../lib/memory/object-store.ts";
import { createMemoryQueueBackend, createMemoryWorkQueue } from "../lib/memory/work-queue.ts";
import { createLedgerStoreOver } from "../lib/ports/ledger-over-objects.ts";
import type { Log, LogEvent } from "../lib/ports/log.ts";
import type { WorkQueue } from "../lib/ports/work-queue.ts";
import type { Deployment, DeploymentSettings } from "../lib/worker/deployment.ts";
import { handleBody } from "../lib/worker/handle-message.ts";
import { promptSchedule } from "../lib/worker/prompt.ts";
import type { ScheduledKind } from "../lib/worker/work-message.ts";
import { timed } from "./report.ts";
import { WaveCounter } from "./wave-counter.ts";
import type { CountedWork } from "./work-usage.ts";

export const BENCH_CLUSTER = "bench" as ClusterName;
const INVOCATION_MS = 300_000;
const CALLER = {
  actor: "ana",
  source: "iam",
  canonical: "iam-role:bench",
  session: null,
  amr: [],
  claim_groups: [],
} as const;

const SETTINGS: DeploymentSettings = {
  format_version: 1,
  bootstrap_principal: CALLER.canonical,
  issuers: {},
  group_claims: {},
  identity_map: { [CALLER.canonical]: CALLER.actor },
  pinned_session_roles: [],
  uploaders: {},
  clusters: null,
  rules: LAPTOP_RULES,
  unbound_graph: "deny",
  invocation_ms: INVOCATION_MS,
};

export interface Counted<Value> extends CountedWork {
  readonly value: Value;
  /** Calls to the rows of graphs. */
  readonly row_calls: number;
}

export interface ApiAnswer {
  readonly body: unknown;
  readonly bytes: number;
}

export interface CountedDeployment {
  /** One request to the API below `/v1/clusters/<cluster>/`; a refused one is thrown. */
  request(method: "GET" | "POST", path: string, body?: object | Uint8Array): Promise<Counted<ApiAnswer>>;
  /** What the worker does for the message that waits; what it prompts in turn is left in the queue. */
  work(queue: "tasks" | "applies"): Promise<Counted<null>>;
  /** What the schedule does at one tick for that many clusters; of its messages nothing is kept. */
  tick(kind: ScheduledKind, clusters: number): Promise<Counted<null>>;
  /** What the worker does for one prompt of the schedule. */
  scheduled(kind: ScheduledKind): Promise<Counted<null>>;
}

/** What was seen beside the calls themselves. */
interface Seen {
  bytes: number;
  rows: number;
  lines: number;
  line_bytes: number;
}

export function createCountedDeployment(): CountedDeployment {
  const counter = new WaveCounter();
  const seen: Seen = { bytes: 0, rows: 0, lines: 0, line_bytes: 0 };
  const backend = createMemoryBackend();
  const deployment = deploymentIn(backend, counter, seen);
  const accessOf = () => createAccess(deployment.settings, deployment.records);
  const identify = () => Promise.resolve(CALLER);
  const app = createApi({ deployment, access: accessOf(), identify });
  const context = { access: accessOf(), remaining_ms: INVOCATION_MS };
  const counted = async <Value>(work: () => Promise<Value>): Promise<Counted<Value>> => {
    Object.assign(seen, { bytes: 0, rows: 0, lines: 0, line_bytes: 0 });
    const answers: Value[] = [];
    const { value: count, cpu_ms } = await timed(() =>
      counter.count(async () => void answers.push(await work())),
    );
    return {
      value: answers[0] as Value,
      // A copy: what is asked between two pieces of work belongs to neither.
      calls: new Map(counter.methods),
      chain: count.chain,
      cpu_ms,
      bytes_written: seen.bytes,
      row_calls: seen.rows,
      log_lines: seen.lines,
      log_bytes: seen.line_bytes,
      lease_bytes: JSON.stringify(backend.lease).length,
    };
  };
  const handled = async (queue: WorkQueue): Promise<Counted<null>> => {
    const [message, more] = await takeAll(queue);
    if (message === undefined || more !== undefined) throw new Error("one message is to wait");
    return counted(async () => {
      await handleBody(deployment, message, context);
      return null;
    });
  };
  return {
    request: (method, path, body) => counted(() => asked(app, method, path, body)),
    work: (queue) => handled(deployment[queue]),
    async tick(kind, clusters) {
      const names = Array.from({ length: clusters }, (_, index) => `c${index}` as ClusterName);
      const ticked = await counted(async () => {
        await deployment.clusters();
        await inWaves(names, (cluster) => promptSchedule(deployment, cluster, kind));
        return null;
      });
      await takeAll(deployment.applies);
      return ticked;
    },
    async scheduled(kind) {
      await promptSchedule(deployment, BENCH_CLUSTER, kind);
      return handled(deployment.applies);
    },
  };
}

/** The bodies of all messages that wait, which are gone from the queue then. */
async function takeAll(queue: WorkQueue): Promise<readonly string[]> {
  const bodies: string[] = [];
  for (;;) {
    const received = await queue.receive(0);
    const messages = received.tag === "received" ? received.messages : [];
    if (messages.length === 0) return bodies;
    for (const { body, receipt } of messages) {
      bodies.push(body);
      await queue.acknowledge(receipt);
    }
  }
}

async function asked(
  app: ReturnType<typeof createApi>,
  method: "GET" | "POST",
  path: string,
  body?: object | Uint8Array,
): Promise<ApiAnswer> {
  const raw = body instanceof Uint8Array;
  const sent = raw ? Buffer.from(body) : body === undefined ? null : JSON.stringify(body);
  const headers = {
    "content-type": raw ? "application/zip" : "application/json",
    ...(method === "POST" ? { "idempotency-key": crypto.randomUUID() } : {}),
  };
  const url = `/v1/clusters/${BENCH_CLUSTER}/${path}`;
  const response = await app.request(url, { method, headers, ...(sent === null ? {} : { body: sent }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return { body: JSON.parse(text), bytes: text.length };
}

function deploymentIn(
  backend: ReturnType<typeof createMemoryBackend>,
  counter: WaveCounter,
  seen: Seen,
): Deployment {
  const clock = createManualClock(Date.UTC(2026, 0, 1));
  const ids = createCountingIds();
  const log = countedLog(seen);
  const watched = <Port extends object>(name: string, port: Port, only?: string) =>
    counted(port, async (method, args) => {
      if (only !== undefined && method !== only) return;
      const body = args[1];
      if (body instanceof Uint8Array) seen.bytes += body.length;
      await counter.gate(`${name}.${method}`);
    });
  const store = watched("store", createMemoryObjectStore(backend));
  const rows = counted(createMemoryTables(createMemoryTablesBackend()), async () => {
    seen.rows += 1;
  });
  const ports: ClusterPorts = {
    store,
    ledger: createLedgerStoreOver(store),
    lease: watched("lease", createMemoryLeaseTable(backend, clock)),
    lease_table: { kind: "memory", name: "bench" },
    engine: createEngine({ store, tables: rows, clock, ids, log }),
    rules: SETTINGS.rules,
    clock,
    ids,
    log,
    root: `s3://bench/clusters/${BENCH_CLUSTER}`,
    owner: "bench",
    pid: 1,
    holding: () => ({ duration_ms: INVOCATION_MS + HOLDING_MARGIN_MS, renew: false }),
  };
  // Receiving and deleting are Lambda's, and counted with the invocation.
  const queue = (name: string) => {
    const options = { clock, ids, visibility_ms: INVOCATION_MS };
    return watched(name, createMemoryWorkQueue(createMemoryQueueBackend(), options), "send");
  };
  const roots = { list: () => Promise.resolve({ tag: "listed", names: [BENCH_CLUSTER] } as const) };
  const clusters = watched("clusters", roots);
  return {
    settings: SETTINGS,
    open: () => ports,
    clusters: () => clusters.list(),
    inbox: { read: () => Promise.resolve({ tag: "absent" }), presign: () => Promise.resolve(null) },
    exports: {
      write: () => Promise.resolve({ tag: "unavailable", reason: "nothing is exported here" }),
      presign: () => Promise.resolve(null),
    },
    applies: queue("applies"),
    tasks: queue("tasks"),
    notices: watched("notices", { publish: () => Promise.resolve(true) }),
    clock,
    ids,
    log,
    records: watched("records", createMemoryObjectStore(createMemoryBackend())),
  };
}

/** The same port, whose calls are told before they are made. */
function counted<Port extends object>(
  port: Port,
  before: (method: string, args: readonly unknown[]) => Promise<void>,
): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return async (...args: unknown[]): Promise<unknown> => {
        await before(String(name), args);
        return Reflect.apply(member, target, args);
      };
    },
  });
}

function countedLog(seen: Seen): Log {
  const count = (event: LogEvent): void => {
    seen.lines += 1;
    seen.line_bytes += JSON.stringify(event).length;
  };
  return { info: count, warn: count };
}
