/**
 * LanceWriter: one line of a dataset, its main line or a branch, that only this writer writes to.
 *
 * Rows are gathered and written in few large calls (pending-rows). Lance's call takes a buffer, so this is as close
 * to streaming as its Node package comes: memory holds one buffer, and 1,000,000 rows are 10 versions, not 50.
 *
 * Guarantees: after any failure the writer refuses to give a position, so that half of an operation is never pinned.
 * A position is given only after everything it needs would survive a loss of power; Lance itself never syncs a file.
 */
import type { Table } from "@lancedb/lancedb";
import { assert } from "../../digest/assert.ts";
import type { Column, TableOutcome, TablePosition, TableWriter } from "../tables.ts";
import { arrow } from "./arrow.ts";
import { arrowField } from "./cell-types.ts";
import { attempt, ok } from "./failure.ts";
import type { GraphStorage } from "./graph-storage.ts";
import {
  fits,
  isFull,
  joined,
  type PendingRows,
  pendingAppend,
  pendingUpsert,
  shareIds,
} from "./pending-rows.ts";

export interface Line {
  readonly path: string;
  readonly branch: string | null;
}

/** What a writer starts from: a table that is open for writing on its line, and the columns it has. */
export interface WriterStart {
  readonly table: Table;
  readonly line: Line;
  readonly columns: readonly Column[];
  readonly storage: GraphStorage;
}

type Broken = Exclude<TableOutcome<null>, { tag: "ok" }>;
interface State extends WriterStart {
  columns: readonly Column[];
  /** Rows to append and rows to upsert, with no id in both, so that it does not matter which are written first. */
  readonly pending: { append: PendingRows | null; upsert: PendingRows | null };
  broken: Broken | null;
  closed: boolean;
}

/** A writer that owns the table of its start and closes it. */
export function openWriter(start: WriterStart): TableWriter {
  const state: State = { ...start, pending: { append: null, upsert: null }, broken: null, closed: false };
  return {
    addColumns: (columns) => step(state, () => addColumns(state, columns)),
    append: (batch) => step(state, () => take(state, pendingAppend(state.columns, batch))),
    upsert: (batch) => step(state, () => take(state, pendingUpsert(state.columns, batch))),
    compact: () => step(state, () => compact(state)),
    finish: async () => {
      const finished = await step(state, () => finish(state));
      close(state);
      return finished;
    },
    abandon: () => close(state),
  };
}

/** Runs one call, unless an earlier one failed; a failure is final. */
async function step<T>(state: State, act: () => Promise<TableOutcome<T>>): Promise<TableOutcome<T>> {
  assert(!state.closed, "a table writer is used after it was closed");
  if (state.broken) return state.broken;
  const outcome = await act();
  if (outcome.tag !== "ok") state.broken = outcome;
  return outcome;
}

async function addColumns(state: State, columns: readonly Column[]): Promise<TableOutcome<null>> {
  if (columns.length === 0) return ok(null);
  const flushed = await flush(state);
  if (flushed.tag !== "ok") return flushed;
  const added = await attempt(async () => {
    await state.table.addColumns(columns.map(arrowField));
    return ok(null);
  });
  if (added.tag === "ok") state.columns = [...state.columns, ...columns];
  return added;
}

async function take(state: State, next: PendingRows): Promise<TableOutcome<null>> {
  if (next.rows === 0) return ok(null);
  const { pending } = state;
  const { mode } = next;
  const other = pending[mode === "append" ? "upsert" : "append"];
  if (other && shareIds(other, next)) {
    const flushed = await flush(state);
    if (flushed.tag !== "ok") return flushed;
  }
  const before = pending[mode];
  if (before && !fits(before, next)) {
    const written = await write(state, mode);
    if (written.tag !== "ok") return written;
  }
  pending[mode] = pending[mode] ? joined(pending[mode], next) : next;
  return isFull(pending[mode]) ? write(state, mode) : ok(null);
}

/** Writes everything that waits. */
async function flush(state: State): Promise<TableOutcome<null>> {
  const appended = await write(state, "append");
  return appended.tag === "ok" ? write(state, "upsert") : appended;
}

async function write(state: State, mode: PendingRows["mode"]): Promise<TableOutcome<null>> {
  const { pending, table } = state;
  const rows = pending[mode];
  if (!rows) return ok(null);
  pending[mode] = null;
  const data = new arrow.Table([...rows.batches]);
  return attempt(async () => {
    if (mode === "append") await table.add(data, { mode: "append" });
    else await table.mergeInsert("id").whenMatchedUpdateAll().whenNotMatchedInsertAll().execute(data);
    return ok(null);
  });
}

/**
 * Lance's `optimize` also removes versions that are older than 7 days unless told otherwise; older than the epoch is
 * nothing. What may be removed is decided from manifests alone (design 6).
 */
async function compact(state: State): Promise<TableOutcome<null>> {
  const flushed = await flush(state);
  if (flushed.tag !== "ok") return flushed;
  return attempt(async () => {
    await state.table.optimize({ cleanupOlderThan: new Date(0), deleteUnverified: false });
    return ok(null);
  });
}

interface Finished {
  readonly position: TablePosition;
  readonly rows: number;
}

async function finish(state: State): Promise<TableOutcome<Finished>> {
  const flushed = await flush(state);
  if (flushed.tag !== "ok") return flushed;
  const ended = await attempt(async () => {
    const lance_version = await state.table.version();
    return ok({ position: { ...state.line, lance_version }, rows: await state.table.countRows() });
  });
  if (ended.tag !== "ok") return ended;
  const durable = await makeDurable(state.storage, state.line);
  return durable.tag === "ok" ? ended : durable;
}

/**
 * A branch's own folder, its entry, and the dataset's first version, which the branch starts from. Only the entry:
 * syncing those of all earlier branches would make each load slower than the one before.
 */
export async function makeDurable(storage: GraphStorage, line: Line): Promise<TableOutcome<null>> {
  const { path, branch } = line;
  const entry = `${path}/_refs/branches/${branch}.json`;
  const parts = branch === null ? [path] : [`${path}/tree/${branch}`, entry, `${path}/_versions`];
  for (const part of parts) {
    const durable = await storage.makeDurable(part);
    if (durable.tag !== "ok") return durable;
  }
  return ok(null);
}

function close(state: State): void {
  if (state.closed) return;
  state.closed = true;
  state.pending.append = null;
  state.pending.upsert = null;
  state.table.close();
}
