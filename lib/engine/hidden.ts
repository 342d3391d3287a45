/**
 * Hidden data: what earlier soft drops left in the datasets and the schema no longer shows. A purge destroys exactly
 * this (hard-drop.ts), so a preview of a purge shows it as hard drops, under the names that it had last.
 *
 * Names come from earlier manifests of the same life; what none of the newest `RETENTION_VERSIONS_MAX` names is shown
 * by its stored name (`p7`).
 */
import type { IncarnationId } from "../digest/ids.ts";
import type { SchemaIr } from "../schema/ir.ts";
import type { MigrationStep } from "../schema/migration.ts";
import { columnName, systemColumns, type TableKind } from "./column.ts";
import type { EngineContext } from "./context.ts";
import type { StepImpact } from "./engine.ts";
import { RETENTION_VERSIONS_MAX } from "./limits.ts";
import type { Manifest, TablePin } from "./manifest.ts";
import { readAt } from "./observe.ts";
import { datasetPath } from "./paths.ts";
import { type TableType, tableTypes, typeById } from "./schema-types.ts";
import type { TableOutcome } from "./tables.ts";

export interface HiddenDrop {
  readonly step: MigrationStep;
  readonly impact: Omit<StepImpact, "step">;
}

interface HiddenColumn {
  readonly type: TableType;
  readonly column: string;
  readonly rows: number;
  readonly values: number;
}

/** The hard drops that a purge of the head would make. */
export async function hiddenDrops(
  context: EngineContext,
  head: Manifest,
  schema: SchemaIr,
): Promise<TableOutcome<readonly HiddenDrop[]>> {
  const columns: HiddenColumn[] = [];
  for (const pin of head.tables) {
    const type = typeById(schema, pin.type_id);
    if (!type) continue;
    const found = await hiddenColumns(context, head, pin, type);
    if (found.tag !== "ok") return found;
    columns.push(...found.value);
  }
  const types = head.tables.filter((pin) => !typeById(schema, pin.type_id));
  const names = await formerNames(context, head, types.length + columns.length);
  return {
    tag: "ok",
    value: [...types.map((pin) => typeDrop(names, pin)), ...columns.map((each) => columnDrop(names, each))],
  };
}

async function hiddenColumns(
  context: EngineContext,
  head: Manifest,
  pin: TablePin,
  type: TableType,
): Promise<TableOutcome<readonly HiddenColumn[]>> {
  const { branch, lance_version } = pin;
  const path = datasetPath(head.graph, pin.path);
  const opened = await context.tables.read({ path, branch, lance_version });
  if (opened.tag !== "ok") return opened;
  const reader = opened.value;
  const shown = new Set([
    ...systemColumns(type.kind).map((column) => column.name),
    ...type.properties.map((property) => columnName(property.property_id)),
  ]);
  const hidden: HiddenColumn[] = [];
  for (const column of reader.columns) {
    if (shown.has(column.name)) continue;
    const values = await reader.countNonNull(column.name);
    if (values.tag !== "ok") {
      reader.close();
      return values;
    }
    hidden.push({ type, column: column.name, rows: pin.rows, values: values.value });
  }
  reader.close();
  return { tag: "ok", value: hidden };
}

interface FormerNames {
  readonly types: ReadonlyMap<number, { readonly kind: TableKind; readonly name: string }>;
  readonly properties: ReadonlyMap<string, string>;
}

/** The last name of every type and column of this life; nothing is read if nothing is hidden. */
async function formerNames(context: EngineContext, head: Manifest, wanted: number): Promise<FormerNames> {
  const types = new Map<number, { readonly kind: TableKind; readonly name: string }>();
  const properties = new Map<string, string>();
  const oldest = wanted === 0 ? head.version : Math.max(1, head.version - RETENTION_VERSIONS_MAX);
  for (let version = head.version - 1; version >= oldest; version -= 1) {
    const read = await readAt(context, head.graph, version);
    if (read.tag !== "found" || read.schema === null) continue;
    if (!isSameLife(read.manifest, head.incarnation)) continue;
    for (const type of tableTypes(read.schema.ir)) {
      if (!types.has(type.type_id)) types.set(type.type_id, type);
      for (const { property_id, name } of type.properties) {
        const column = columnName(property_id);
        if (!properties.has(column)) properties.set(column, name);
      }
    }
  }
  return { types, properties };
}

function isSameLife(manifest: Manifest, incarnation: IncarnationId | null): boolean {
  return manifest.incarnation === incarnation;
}

function typeDrop(names: FormerNames, pin: TablePin): HiddenDrop {
  const { kind, name } = names.types.get(pin.type_id) ?? { kind: "node", name: String(pin.type_id) };
  return {
    step: { kind: "drop_type", type_kind: kind, name, mode: "hard" },
    impact: impactOf(kind, name, pin.rows, pin.rows),
  };
}

function columnDrop(names: FormerNames, hidden: HiddenColumn): HiddenDrop {
  const { kind, name } = hidden.type;
  return {
    step: {
      kind: "drop_property",
      type_kind: kind,
      type_name: name,
      property_name: names.properties.get(hidden.column) ?? hidden.column,
      mode: "hard",
    },
    impact: impactOf(kind, name, hidden.rows, hidden.values),
  };
}

function impactOf(kind: TableKind, name: string, rows: number, lost: number): Omit<StepImpact, "step"> {
  return {
    type_kind: kind,
    type_name: name,
    rows,
    values_lost: lost,
    violations: 0,
    violating_ids: [],
  };
}
