/**
 * Dataset: one table in memory with its main line and branches, each a list of immutable snapshots.
 *
 * Guarantees: a snapshot never changes once it is stored. Every change of a line adds one version to that line and
 * touches no other line. A branch starts with the snapshot it was made from, under the same version number.
 * Everything here is synchronous: the adapter makes each call one asynchronous step.
 */
import { assert } from "../../digest/assert.ts";
import type { Cell, Column, RowBatch } from "../tables.ts";
import { copiedCell, storedCell } from "./copy-cell.ts";

type Row = ReadonlyMap<string, Cell>;

export interface Snapshot {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

interface Line {
  readonly base: { readonly branch: string | null } | null;
  readonly versions: Map<number, Snapshot>;
  newest: number;
}

export interface Dataset {
  readonly lines: Map<string | null, Line>;
}

const FIRST_VERSION = 1;

export function emptyDataset(columns: readonly Column[]): Dataset {
  const snapshot: Snapshot = { columns: [...columns], rows: [] };
  const main: Line = { base: null, versions: new Map([[FIRST_VERSION, snapshot]]), newest: FIRST_VERSION };
  return { lines: new Map([[null, main]]) };
}

export function snapshotAt(dataset: Dataset, branch: string | null, version: number): Snapshot | null {
  return dataset.lines.get(branch)?.versions.get(version) ?? null;
}

export function newestVersion(dataset: Dataset, branch: string | null): number | null {
  return dataset.lines.get(branch)?.newest ?? null;
}

/** Adds a branch; the caller has checked that the name is free. */
export function addBranch(
  dataset: Dataset,
  from: { readonly branch: string | null; readonly version: number; readonly snapshot: Snapshot },
  name: string,
): void {
  dataset.lines.set(name, {
    base: { branch: from.branch },
    versions: new Map([[from.version, from.snapshot]]),
    newest: from.version,
  });
}

/** True if another branch was made from this one. */
export function isBase(dataset: Dataset, branch: string): boolean {
  return [...dataset.lines.values()].some((line) => line.base?.branch === branch);
}

/** Puts the changed snapshot as the newest version of the line; false if the line is gone. */
export function advance(
  dataset: Dataset,
  branch: string | null,
  change: (before: Snapshot) => Snapshot,
): boolean {
  const line = dataset.lines.get(branch);
  const before = line?.versions.get(line.newest);
  if (!line || !before) return false;
  line.newest += 1;
  line.versions.set(line.newest, change(before));
  return true;
}

export function withColumns(before: Snapshot, added: readonly Column[]): Snapshot {
  for (const column of added) {
    assert(!hasColumn(before, column.name), `column ${column.name} is added to a table that has it`);
  }
  return { columns: [...before.columns, ...added], rows: before.rows };
}

export function withAppended(before: Snapshot, batch: RowBatch): Snapshot {
  return { columns: before.columns, rows: [...before.rows, ...storedRows(before, batch)] };
}

/** The last of several rows with one id wins, as in a real merge of ordered input. */
export function withUpserted(before: Snapshot, batch: RowBatch): Snapshot {
  const incoming = new Map<Cell, Row>();
  for (const row of storedRows(before, batch)) incoming.set(row.get("id") ?? null, row);
  const kept = before.rows.map((row) => {
    const id = row.get("id") ?? null;
    const replacement = incoming.get(id);
    incoming.delete(id);
    return replacement ?? row;
  });
  return { columns: before.columns, rows: [...kept, ...incoming.values()] };
}

/** The named columns of the rows, copied; a column that the snapshot lacks reads as null. */
export function batchOf(rows: readonly Row[], columns: readonly string[]): RowBatch {
  const cells = new Map(columns.map((name) => [name, rows.map((row) => copiedCell(row.get(name) ?? null))]));
  return { length: rows.length, columns: cells };
}

export function hasColumn(snapshot: Snapshot, name: string): boolean {
  return snapshot.columns.some((column) => column.name === name);
}

function storedRows(snapshot: Snapshot, batch: RowBatch): readonly Row[] {
  for (const name of batch.columns.keys()) {
    assert(hasColumn(snapshot, name), `rows are written to column ${name}, which the table lacks`);
  }
  return Array.from({ length: batch.length }, (_, index) => {
    const row = new Map<string, Cell>();
    for (const column of snapshot.columns) {
      row.set(column.name, storedCell(batch.columns.get(column.name)?.[index] ?? null, column.type));
    }
    return row;
  });
}
