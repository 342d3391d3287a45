/** A cluster in memory for benches: ports over stores whose calls may be watched, and the commands on it. */
import type { ApplyOutput } from "../lib/apply/apply-output.ts";
import type { ClusterPorts } from "../lib/apply/cluster-ports.ts";
import { readCompilations, type StoredCompilations } from "../lib/apply/planning/compilations.ts";
import { planCluster } from "../lib/apply/planning/plan-cluster.ts";
import { type ReadAhead, readAhead } from "../lib/apply/read-ahead.ts";
import { runApply } from "../lib/apply/run-apply.ts";
import { bundleOfFiles } from "../lib/config/bundle.ts";
import { parseClusterYaml } from "../lib/config/parse.ts";
import { type Desired, loadDesired } from "../lib/desired/desired.ts";
import { parseGraphId } from "../lib/digest/ids.ts";
import { createEngine } from "../lib/engine/create-engine.ts";
import { createMemoryTables, createMemoryTablesBackend } from "../lib/engine/memory/memory-tables.ts";
import { LAPTOP_RULES } from "../lib/ledger/deployment-rules.ts";
import { createMemoryBackend } from "../lib/memory/backend.ts";
import { createSteppedClock } from "../lib/memory/clock.ts";
import { createCountingIds } from "../lib/memory/ids.ts";
import { createMemoryLeaseTable } from "../lib/memory/lease-table.ts";
import { createMemoryObjectStore } from "../lib/memory/object-store.ts";
import { refreshCluster } from "../lib/observe/refresh-cluster.ts";
import type { PlanOutput } from "../lib/plan/plan-output.ts";
import { createLedgerStoreOver } from "../lib/ports/ledger-over-objects.ts";
import { SILENT_LOG } from "../lib/ports/log.ts";

export type Files = ReadonlyMap<string, Uint8Array>;

/** Stands before every call of a port, `get` or `acquire` for example; resolves when the call may go on. */
export type CallGate = (method: string) => Promise<void>;

const OPEN: CallGate = () => Promise.resolve();

export interface MemoryCluster {
  readonly ports: ClusterPorts;
  /** How many objects there are. */
  readonly objects: () => number;
}

/** An empty cluster; `gate` sees every call of object store, ledger store and lease table. */
export function createMemoryCluster(gate: CallGate = OPEN): MemoryCluster {
  const backend = createMemoryBackend();
  const clock = createSteppedClock(Date.UTC(2026, 0, 1));
  const store = gated(createMemoryObjectStore(backend), gate);
  const ids = createCountingIds();
  const tables = createMemoryTables(createMemoryTablesBackend());
  const ports: ClusterPorts = {
    store,
    ledger: createLedgerStoreOver(store),
    lease: gated(createMemoryLeaseTable(backend, clock), gate),
    lease_table: { kind: "memory", name: "bench" },
    engine: createEngine({ store, tables, clock, ids, log: SILENT_LOG }),
    rules: LAPTOP_RULES,
    clock,
    ids,
    log: SILENT_LOG,
    root: "/bench",
    owner: "bench",
    pid: 1,
  };
  return { ports, objects: () => backend.objects.size };
}

/** The same port, whose methods wait for the gate first. */
function gated<Port extends object>(port: Port, gate: CallGate): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return async (...args: unknown[]): Promise<unknown> => {
        await gate(String(name));
        return Reflect.apply(member, target, args);
      };
    },
  });
}

export interface Loaded {
  readonly desired: Desired;
  readonly compilations: StoredCompilations;
}

/** What an apply is begun with. */
export interface LoadedForApply extends Loaded {
  readonly ahead: ReadAhead;
}

/** Loads a config as the command line does: with what the cluster has kept. */
export async function loadConfig({ ports }: MemoryCluster, files: Files): Promise<Loaded> {
  const bundle = bundleOfFiles("bench", files);
  const parsed = parseClusterYaml(files.get("cluster.yaml") ?? new Uint8Array());
  const declared = parsed.tag === "parsed" ? parsed.config.graphs : [];
  const graphs = declared.flatMap(({ id }) => parseGraphId(id) ?? []);
  const compilations = await readCompilations(ports.store, graphs);
  return { desired: loadDesired(bundle, compilations), compilations };
}

/** Loads a config as a worker does for an apply: what is read ahead of the lease is asked for meanwhile. */
export async function loadForApply(cluster: MemoryCluster, files: Files): Promise<LoadedForApply> {
  const [loaded, ahead] = await Promise.all([loadConfig(cluster, files), readAhead(cluster.ports)]);
  return { ...loaded, ahead };
}

export async function plan(cluster: MemoryCluster, { desired, compilations }: Loaded): Promise<PlanOutput> {
  const { output } = await planCluster(cluster.ports, {
    desired,
    actor: "bench",
    targets: null,
    compilations,
  });
  if (!output.ok) throw new Error(`plan: ${JSON.stringify(output.diagnostics)}`);
  return output;
}

export async function importLedger(cluster: MemoryCluster, { desired }: Loaded): Promise<void> {
  const command = { desired, actor: "bench", trigger: "bench" };
  const output = await refreshCluster(cluster.ports, "import", command);
  if (!output.ok) throw new Error(`import: ${JSON.stringify(output.diagnostics)}`);
}

export async function refresh(cluster: MemoryCluster, { desired }: Loaded): Promise<void> {
  const command = { desired, actor: "bench", trigger: "bench" };
  const output = await refreshCluster(cluster.ports, "refresh", command);
  if (!output.ok) throw new Error(`refresh: ${JSON.stringify(output.diagnostics)}`);
}

export async function apply(cluster: MemoryCluster, loaded: Loaded | LoadedForApply): Promise<ApplyOutput> {
  const output = await runApply(cluster.ports, {
    ...loaded,
    actor: "bench",
    trigger: "bench",
    reviewed: null,
    targets: null,
    allow_mass_delete: false,
    consent: () => Promise.resolve(true),
    interrupted: () => false,
    progress: () => undefined,
  });
  if (!output.ok) throw new Error(`apply: ${JSON.stringify(output.diagnostics)}`);
  return output;
}
