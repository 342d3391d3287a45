/**
 * Hard drop: datasets without what is to be destroyed (design 6). Dropping a column in place would leave its bytes in
 * the data files (engine facts), so a dataset that has it is written anew, without it, to a path of its own; the pin
 * of a dropped type is simply left out. The old datasets are garbage once the next manifest is published: clean-up
 * finds them then, and finds them again if the process dies in between.
 *
 * Two scopes: `step` destroys what this migration drops and nothing that an earlier one hid. `purge` destroys
 * everything that the schema no longer shows; it is what a migration that changes nothing and allows data loss means.
 */
import type { OperationId } from "../digest/ids.ts";
import type { SchemaIr } from "../schema/ir.ts";
import { columnName, systemColumns } from "./column.ts";
import type { EngineContext } from "./context.ts";
import type { Dropped } from "./dropped.ts";
import { SCAN_BATCH_ROWS } from "./limits.ts";
import type { Manifest, TablePin } from "./manifest.ts";
import { openOperationBranch } from "./operation-branch.ts";
import { datasetPath } from "./paths.ts";
import { type TableType, typeById } from "./schema-types.ts";
import { pinned, type Staged, unfinished } from "./table-work.ts";
import type { Column, TableReader, TableWriter } from "./tables.ts";

export type DropScope = { readonly kind: "step"; readonly dropped: Dropped } | { readonly kind: "purge" };

export type HardDropped =
  | { readonly tag: "staged"; readonly pins: readonly TablePin[] }
  | { readonly tag: "unavailable"; readonly reason: string };

interface Operation {
  readonly head: Manifest;
  readonly operation_id: OperationId;
}

/** The pins of the next manifest; datasets that lose nothing keep theirs. */
export async function dropHard(
  context: EngineContext,
  operation: Operation,
  desired: SchemaIr,
  scope: DropScope,
): Promise<HardDropped> {
  const pins: TablePin[] = [];
  for (const pin of operation.head.tables) {
    const type = typeById(desired, pin.type_id);
    if (!type) {
      if (scope.kind === "step" && !scope.dropped.types.has(pin.type_id)) pins.push(pin);
      continue;
    }
    const staged = await dropColumns(context, operation, pin, type, scope);
    if (staged.tag === "unavailable") return staged;
    pins.push(staged.pin);
  }
  return { tag: "staged", pins };
}

async function dropColumns(
  context: EngineContext,
  operation: Operation,
  pin: TablePin,
  type: TableType,
  scope: DropScope,
): Promise<Staged> {
  const { branch, lance_version } = pin;
  const path = datasetPath(operation.head.graph, pin.path);
  const opened = await context.tables.read({ path, branch, lance_version });
  if (opened.tag !== "ok") return unfinished(pin.type_id, opened);
  const reader = opened.value;
  const doomed = doomedColumns(reader.columns, type, scope);
  const staged: Staged =
    doomed.size === 0 ? { tag: "staged", pin } : await rewrite(context, operation, type, reader, doomed);
  reader.close();
  return staged;
}

/** The stored property columns that have to go. */
function doomedColumns(stored: readonly Column[], type: TableType, scope: DropScope): ReadonlySet<string> {
  const shown = new Set(type.properties.map((property) => columnName(property.property_id)));
  for (const column of systemColumns(type.kind)) shown.add(column.name);
  const hidden = stored.map((column) => column.name).filter((name) => !shown.has(name));
  if (scope.kind === "purge") return new Set(hidden);
  const dropped = scope.dropped.columns.get(type.type_id);
  return new Set(hidden.filter((name) => dropped?.has(name) === true));
}

async function rewrite(
  context: EngineContext,
  operation: Operation,
  type: TableType,
  reader: TableReader,
  doomed: ReadonlySet<string>,
): Promise<Staged> {
  const kept = reader.columns.filter((column) => !doomed.has(column.name));
  const system = new Set(systemColumns(type.kind).map((column) => column.name));
  const opened = await openOperationBranch(context.tables, {
    head: operation.head,
    operation_id: operation.operation_id,
    kind: type.kind,
    type_id: type.type_id,
    columns: kept.filter((column) => !system.has(column.name)),
    from: "rewritten",
  });
  if (opened.tag !== "ok") return unfinished(type.type_id, opened);
  const { writer, path } = opened.value;
  const names = kept.map((column) => column.name);
  const copied = await copyRows(reader, writer, names);
  if (copied.tag !== "ok") {
    writer.abandon();
    return unfinished(type.type_id, copied);
  }
  return pinned(type.type_id, path, await writer.finish());
}

type Copied =
  | { readonly tag: "ok" }
  | { readonly tag: "missing" }
  | { readonly tag: "exists" }
  | { readonly tag: "unavailable"; readonly reason: string };

async function copyRows(
  reader: TableReader,
  writer: TableWriter,
  columns: readonly string[],
): Promise<Copied> {
  for await (const batch of reader.scan({ columns, batch_rows: SCAN_BATCH_ROWS })) {
    if (batch.tag !== "ok") return batch;
    const appended = await writer.append(batch.value);
    if (appended.tag !== "ok") return appended;
  }
  return { tag: "ok" };
}
