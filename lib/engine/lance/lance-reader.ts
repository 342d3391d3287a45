/**
 * LanceReader: the rows at one pinned position.
 *
 * A scan asks for pages by offset instead of following Lance's stream, because the stream reads ahead of a slow
 * consumer (800 MB of wide rows were in memory at once) while pages are as fast and hold one page. The rows of a
 * version have one order, by fragment and then by place, so pages neither overlap nor leave a gap.
 */
import type { Query, Table } from "@lancedb/lancedb";
import type { RecordBatch } from "apache-arrow";
import { assert } from "../../digest/assert.ts";
import type { Column, RowBatch, ScanOptions, TableOutcome, TablePosition, TableReader } from "../tables.ts";
import { batchBytes, rowBatch } from "./batches.ts";
import { attempt, ok } from "./failure.ts";
import { LOOKUP_FILTER_VALUES_MAX, PAGE_BYTES_TARGET, PAGE_ROWS_FIRST, PAGE_ROWS_MAX } from "./limits.ts";

/** A reader of `table`, which is open at `position` and has `columns`. */
export function openReader(table: Table, position: TablePosition, columns: readonly Column[]): TableReader {
  const subject: Subject = { table, columns };
  return {
    position,
    columns,
    count: () => attempt(async () => ok(await table.countRows())),
    countNonNull: (column) => countNonNull(subject, column),
    scan: (options) => scan(subject, options),
    lookup: (column, values, wanted) => lookup(subject, { column, values: new Set(values), wanted }),
    close: () => table.close(),
  };
}

interface Subject {
  readonly table: Table;
  readonly columns: readonly Column[];
}

function countNonNull(subject: Subject, column: string): Promise<TableOutcome<number>> {
  if (!hasColumn(subject, column)) return Promise.resolve(ok(0));
  return attempt(async () => ok(await subject.table.countRows(`${identifier(column)} IS NOT NULL`)));
}

async function* scan(subject: Subject, options: ScanOptions): AsyncGenerator<TableOutcome<RowBatch>> {
  assert(options.batch_rows > 0, "a scan reads at least one row a batch");
  let pageRows = PAGE_ROWS_FIRST;
  for (let offset = 0; ; ) {
    const page = await readPage(subject, options, offset, pageRows);
    if (page.tag !== "ok") {
      yield page;
      return;
    }
    let rows = 0;
    let bytes = 0;
    for (const batch of page.value) {
      rows += batch.numRows;
      bytes += batchBytes(batch);
      if (batch.numRows > 0) yield ok(rowBatch(options.columns, [batch]));
    }
    if (rows < pageRows) return;
    offset += rows;
    pageRows = nextPageRows(rows, bytes);
  }
}

function readPage(
  subject: Subject,
  options: ScanOptions,
  offset: number,
  rows: number,
): Promise<TableOutcome<readonly RecordBatch[]>> {
  return attempt(async () => {
    const query = subject.table.query().select(storedColumns(subject, options.columns));
    return ok(await batchesOf(query.limit(rows).offset(offset), Math.min(options.batch_rows, rows)));
  });
}

function nextPageRows(rows: number, bytes: number): number {
  const bytesPerRow = Math.max(1, bytes / rows);
  return Math.min(PAGE_ROWS_MAX, Math.max(1, Math.floor(PAGE_BYTES_TARGET / bytesPerRow)));
}

interface Lookup {
  readonly column: string;
  readonly values: ReadonlySet<string>;
  readonly wanted: readonly string[];
}

function lookup(subject: Subject, request: Lookup): Promise<TableOutcome<RowBatch>> {
  if (request.values.size === 0 || !hasColumn(subject, request.column)) {
    return Promise.resolve(ok(rowBatch(request.wanted, [])));
  }
  return request.values.size <= LOOKUP_FILTER_VALUES_MAX
    ? lookupByFilter(subject, request)
    : lookupByScan(subject, request);
}

function lookupByFilter(subject: Subject, request: Lookup): Promise<TableOutcome<RowBatch>> {
  const literals = [...request.values].map((value) => `'${value.replaceAll("'", "''")}'`);
  const filter = `${identifier(request.column)} IN (${literals.join(", ")})`;
  return attempt(async () => {
    const query = subject.table.query().select(storedColumns(subject, request.wanted)).where(filter);
    return ok(rowBatch(request.wanted, await batchesOf(query, PAGE_ROWS_MAX)));
  });
}

/** Reads every row and keeps those whose text is asked for. */
async function lookupByScan(subject: Subject, request: Lookup): Promise<TableOutcome<RowBatch>> {
  const names = [...new Set([request.column, ...request.wanted])];
  const found = new Map(request.wanted.map((name) => [name, [] as RowBatchCells]));
  let length = 0;
  for await (const outcome of scan(subject, { columns: names, batch_rows: PAGE_ROWS_MAX })) {
    if (outcome.tag !== "ok") return outcome;
    const { columns } = outcome.value;
    for (const [row, cell] of (columns.get(request.column) ?? []).entries()) {
      if (typeof cell !== "string" || !request.values.has(cell)) continue;
      length += 1;
      for (const [name, cells] of found) cells.push(columns.get(name)?.[row] ?? null);
    }
  }
  return ok({ length, columns: found });
}

type RowBatchCells = (RowBatch["columns"] extends ReadonlyMap<string, readonly (infer C)[]> ? C : never)[];

/** What to read so that the wanted columns can be given; at least one column, because rows are counted by it. */
function storedColumns(subject: Subject, wanted: readonly string[]): string[] {
  const stored = wanted.filter((name) => hasColumn(subject, name));
  const [first] = subject.columns;
  return stored.length > 0 || !first ? stored : [first.name];
}

function hasColumn(subject: Subject, name: string): boolean {
  return subject.columns.some((column) => column.name === name);
}

/** Lance's own iteration gives batches of 1,024 rows; its length can be set only where the type hides it. */
async function batchesOf(query: Query, rowsMax: number): Promise<readonly RecordBatch[]> {
  const batches: RecordBatch[] = [];
  for await (const batch of query["execute"]({ maxBatchLength: rowsMax })) batches.push(batch);
  return batches;
}

/** Our column names need no quotes in a filter; anything else is a broken promise. */
function identifier(column: string): string {
  assert(/^[a-z][a-z0-9]*$/.test(column), `a physical column has a plain name: ${column}`);
  return column;
}
