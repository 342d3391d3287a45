/**
 * Stored rows of one type at the head that a load was decided on, visited by scan or by lookup.
 *
 * A small load looks up its own values in a big table; otherwise the columns are scanned in batches. Either way the
 * visitor sees at least every row that has one of the values, and it must not mind seeing others.
 */
import type { Manifest, TablePin } from "../manifest.ts";
import { datasetPath } from "../paths.ts";
import type { RowBatch, TableOutcome, TablePosition, TableReader, Tables } from "../tables.ts";
import type { FewTexts } from "./few-texts.ts";
import { LOOKUP_CHUNK_VALUES, LOOKUP_ROWS_PER_VALUE_MIN, SCAN_BATCH_ROWS } from "./limits.ts";

export interface StoredGraph {
  readonly tables: Tables;
  readonly head: Manifest;
}

export interface StoredVisit {
  readonly type_id: number;
  readonly columns: readonly string[];
  /** Null: every row. */
  readonly where: { readonly column: string; readonly values: FewTexts } | null;
}

export async function visitStored(
  stored: StoredGraph,
  visit: StoredVisit,
  onBatch: (batch: RowBatch) => void,
): Promise<TableOutcome<null>> {
  const pin = stored.head.tables.find((each) => each.type_id === visit.type_id);
  if (pin === undefined || pin.rows === 0) return { tag: "ok", value: null };
  const reader = await stored.tables.read(positionOf(stored.head, pin));
  if (reader.tag !== "ok") return reader;
  const values = lookupValues(visit, pin.rows);
  const outcome =
    visit.where !== null && values !== null
      ? await lookUp(reader.value, visit.where.column, values, visit.columns, onBatch)
      : await scan(reader.value, visit.columns, onBatch);
  reader.value.close();
  return outcome;
}

/** The id of every row of a batch, in order. */
export function textsOf(batch: RowBatch, column: string): readonly string[] {
  return (batch.columns.get(column) ?? []).map(String);
}

function positionOf(head: Manifest, pin: TablePin): TablePosition {
  return { path: datasetPath(head.graph, pin.path), branch: pin.branch, lance_version: pin.lance_version };
}

function lookupValues(visit: StoredVisit, rows: number): readonly string[] | null {
  const values = visit.where?.values.all() ?? null;
  return values !== null && values.length * LOOKUP_ROWS_PER_VALUE_MIN <= rows ? values : null;
}

async function lookUp(
  reader: TableReader,
  column: string,
  values: readonly string[],
  columns: readonly string[],
  onBatch: (batch: RowBatch) => void,
): Promise<TableOutcome<null>> {
  for (let from = 0; from < values.length; from += LOOKUP_CHUNK_VALUES) {
    const found = await reader.lookup(column, values.slice(from, from + LOOKUP_CHUNK_VALUES), columns);
    if (found.tag !== "ok") return found;
    onBatch(found.value);
  }
  return { tag: "ok", value: null };
}

async function scan(
  reader: TableReader,
  columns: readonly string[],
  onBatch: (batch: RowBatch) => void,
): Promise<TableOutcome<null>> {
  for await (const batch of reader.scan({ columns, batch_rows: SCAN_BATCH_ROWS })) {
    if (batch.tag !== "ok") return batch;
    onBatch(batch.value);
  }
  return { tag: "ok", value: null };
}
