/** Two engines over one backend, and the words in which the engine contract talks to them. */
import { expect } from "vitest";
import type { GraphId, IncarnationId, OperationId, RunId } from "../../lib/digest/ids.ts";
import { createEngine } from "../../lib/engine/create-engine.ts";
import type {
  CreateRequest,
  Engine,
  EngineOutcome,
  LoadMode,
  LoadOutcome,
  LoadRequest,
  Observation,
  ReadRequest,
  WriteRequest,
} from "../../lib/engine/engine.ts";
import type { Manifest } from "../../lib/engine/manifest.ts";
import type { Tables } from "../../lib/engine/tables.ts";
import { createManualClock, type ManualClock } from "../../lib/memory/clock.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import { SILENT_LOG } from "../../lib/ports/log.ts";
import type { ObjectStore } from "../../lib/ports/object-store.ts";
import { type ScriptedStore, scriptedStore } from "./scripted-store.ts";

/** What an adapter hands to the contract: clients of one shared storage root. */
export interface EngineBackend {
  openStore(): ObjectStore;
  openTables(): Tables;
  close(): Promise<void>;
}

export interface Client {
  readonly engine: Engine;
  readonly store: ScriptedStore;
  readonly tables: Tables;
}

export interface Subject {
  readonly first: Client;
  readonly second: Client;
  readonly clock: ManualClock;
  readonly id: () => string;
  close(): Promise<void>;
}

export const GRAPH = "company" as GraphId;
export const ROOT = `graphs/${GRAPH}.omni/`;

export const SCHEMA = `
node Person {
  name: String @key
  age: I32?
  note: String?
}
edge Knows: Person -> Person { since: I32? }
`;

export const DAY_MS = 24 * 60 * 60 * 1000;
const START_MS = Date.UTC(2026, 0, 1);

export function openSubject(backend: EngineBackend): Subject {
  const clock = createManualClock(START_MS);
  const ids = createCountingIds(9);
  return {
    first: openClient(backend, clock, 1),
    second: openClient(backend, clock, 2),
    clock,
    id: () => ids.next(),
    close: () => backend.close(),
  };
}

function openClient(backend: EngineBackend, clock: ManualClock, number: number): Client {
  const store = scriptedStore(backend.openStore());
  const tables = backend.openTables();
  const ids = createCountingIds(number);
  return { store, tables, engine: createEngine({ store, tables, clock, ids, log: SILENT_LOG }) };
}

export function write(subject: Subject, head: number, operation = subject.id()): WriteRequest {
  return {
    graph: GRAPH,
    expect: head,
    operation_id: operation as OperationId,
    run_id: subject.id() as RunId,
    actor: "ada",
  };
}

export function creation(subject: Subject, head: number, source = SCHEMA): CreateRequest {
  return {
    ...write(subject, head),
    schema_source: source,
    incarnation: subject.id() as IncarnationId,
  };
}

/** Creates the graph, as version 1 unless the head is given. */
export async function created(subject: Subject, source = SCHEMA, head = 0): Promise<Manifest> {
  return done(await subject.first.engine.create(creation(subject, head, source)));
}

export function loading(subject: Subject, rows: readonly object[], mode: LoadMode = "merge"): LoadRequest {
  const bytes = new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return {
    graph: GRAPH,
    operation_id: subject.id() as OperationId,
    run_id: subject.id() as RunId,
    actor: "ada",
    mode,
    source_name: "rows.jsonl",
    open: () => chunks(bytes),
  };
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

export async function loaded(
  subject: Subject,
  rows: readonly object[],
  mode: LoadMode = "merge",
): Promise<Manifest> {
  return done(await subject.first.engine.load(loading(subject, rows, mode)));
}

export function person(name: string, data: object = {}): object {
  return { type: "Person", data: { name, ...data } };
}

export function knows(from: string, to: string, data: object = {}): object {
  return { edge: "Knows", from, to, data };
}

export async function migrated(
  subject: Subject,
  head: number,
  source: string,
  dataLoss = false,
): Promise<Manifest> {
  const request = { ...write(subject, head), schema_source: source, data_loss: dataLoss };
  return done(await subject.first.engine.migrate(request));
}

export function done(outcome: EngineOutcome | LoadOutcome): Manifest {
  expect(outcome).toMatchObject({ tag: "done" });
  if (outcome.tag === "done") return outcome.manifest;
  throw new Error(outcome.tag);
}

export async function headOf(client: Client): Promise<Manifest> {
  const observation = await client.engine.observe(GRAPH);
  if ("head" in observation) return observation.head;
  throw new Error(`no head: ${observation.tag}`);
}

export function tagsOf(observations: readonly (Observation | EngineOutcome)[]): readonly string[] {
  return observations.map((each) => each.tag);
}

interface ExportedRow {
  readonly type?: string;
  readonly edge?: string;
  readonly from?: string;
  readonly to?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The exported rows without the ids that the engine gave them, by type and then by name or ends. */
export async function rowsOf(
  client: Client,
  request: Partial<ReadRequest> = {},
): Promise<readonly ExportedRow[]> {
  const outcome = await client.engine.export({ graph: GRAPH, ...request });
  expect(outcome).toMatchObject({ tag: "exporting" });
  if (outcome.tag !== "exporting") return [];
  const rows: ExportedRow[] = [];
  for await (const line of outcome.lines) rows.push(withoutId(JSON.parse(line)));
  return rows.sort((a, b) => (sortText(a) < sortText(b) ? -1 : 1));
}

function withoutId(row: ExportedRow): ExportedRow {
  const { id: _, ...data } = row.data;
  return { ...row, data };
}

function sortText(row: ExportedRow): string {
  return JSON.stringify([row.type ?? null, row.edge ?? null, row.data["name"] ?? null, row.from, row.to]);
}

/** Names of the people at a version. */
export async function namesOf(client: Client, version?: number): Promise<readonly unknown[]> {
  const rows = await rowsOf(client, { version });
  return rows.flatMap((row) => (row.type === "Person" ? [row.data["name"]] : []));
}

/** The dataset paths of an incarnation, below the storage root. */
export async function datasetsOf(client: Client, incarnation: string | null): Promise<readonly string[]> {
  const listed = await client.tables.datasets(`${ROOT}${incarnation}/`);
  return listed.tag === "ok" ? listed.value : [listed.tag];
}
