/** What one migration step does to stored rows, counted on the tables that a head pins. */
import { assertNever } from "../digest/assert.ts";
import type { SchemaIr } from "../schema/ir.ts";
import type { MigrationStep, TypeKind } from "../schema/migration.ts";
import { columnName } from "./column.ts";
import type { EngineContext } from "./context.ts";
import type { StepImpact } from "./engine.ts";
import { SCAN_BATCH_ROWS, VIOLATING_IDS_MAX } from "./limits.ts";
import type { Manifest } from "./manifest.ts";
import { datasetPath } from "./paths.ts";
import { type TableType, typeById, typeByName } from "./schema-types.ts";
import type { TableOutcome, TableReader } from "./tables.ts";

export interface ImpactBase {
  readonly head: Manifest;
  readonly accepted: SchemaIr;
  readonly desired: SchemaIr;
}

export type ImpactFound =
  | { readonly tag: "impact"; readonly impact: Omit<StepImpact, "step"> }
  | { readonly tag: "unavailable"; readonly reason: string }
  /** The step concerns no type with rows of its own. */
  | { readonly tag: "none" };

/** The type that a step names, under its accepted or its desired name, and the property if it names one. */
interface Subject {
  readonly kind: TypeKind;
  readonly type_name: string;
  readonly property_name: string | null;
}

export async function stepImpact(
  context: EngineContext,
  base: ImpactBase,
  step: MigrationStep,
): Promise<ImpactFound> {
  const subject = subjectOf(step);
  if (subject === null) return { tag: "none" };
  const type = acceptedType(base, subject);
  if (!type) return { tag: "impact", impact: noRows(subject) };
  const rows = base.head.tables.find((pin) => pin.type_id === type.type_id)?.rows ?? 0;
  const measured = await measure(context, base, step, { type, subject, rows });
  if (measured.tag !== "ok") return failed(measured);
  return { tag: "impact", impact: { ...noRows(subject), rows, ...measured.value } };
}

type Numbers = Pick<StepImpact, "values_lost" | "violations" | "violating_ids">;

interface Measuring {
  readonly type: TableType;
  readonly subject: Subject;
  readonly rows: number;
}

/** What differs from "nothing is lost and nothing stands in the way". */
async function measure(
  context: EngineContext,
  base: ImpactBase,
  step: MigrationStep,
  { type, subject, rows }: Measuring,
): Promise<TableOutcome<Partial<Numbers>>> {
  if (step.kind === "drop_type") return { tag: "ok", value: { values_lost: rows } };
  if (step.kind === "unsupported_change") return rowsInTheWay(context, base, type, subject);
  if (step.kind !== "drop_property") return { tag: "ok", value: {} };
  const lost = await valuesOf(context, base, type, subject.property_name);
  return lost.tag === "ok" ? { tag: "ok", value: { values_lost: lost.value } } : lost;
}

function subjectOf(step: MigrationStep): Subject | null {
  switch (step.kind) {
    case "add_type":
    case "update_type_metadata":
    case "drop_type":
      return { kind: step.type_kind, type_name: step.name, property_name: null };
    case "rename_type":
      return { kind: step.type_kind, type_name: step.from, property_name: null };
    case "rename_property":
      return { kind: step.type_kind, type_name: step.type_name, property_name: step.from };
    case "add_property":
    case "relax_property":
    case "extend_enum":
    case "update_property_metadata":
    case "drop_property":
      return { kind: step.type_kind, type_name: step.type_name, property_name: step.property_name };
    case "add_constraint":
    case "drop_constraint":
      return { kind: step.type_kind, type_name: step.type_name, property_name: null };
    case "unsupported_change":
      return entitySubject(step.entity);
    default:
      return assertNever(step);
  }
}

/** `node:Person`, `edge:Knows.since`; `schema` names no type. */
function entitySubject(entity: string): Subject | null {
  const parts = /^(interface|node|edge):([^.]+)(?:\.(.+))?$/.exec(entity);
  if (!parts?.[1] || !parts[2]) return null;
  return { kind: parts[1] as TypeKind, type_name: parts[2], property_name: parts[3] ?? null };
}

/** Steps name types as they will be, or as they were when they drop; both lead to the stable id. */
function acceptedType(base: ImpactBase, subject: Subject): TableType | undefined {
  if (subject.kind === "interface") return undefined;
  const before = typeByName(base.accepted, subject.kind, subject.type_name);
  const after = typeByName(base.desired, subject.kind, subject.type_name);
  return (after && typeById(base.accepted, after.type_id)) ?? before;
}

async function valuesOf(
  context: EngineContext,
  base: ImpactBase,
  type: TableType,
  propertyName: string | null,
): Promise<TableOutcome<number>> {
  const property = type.properties.find((each) => each.name === propertyName);
  if (!property) return { tag: "ok", value: 0 };
  return withReader(context, base, type, 0, (reader) =>
    reader.countNonNull(columnName(property.property_id)),
  );
}

type InTheWay = Pick<StepImpact, "violations" | "violating_ids">;

/** For a property that becomes required: the rows without a value. Otherwise every row of the type. */
async function rowsInTheWay(
  context: EngineContext,
  base: ImpactBase,
  type: TableType,
  subject: Subject,
): Promise<TableOutcome<InTheWay>> {
  const column = tightenedColumn(base, type, subject);
  const none: InTheWay = { violations: 0, violating_ids: [] };
  return withReader(context, base, type, none, async (reader) => {
    const total = await reader.count();
    if (total.tag !== "ok") return total;
    const filled = column === null ? ({ tag: "ok", value: 0 } as const) : await reader.countNonNull(column);
    if (filled.tag !== "ok") return filled;
    const ids = await firstIds(reader, column);
    if (ids.tag !== "ok") return ids;
    return { tag: "ok", value: { violations: total.value - filled.value, violating_ids: ids.value } };
  });
}

/** The stored column of a property whose only change is that it may no longer be null. */
function tightenedColumn(base: ImpactBase, type: TableType, subject: Subject): string | null {
  const desired = typeById(base.desired, type.type_id);
  const after = desired?.properties.find((each) => each.name === subject.property_name);
  const before = type.properties.find((each) => each.property_id === after?.property_id);
  if (!after || !before || after.prop_type.nullable || !before.prop_type.nullable) return null;
  const same = JSON.stringify({ ...after.prop_type, nullable: true }) === JSON.stringify(before.prop_type);
  return same ? columnName(before.property_id) : null;
}

/** Ids of the first rows, or of the first ones without a value in the column. */
async function firstIds(
  reader: TableReader,
  column: string | null,
): Promise<TableOutcome<readonly string[]>> {
  const ids: string[] = [];
  const columns = column === null ? ["id"] : ["id", column];
  for await (const batch of reader.scan({ columns, batch_rows: SCAN_BATCH_ROWS })) {
    if (batch.tag !== "ok") return batch;
    const cells = column === null ? undefined : batch.value.columns.get(column);
    for (const [row, id] of (batch.value.columns.get("id") ?? []).entries()) {
      if ((cells?.[row] ?? null) !== null) continue;
      ids.push(String(id));
      if (ids.length === VIOLATING_IDS_MAX) return { tag: "ok", value: ids };
    }
  }
  return { tag: "ok", value: ids };
}

async function withReader<T>(
  context: EngineContext,
  base: ImpactBase,
  type: TableType,
  empty: T,
  read: (reader: TableReader) => Promise<TableOutcome<T>>,
): Promise<TableOutcome<T>> {
  const pin = base.head.tables.find((each) => each.type_id === type.type_id);
  if (!pin) return { tag: "ok", value: empty };
  const { branch, lance_version } = pin;
  const path = datasetPath(base.head.graph, pin.path);
  const opened = await context.tables.read({ path, branch, lance_version });
  if (opened.tag !== "ok") return opened;
  const answer = await read(opened.value);
  opened.value.close();
  return answer;
}

function noRows(subject: Subject): Omit<StepImpact, "step"> {
  const { kind, type_name } = subject;
  return { type_kind: kind, type_name, rows: 0, values_lost: 0, violations: 0, violating_ids: [] };
}

function failed(outcome: { readonly tag: string; readonly reason?: string }): ImpactFound {
  return { tag: "unavailable", reason: outcome.reason ?? "the rows that the head pins are not there" };
}
