/**
 * A cluster in memory: the ports of one client over a shared world, and the commands in a few words. Two clients see
 * each other at once. `calls` tells how often a client has asked the outside, and `interfere` decides what becomes of
 * each call.
 */
import { expect } from "vitest";
import type { ApplyOutput } from "../../lib/apply/apply-output.ts";
import type { ClusterPorts } from "../../lib/apply/cluster-ports.ts";
import { type PlannedCluster, planCluster } from "../../lib/apply/planning/plan-cluster.ts";
import { type ApplyCommand, runApply } from "../../lib/apply/run-apply.ts";
import type { Desired } from "../../lib/desired/desired.ts";
import type { GraphId, IncarnationId, OperationId, RunId } from "../../lib/digest/ids.ts";
import { createEngine } from "../../lib/engine/create-engine.ts";
import type { Manifest } from "../../lib/engine/manifest.ts";
import {
  createMemoryTables,
  createMemoryTablesBackend,
  type MemoryTablesBackend,
} from "../../lib/engine/memory/memory-tables.ts";
import { decodeLedger } from "../../lib/ledger/codec.ts";
import { type DeploymentRules, LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import type { LedgerState } from "../../lib/ledger/state.ts";
import { createMemoryBackend, type MemoryBackend } from "../../lib/memory/backend.ts";
import { createManualClock, type ManualClock } from "../../lib/memory/clock.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import { createMemoryLeaseTable } from "../../lib/memory/lease-table.ts";
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import type { RefreshOutput, StatusOutput } from "../../lib/observe/observe-output.ts";
import { refreshCluster } from "../../lib/observe/refresh-cluster.ts";
import { statusCluster } from "../../lib/observe/status-cluster.ts";
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import { createLedgerStoreOver } from "../../lib/ports/ledger-over-objects.ts";
import { SILENT_LOG } from "../../lib/ports/log.ts";
import { storeKey } from "../../lib/ports/object-store.ts";
import { type ClusterFiles, desiredCluster } from "./cluster-files.ts";
import { type Interference, interferedLease, interferedStore, NO_INTERFERENCE } from "./interference.ts";

export const ROOT = "/cluster";
const START_MS = Date.UTC(2026, 0, 1);

/** What all clients share. */
export interface World {
  readonly objects: MemoryBackend;
  readonly rows: MemoryTablesBackend;
  readonly clock: ManualClock;
  clients: number;
}

export function newWorld(): World {
  return {
    objects: createMemoryBackend(),
    rows: createMemoryTablesBackend(),
    clock: createManualClock(START_MS),
    clients: 0,
  };
}

/** The same world again, on its own from now on. */
export function copyOf(world: World): World {
  const rows = new Map([...world.rows].map(([path, dataset]) => [path, structuredClone(dataset)]));
  return {
    objects: { objects: new Map(world.objects.objects), lease: world.objects.lease },
    rows,
    clock: createManualClock(world.clock.nowMs()),
    clients: world.clients,
  };
}

export interface Client {
  readonly world: World;
  readonly ports: ClusterPorts;
}

/** `rules`: where the deployment differs from a laptop. */
export function openClient(
  world: World,
  interference: Interference = NO_INTERFERENCE,
  rules: Partial<DeploymentRules> = {},
): Client {
  world.clients += 1;
  const number = world.clients;
  const { clock } = world;
  const store = interferedStore(createMemoryObjectStore(world.objects), interference);
  const ids = createCountingIds(number);
  const tables = createMemoryTables(world.rows);
  const ports: ClusterPorts = {
    store,
    ledger: createLedgerStoreOver(store),
    lease: interferedLease(createMemoryLeaseTable(world.objects, clock), interference),
    lease_table: { kind: "memory", name: "test" },
    engine: createEngine({ store, tables, clock, ids, log: SILENT_LOG }),
    rules: { ...LAPTOP_RULES, ...rules },
    clock,
    ids,
    log: SILENT_LOG,
    root: ROOT,
    owner: `client-${number}`,
    pid: number,
  };
  return { world, ports };
}

export type Config = ClusterFiles | Desired;

export function desiredFrom(config: Config): Desired {
  return "resources" in config ? config : desiredCluster(config);
}

export function apply(
  client: Client,
  config: Config,
  overrides: Partial<ApplyCommand> = {},
): Promise<ApplyOutput> {
  return runApply(client.ports, applyCommand(config, overrides));
}

export function applyCommand(config: Config, overrides: Partial<ApplyCommand> = {}): ApplyCommand {
  return {
    desired: desiredFrom(config),
    actor: "ana",
    trigger: "test",
    reviewed: null,
    targets: null,
    allow_mass_delete: false,
    consent: () => Promise.resolve(true),
    interrupted: () => false,
    progress: () => undefined,
    ...overrides,
  };
}

export function plan(client: Client, config: Config, keep = false): Promise<PlannedCluster> {
  return planCluster(client.ports, { desired: desiredFrom(config), actor: "ana", targets: null, keep });
}

export async function planned(client: Client, config: Config, keep = false): Promise<PlanDocument> {
  const made = await plan(client, config, keep);
  expect(codesOf(made.output, "error")).toEqual([]);
  if (made.plan === null) throw new Error("no plan was made");
  return made.plan;
}

export function refresh(client: Client, config: Config): Promise<RefreshOutput> {
  return refreshCluster(client.ports, "refresh", refreshCommand(config));
}

export function importCluster(client: Client, config: Config): Promise<RefreshOutput> {
  return refreshCluster(client.ports, "import", refreshCommand(config));
}

function refreshCommand(config: Config) {
  return { desired: desiredFrom(config), actor: "ana", trigger: "test" };
}

export function status(client: Client): Promise<StatusOutput> {
  return statusCluster(client.ports, "demo");
}

/** A world in which `config` has been imported and applied without an error. */
export async function appliedWorld(config: Config): Promise<Client> {
  const client = openClient(newWorld());
  const imported = await importCluster(client, config);
  expect(codesOf(imported, "error")).toEqual([]);
  const applied = await apply(client, config);
  expect({ codes: codesOf(applied, "error"), converged: applied.converged }).toEqual({
    codes: [],
    converged: true,
  });
  return client;
}

interface Diagnosed {
  readonly diagnostics: readonly {
    readonly code: string;
    readonly severity: string;
    readonly path: string;
  }[];
}

export function codesOf(output: Diagnosed, severity?: "error" | "warning"): readonly string[] {
  const wanted = output.diagnostics.filter((each) => severity === undefined || each.severity === severity);
  return wanted.map((each) => each.code);
}

/** `code path` of every diagnostic. */
export function reportsOf(output: Diagnosed): readonly string[] {
  return output.diagnostics.map((each) => `${each.code} ${each.path}`);
}

interface Changed {
  readonly changes: readonly {
    readonly resource: string;
    readonly operation: string;
    readonly disposition: string;
    readonly reason?: string;
  }[];
}

/** `operation address: disposition (reason)` of every change. */
export function changesOf(output: Changed): readonly string[] {
  return output.changes.map(({ resource, operation, disposition, reason }) =>
    reason === undefined
      ? `${operation} ${resource}: ${disposition}`
      : `${operation} ${resource}: ${disposition} (${reason})`,
  );
}

/** The ledger as it is stored. */
export function ledgerOf(world: World): LedgerState {
  const bytes = world.objects.objects.get("__cluster/state.json");
  if (bytes === undefined) throw new Error("there is no ledger");
  const decoded = decodeLedger(bytes);
  if (decoded.tag === "invalid") throw new Error(decoded.diagnostics.map((each) => each.message).join("\n"));
  return decoded.state;
}

/** Every object below the root but the records of who held the lock, which are never removed. */
export function storedObjects(world: World): ReadonlyMap<string, string> {
  const texts = [...world.objects.objects]
    .filter(([key]) => !key.startsWith("__graphform/locks/"))
    .map(([key, bytes]) => [key, Buffer.from(bytes).toString("utf8")] as const);
  return new Map(texts.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function keysBelow(world: World, prefix: string): readonly string[] {
  return [...world.objects.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
}

export function putText(world: World, key: string, text: string): void {
  world.objects.objects.set(key, Buffer.from(text, "utf8"));
}

export function textOf(world: World, key: string): string {
  return Buffer.from(world.objects.objects.get(storeKey(key)) ?? []).toString("utf8");
}

/** Writes the ledger past its commit point, as another tool would. */
export function writeLedger(world: World, change: (state: LedgerState) => object): void {
  putText(world, "__cluster/state.json", `${JSON.stringify(change(ledgerOf(world)), null, 2)}\n`);
}

export async function headOf(client: Client, graph: string): Promise<Manifest> {
  const observation = await client.ports.engine.observe(graph as GraphId);
  if ("head" in observation) return observation.head;
  throw new Error(`graph.${graph} is ${observation.tag}`);
}

function attribution(client: Client) {
  const { ids } = client.ports;
  return {
    operation_id: ids.next() as OperationId,
    run_id: ids.next() as RunId,
    actor: "somebody else",
  };
}

/** Changes a live schema behind the ledger's back. */
export async function migrateBehind(client: Client, graph: string, source: string): Promise<Manifest> {
  const head = await headOf(client, graph);
  const outcome = await client.ports.engine.migrate({
    graph: graph as GraphId,
    expect: head.version,
    ...attribution(client),
    schema_source: source,
    data_loss: false,
  });
  if (outcome.tag !== "done") throw new Error(`migrate: ${outcome.tag}`);
  return outcome.manifest;
}

/** Deletes a live graph behind the ledger's back. */
export async function removeBehind(client: Client, graph: string): Promise<void> {
  const head = await headOf(client, graph);
  const outcome = await client.ports.engine.remove({
    graph: graph as GraphId,
    expect: head.version,
    ...attribution(client),
  });
  if (outcome.tag !== "done") throw new Error(`remove: ${outcome.tag}`);
}

/** Creates a graph anew behind the ledger's back. */
export async function createBehind(client: Client, graph: string, schema_source: string): Promise<void> {
  const head = await headOf(client, graph);
  const outcome = await client.ports.engine.create({
    graph: graph as GraphId,
    expect: head.version,
    ...attribution(client),
    schema_source,
    incarnation: client.ports.ids.next() as IncarnationId,
  });
  if (outcome.tag !== "done") throw new Error(`create: ${outcome.tag}`);
}

/** Loads people, by name or with all they have. */
export async function loadPeople(
  client: Client,
  graph: string,
  ...people: readonly (string | object)[]
): Promise<void> {
  const rows = people.map((each) => (typeof each === "string" ? { name: each } : each));
  const lines = rows.map((data) => `${JSON.stringify({ type: "Person", data })}\n`).join("");
  const outcome = await client.ports.engine.load({
    graph: graph as GraphId,
    mode: "append",
    source_name: "people.jsonl",
    open: () => chunks(Buffer.from(lines, "utf8")),
    ...attribution(client),
  });
  if (outcome.tag !== "done") throw new Error(`load: ${outcome.tag}`);
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

export async function rowsOf(client: Client, graph: string): Promise<number> {
  const counted = await client.ports.engine.count({ graph: graph as GraphId });
  if (counted.tag !== "counted") throw new Error(`count: ${counted.tag}`);
  return counted.counts.reduce((sum, each) => sum + each.rows, 0);
}
