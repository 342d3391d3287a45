/** A graph in memory for loads: stages them, pins what was staged, reads rows back as exported lines. */

import type { Diagnostic } from "../../../lib/diagnostic/diagnostic.ts";
import type { Digest } from "../../../lib/digest/digest.ts";
import type { GraphId, IncarnationId, OperationId, RunId } from "../../../lib/digest/ids.ts";
import type { LoadMode, LoadProgress, LoadRequest } from "../../../lib/engine/engine.ts";
import { stageLoad } from "../../../lib/engine/load/stage-load.ts";
import type { LoadContext, StagedLoad } from "../../../lib/engine/load/staged-load.ts";
import type { Manifest } from "../../../lib/engine/manifest.ts";
import { createMemoryTables, createMemoryTablesBackend } from "../../../lib/engine/memory/memory-tables.ts";
import { datasetPath } from "../../../lib/engine/paths.ts";
import { encodedColumns, encodeEdgeRow, encodeNodeRow } from "../../../lib/engine/rows/encode.ts";
import { graphShape, type RowShape } from "../../../lib/engine/rows/row-shape.ts";
import type { Tables } from "../../../lib/engine/tables.ts";
import { SILENT_LOG } from "../../../lib/ports/log.ts";
import type { SchemaIr } from "../../../lib/schema/ir.ts";

export const GRAPH = "people" as GraphId;
const INCARNATION = "01J0000000000000000000000G" as IncarnationId;

export interface Loader {
  readonly tables: Tables;
  head(): Manifest;
  /** Stages; pins what was staged. */
  load(mode: LoadMode, source: Source, options?: LoadOptions): Promise<StagedLoad>;
  /** Continues under another schema, as a migration would. */
  migrate(schema: SchemaIr): void;
  /** Every row as a line with its id, sorted. */
  lines(options?: { readonly edge_ids: boolean }): Promise<readonly string[]>;
}

export type Source = readonly string[] | (() => AsyncIterable<Uint8Array>);

export interface LoadOptions {
  readonly progress?: (progress: LoadProgress) => void;
}

export function createLoader(
  first: SchemaIr,
  tables = createMemoryTables(createMemoryTablesBackend()),
): Loader {
  let schema = first;
  let head = firstManifest();
  let made = 0;
  const next = (): string => `01J${String(++made).padStart(23, "0")}`;
  const context: LoadContext = {
    tables,
    clock: { nowMs: () => 0, sleep: () => Promise.resolve() },
    ids: { next, secret: () => next().padStart(64, "0") },
    log: SILENT_LOG,
  };
  return {
    tables,
    head: () => head,
    migrate: (to) => {
      schema = to;
    },
    async load(mode, source, options = {}) {
      const request = loadRequest(mode, source, next(), options);
      const staged = await stageLoad(context, request, head, accepted(schema));
      if (staged.tag === "staged") head = withPins(head, staged.pins);
      return staged;
    },
    lines: (options = { edge_ids: true }) => exported(tables, head, schema, options.edge_ids),
  };
}

export async function staged(outcome: Promise<StagedLoad>): Promise<Extract<StagedLoad, { tag: "staged" }>> {
  const settled = await outcome;
  if (settled.tag !== "staged") throw new Error(JSON.stringify(settled, null, 1));
  return settled;
}

export async function refused(outcome: Promise<StagedLoad>): Promise<readonly Diagnostic[]> {
  const settled = await outcome;
  if (settled.tag !== "invalid") throw new Error(`expected a refusal, got ${settled.tag}`);
  return settled.diagnostics;
}

/** `line:column code message` for each. */
export async function refusals(outcome: Promise<StagedLoad>): Promise<readonly string[]> {
  const diagnostics = await refused(outcome);
  return diagnostics.map(({ code, source, message }) =>
    source ? `${source.line}:${source.column} ${code} ${message}` : `${code} ${message}`,
  );
}

export function bytesOf(text: string, chunk = 7): () => AsyncIterable<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return async function* () {
    for (let from = 0; from < bytes.length; from += chunk) yield bytes.slice(from, from + chunk);
  };
}

function loadRequest(mode: LoadMode, source: Source, id: string, options: LoadOptions): LoadRequest {
  return {
    graph: GRAPH,
    mode,
    open: typeof source === "function" ? source : bytesOf(`${source.join("\n")}\n`, 4_096),
    source_name: "seed.jsonl",
    operation_id: id as OperationId,
    run_id: "01J0000000000000000000000R" as RunId,
    actor: null,
    ...options,
  };
}

function accepted(ir: SchemaIr) {
  return { source: "", digest: "" as Digest, ir };
}

function firstManifest(): Manifest {
  return {
    format_version: 1,
    graph: GRAPH,
    version: 1,
    cause: "create",
    state: "live",
    incarnation: INCARNATION,
    operation_id: "01J0000000000000000000000A" as OperationId,
    run_id: "01J0000000000000000000000R" as RunId,
    actor: null,
    at: "2026-01-01T00:00:00Z",
    schema_digest: "" as Digest,
    schema_record: "" as Digest,
    tables: [],
    rows_written: 0,
    dead: [],
  };
}

function withPins(head: Manifest, pins: Manifest["tables"]): Manifest {
  const replaced = new Set(pins.map((pin) => pin.type_id));
  const tables = [...head.tables.filter((pin) => !replaced.has(pin.type_id)), ...pins];
  return { ...head, version: head.version + 1, cause: "load", tables };
}

async function exported(
  tables: Tables,
  head: Manifest,
  schema: SchemaIr,
  edgeIds: boolean,
): Promise<readonly string[]> {
  const graph = graphShape(schema);
  const shapes: readonly RowShape[] = [...graph.nodes.values(), ...graph.edges.values()];
  const lines = await Promise.all(shapes.map((shape) => exportedType(tables, head, shape, edgeIds)));
  return lines.flatMap((each) => [...each].sort());
}

async function exportedType(
  tables: Tables,
  head: Manifest,
  shape: RowShape,
  edgeIds: boolean,
): Promise<readonly string[]> {
  const pin = head.tables.find((each) => each.type_id === shape.type_id);
  if (!pin) return [];
  const { branch, lance_version } = pin;
  const reader = await tables.read({ path: datasetPath(head.graph, pin.path), branch, lance_version });
  if (reader.tag !== "ok") throw new Error(reader.tag);
  const lines: string[] = [];
  for await (const batch of reader.value.scan({ columns: encodedColumns(shape), batch_rows: 100 })) {
    if (batch.tag !== "ok") throw new Error(batch.tag);
    for (let row = 0; row < batch.value.length; row++) {
      lines.push(
        shape.kind === "node"
          ? encodeNodeRow(shape, batch.value, row)
          : encodeEdgeRow(shape, batch.value, row, { edge_ids: edgeIds }),
      );
    }
  }
  reader.value.close();
  if (lines.length !== pin.rows) throw new Error(`pinned ${pin.rows} rows, found ${lines.length}`);
  return lines;
}
