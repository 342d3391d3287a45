/**
 * Export: the rows of one version as JSON lines, nodes first, each kind by type name, in the format that a load takes
 * (spec/schema 9).
 *
 * Guarantees: one manifest and what it pins, nothing else, so an export is one consistent state however many writers
 * work meanwhile. Whether every pinned table is there is known before the first line. If the store fails in between,
 * the iteration rejects: what came before is not the whole, and must not look as if it were.
 */
import type { EngineContext } from "./context.ts";
import type { ExportOutcome, ExportRequest } from "./engine.ts";
import { SCAN_BATCH_ROWS } from "./limits.ts";
import type { Manifest } from "./manifest.ts";
import { datasetPath } from "./paths.ts";
import { readLive } from "./read-live.ts";
import { encodedColumns, encodeEdgeRow, encodeNodeRow } from "./rows/encode.ts";
import { graphShape, type RowShape } from "./rows/row-shape.ts";
import { tableTypes } from "./schema-types.ts";
import type { RowBatch, TableReader } from "./tables.ts";

interface OpenTable {
  readonly shape: RowShape;
  readonly reader: TableReader;
}

export async function exportRows(context: EngineContext, request: ExportRequest): Promise<ExportOutcome> {
  const read = await readLive(context, request);
  if (read.tag !== "read") return read;
  const { manifest } = read;
  const tables: OpenTable[] = [];
  for (const shape of rowShapes(read.schema.ir)) {
    const pin = manifest.tables.find((each) => each.type_id === shape.type_id);
    if (!pin) continue;
    const { branch, lance_version } = pin;
    const path = datasetPath(manifest.graph, pin.path);
    const reader = await context.tables.read({ path, branch, lance_version });
    if (reader.tag === "ok") {
      tables.push({ shape, reader: reader.value });
      continue;
    }
    for (const table of tables) table.reader.close();
    return unreadable(manifest, reader);
  }
  return { tag: "exporting", manifest, lines: linesOf(tables, request.edge_ids === true) };
}

/** Data that a hard drop or the end of a window has removed is a version that can no longer be read. */
function unreadable(
  manifest: Manifest,
  outcome: { readonly tag: string; readonly reason?: string },
): ExportOutcome {
  if (outcome.tag === "missing") return { tag: "no_such_version" };
  const reason = outcome.reason ?? `the rows of version ${manifest.version} could not be opened`;
  return { tag: "not_live", observation: { tag: "unavailable", reason } };
}

function rowShapes(ir: Parameters<typeof graphShape>[0]): readonly RowShape[] {
  const shapes = graphShape(ir);
  return tableTypes(ir).flatMap((type) => {
    const shape = type.kind === "node" ? shapes.nodes.get(type.name) : shapes.edges.get(type.name);
    return shape ? [shape] : [];
  });
}

/** The lines of the tables; their readers are closed when the iteration ends, breaks off or is left. */
function linesOf(tables: readonly OpenTable[], edgeIds: boolean): AsyncIterable<string> {
  const close = (): void => {
    for (const table of tables) table.reader.close();
  };
  return {
    [Symbol.asyncIterator]: () => {
      const lines = readLines(tables, edgeIds);
      const ended = async (next: Promise<IteratorResult<string>>): Promise<IteratorResult<string>> => {
        const result = await next.catch((cause: unknown) => {
          close();
          return Promise.reject(cause);
        });
        if (result.done === true) close();
        return result;
      };
      return {
        next: () => ended(lines.next()),
        return: () => ended(lines.return(undefined)),
      };
    },
  };
}

async function* readLines(tables: readonly OpenTable[], edgeIds: boolean): AsyncGenerator<string, undefined> {
  for (const { shape, reader } of tables) {
    const scan = reader.scan({ columns: encodedColumns(shape), batch_rows: SCAN_BATCH_ROWS });
    for await (const batch of scan) {
      if (batch.tag !== "ok") return Promise.reject(brokenOff(shape, batch));
      for (let row = 0; row < batch.value.length; row += 1) yield lineOf(shape, batch.value, row, edgeIds);
    }
  }
  return undefined;
}

function lineOf(shape: RowShape, batch: RowBatch, row: number, edge_ids: boolean): string {
  return shape.kind === "node"
    ? encodeNodeRow(shape, batch, row)
    : encodeEdgeRow(shape, batch, row, { edge_ids });
}

function brokenOff(shape: RowShape, outcome: { readonly tag: string; readonly reason?: string }): Error {
  return new Error(`the export broke off at ${shape.name}: ${outcome.reason ?? "its rows were removed"}`);
}
