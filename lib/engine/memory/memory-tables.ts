/**
 * Tables in memory: the tables port for tests and simulations, with the behaviour that the Lance adapter has to have.
 *
 * Guarantees: deterministic. Every call first passes the gate and then acts in one synchronous step, so a scheduler
 * that holds gates back controls every interleaving; a gate that gives a reason makes that call `unavailable` and
 * lets it change nothing. Several clients over one backend see each other at once.
 */
import { assert } from "../../digest/assert.ts";
import type {
  Column,
  RowBatch,
  ScanOptions,
  TableOutcome,
  TablePosition,
  TableReader,
  Tables,
  TableWriter,
} from "../tables.ts";
import {
  addBranch,
  advance,
  batchOf,
  type Dataset,
  emptyDataset,
  isBase,
  newestVersion,
  type Snapshot,
  snapshotAt,
  withAppended,
  withColumns,
  withUpserted,
} from "./dataset.ts";

/** What the clients share: datasets by path below the storage root. */
export type MemoryTablesBackend = Map<string, Dataset>;

export interface TableCall {
  readonly call: string;
  readonly path: string;
}

/** Resolves when the call may act: with null to act, with a reason to answer `unavailable` instead. */
export type TableGate = (call: TableCall) => Promise<string | null>;

const OPEN_GATE: TableGate = () => Promise.resolve(null);
const MISSING = { tag: "missing" } as const;
const DONE = { tag: "ok", value: null } as const;

export function createMemoryTablesBackend(): MemoryTablesBackend {
  return new Map();
}

/** One client of the backend. */
export function createMemoryTables(backend: MemoryTablesBackend, gate: TableGate = OPEN_GATE): Tables {
  const step = gated(gate);
  return {
    read: (position) => step("read", position.path, () => openReader(backend, step, position)),
    create: (path, columns) =>
      step("create", path, () => {
        if (backend.has(path)) return { tag: "exists" };
        backend.set(path, emptyDataset(columns));
        return ok(openWriter(backend, step, { path, branch: null }));
      }),
    branch: (from, name) => step("branch", from.path, () => openBranch(backend, step, from, name)),
    branches: (path) =>
      step("branches", path, () => {
        const dataset = backend.get(path);
        if (!dataset) return MISSING;
        return ok([...dataset.lines.keys()].filter((name) => name !== null).sort());
      }),
    dropBranch: (path, branch) => step("dropBranch", path, () => dropBranch(backend, path, branch)),
    datasets: (prefix) =>
      step("datasets", prefix, () =>
        ok([...backend.keys()].filter((path) => isDirectlyBelow(path, prefix)).sort()),
      ),
    erase: (prefix) =>
      step("erase", prefix, () => {
        for (const path of [...backend.keys()]) if (isBelow(path, prefix)) backend.delete(path);
        return DONE;
      }),
  };
}

type Step = <T>(call: string, path: string, act: () => TableOutcome<T>) => Promise<TableOutcome<T>>;

function gated(gate: TableGate): Step {
  return async (call, path, act) => {
    const reason = await gate({ call, path });
    return reason === null ? act() : { tag: "unavailable", reason };
  };
}

function ok<T>(value: T): TableOutcome<T> {
  return { tag: "ok", value };
}

function openReader(
  backend: MemoryTablesBackend,
  step: Step,
  position: TablePosition,
): TableOutcome<TableReader> {
  const { path, branch, lance_version } = position;
  const look = (): Snapshot | null => {
    const dataset = backend.get(path);
    return dataset ? snapshotAt(dataset, branch, lance_version) : null;
  };
  const snapshot = look();
  if (!snapshot) return MISSING;
  const answer = <T>(call: string, of: (found: Snapshot) => T): Promise<TableOutcome<T>> =>
    step(call, path, () => {
      const found = look();
      return found ? ok(of(found)) : MISSING;
    });
  return ok({
    position,
    columns: snapshot.columns,
    count: () => answer("count", (found) => found.rows.length),
    countNonNull: (column) =>
      answer(
        "countNonNull",
        (found) => found.rows.filter((row) => (row.get(column) ?? null) !== null).length,
      ),
    scan: (options) => scan(answer, options),
    lookup: (column, values, columns) =>
      answer("lookup", (found) => {
        const wanted = new Set<unknown>(values);
        return batchOf(
          found.rows.filter((row) => wanted.has(row.get(column) ?? null)),
          columns,
        );
      }),
    close: () => undefined,
  });
}

type Answer = <T>(call: string, of: (found: Snapshot) => T) => Promise<TableOutcome<T>>;

async function* scan(answer: Answer, options: ScanOptions): AsyncGenerator<TableOutcome<RowBatch>> {
  assert(options.batch_rows > 0, "a scan reads at least one row a batch");
  for (let start = 0; ; start += options.batch_rows) {
    const batch = await answer("scan", (found) =>
      batchOf(found.rows.slice(start, start + options.batch_rows), options.columns),
    );
    if (batch.tag === "ok" && batch.value.length === 0) return;
    yield batch;
    if (batch.tag !== "ok" || batch.value.length < options.batch_rows) return;
  }
}

function openBranch(
  backend: MemoryTablesBackend,
  step: Step,
  from: TablePosition,
  name: string,
): TableOutcome<TableWriter> {
  const dataset = backend.get(from.path);
  const snapshot = dataset ? snapshotAt(dataset, from.branch, from.lance_version) : null;
  if (!dataset || !snapshot) return MISSING;
  if (dataset.lines.has(name)) return { tag: "exists" };
  addBranch(dataset, { branch: from.branch, version: from.lance_version, snapshot }, name);
  return ok(openWriter(backend, step, { path: from.path, branch: name }));
}

function dropBranch(backend: MemoryTablesBackend, path: string, branch: string): TableOutcome<null> {
  const dataset = backend.get(path);
  if (!dataset?.lines.has(branch)) return MISSING;
  if (isBase(dataset, branch)) return { tag: "exists" };
  dataset.lines.delete(branch);
  return DONE;
}

interface LineAddress {
  readonly path: string;
  readonly branch: string | null;
}

function openWriter(backend: MemoryTablesBackend, step: Step, line: LineAddress): TableWriter {
  let closed = false;
  const use = (): void => assert(!closed, "a table writer is used after it was closed");
  const change = (call: string, of: (before: Snapshot) => Snapshot): Promise<TableOutcome<null>> =>
    step(call, line.path, () => {
      use();
      const dataset = backend.get(line.path);
      return dataset && advance(dataset, line.branch, of) ? DONE : MISSING;
    });
  return {
    addColumns: (columns: readonly Column[]) =>
      change("addColumns", (before) => withColumns(before, columns)),
    append: (batch) => change("append", (before) => withAppended(before, batch)),
    upsert: (batch) => change("upsert", (before) => withUpserted(before, batch)),
    compact: () => change("compact", (before) => before),
    finish: () =>
      step("finish", line.path, () => {
        use();
        closed = true;
        return finished(backend, line);
      }),
    abandon: () => {
      closed = true;
    },
  };
}

function finished(
  backend: MemoryTablesBackend,
  line: LineAddress,
): TableOutcome<{ readonly position: TablePosition; readonly rows: number }> {
  const dataset = backend.get(line.path);
  const version = dataset ? newestVersion(dataset, line.branch) : null;
  const snapshot = dataset && version !== null ? snapshotAt(dataset, line.branch, version) : null;
  if (version === null || !snapshot) return MISSING;
  return ok({ position: { ...line, lance_version: version }, rows: snapshot.rows.length });
}

function isBelow(path: string, prefix: string): boolean {
  const folder = prefix.endsWith("/") ? prefix.slice(0, -1) : prefix;
  return path === folder || path.startsWith(`${folder}/`);
}

function isDirectlyBelow(path: string, prefix: string): boolean {
  const folder = prefix.endsWith("/") ? prefix : `${prefix}/`;
  return path.startsWith(folder) && !path.slice(folder.length).includes("/");
}
