/** Rows in and out of the tables port, for its contract: fill, read, compare. */
import { expect } from "vitest";
import type {
  Cell,
  Column,
  RowBatch,
  TableOutcome,
  TablePosition,
  TableReader,
  Tables,
  TableWriter,
} from "../../lib/engine/tables.ts";

export const FOLDER = "graphs/g.omni/01ARZ3NDEKTSV4RRFFQ69G5FAV/";
export const PATH = `${FOLDER}5-1.lance`;
export const SYSTEM: readonly Column[] = [{ name: "id", type: { kind: "utf8" } }];

/** Fills a fresh dataset through a branch of its own, as the engine does, and gives the position to pin. */
export async function filled(
  tables: Tables,
  path: string,
  ids: readonly string[],
  branch = "0-fill",
): Promise<TablePosition> {
  value(await tables.create(path, SYSTEM)).abandon();
  const writer: TableWriter = value(await tables.branch({ path, branch: null, lance_version: 1 }, branch));
  value(await writer.append(batch({ id: ids })));
  return value(await writer.finish()).position;
}

export async function idsAt(tables: Tables, position: TablePosition | undefined): Promise<readonly Cell[]> {
  const reader = value(await tables.read(position ?? failed("no position")));
  const rows = await rowsOf(reader, ["id"]);
  reader.close();
  return rows.map((row) => row["id"] ?? null).sort();
}

export type PlainRow = Record<string, Cell>;

export async function rowsOf(reader: TableReader, columns: readonly string[]): Promise<PlainRow[]> {
  const rows: PlainRow[] = [];
  for await (const outcome of reader.scan({ columns, batch_rows: 100 }))
    rows.push(...batchRows(value(outcome)));
  return rows;
}

export function batchRows(rows: RowBatch): PlainRow[] {
  return Array.from({ length: rows.length }, (_, index) => {
    const row: PlainRow = {};
    for (const [name, cells] of rows.columns) row[name] = cells[index] ?? null;
    return row;
  });
}

export function sortedById(rows: readonly PlainRow[]): readonly PlainRow[] {
  return [...rows].sort((a, b) => (String(a["id"]) < String(b["id"]) ? -1 : 1));
}

export function batch(columns: Readonly<Record<string, readonly Cell[]>>): RowBatch {
  const entries = Object.entries(columns);
  return { length: entries[0]?.[1].length ?? 0, columns: new Map(entries) };
}

export function value<T>(outcome: TableOutcome<T>): T {
  expect(outcome).toMatchObject({ tag: "ok" });
  return outcome.tag === "ok" ? outcome.value : failed(outcome.tag);
}

export function failed(what: string): never {
  throw new Error(what);
}
