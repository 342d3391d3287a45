/**
 * One record as one row, strictly (spec/schema 9): every required property is there, every value has its type and
 * keeps its rules, no field is unknown, the id fits the key. All faults of the line are told.
 *
 * Guarantees: pure. A row with faults still carries its identity if that can be told, so that edges to it are not
 * called dangling as well.
 */
import type { Cell } from "../tables.ts";
import { keyIdentity, meansIdentity, writtenIdentity } from "./identity.ts";
import { type JsonObject, type JsonValue, showJson } from "./json-value.ts";
import { nearestName } from "./nearest-name.ts";
import type { RowRecord } from "./record.ts";
import type { EdgeRow, NodeRow, Row } from "./row.ts";
import { atData, atLine, type RowFault, WHOLE_LINE } from "./row-fault.ts";
import type { NodeShape, RowProperty, RowShape } from "./row-shape.ts";

export interface DecodedRow {
  /** Null if not even the identity of the row can be told. Cells that are at fault are null. */
  readonly row: Row | null;
  readonly faults: readonly RowFault[];
}

const ID = "id";

export function decodeRow(record: RowRecord): DecodedRow {
  const faults: RowFault[] = [];
  const cells = decodeCells(record.shape, record.data, faults);
  const row =
    record.kind === "node"
      ? nodeRow(record.shape, record.data, cells, faults)
      : edgeRow(record, cells, faults);
  return { row, faults };
}

function decodeCells(shape: RowShape, data: JsonObject, faults: RowFault[]): readonly Cell[] {
  for (const key of data.keys())
    if (key !== ID && !shape.index.has(key)) faults.push(unknownProperty(shape, key));
  return shape.properties.map((property) => decodeProperty(property, data, faults));
}

function unknownProperty(shape: RowShape, key: string): RowFault {
  const near = nearestName(key, shape.index.keys());
  const hint = near === null ? "" : ` Did you mean '${near}'?`;
  return {
    code: "load_unknown_property",
    message: `${shape.name} has no property ${JSON.stringify(key)}.${hint}`,
    place: atData(key),
  };
}

function decodeProperty(property: RowProperty, data: JsonObject, faults: RowFault[]): Cell {
  const written = data.get(property.name);
  if (written === undefined || written === null) {
    if (!property.type.nullable) faults.push(missingProperty(property, written));
    return null;
  }
  const outcome = property.decode(property.label, written);
  const place = atData(property.name);
  if (outcome.tag === "fault") {
    faults.push({ code: outcome.code, message: outcome.message, place });
    return null;
  }
  for (const rule of property.rules) {
    const violation = rule(property.label, outcome.cell);
    if (violation) faults.push({ ...violation, place });
  }
  return outcome.cell;
}

function missingProperty(property: RowProperty, written: null | undefined): RowFault {
  const how = written === null ? "is null" : "is missing";
  return {
    code: "load_missing_property",
    message: `non-nullable property ${property.label} ${how}.`,
    place: written === null ? atData(property.name) : atLine("data"),
  };
}

function nodeRow(
  shape: NodeShape,
  data: JsonObject,
  cells: readonly Cell[],
  faults: RowFault[],
): NodeRow | null {
  const written = data.get(ID);
  if (shape.key === null) {
    const id = suppliedId(shape, written, faults);
    return id === undefined ? null : { kind: "node", shape, id, cells };
  }
  const derived = keyIdentity(shape, cells);
  if (derived === null) return null;
  if (written !== undefined && !meansIdentity(shape, written, derived))
    faults.push(idMismatch(shape, written, derived));
  return { kind: "node", shape, id: derived, cells };
}

function idMismatch(shape: NodeShape, written: JsonValue, derived: string): RowFault {
  const names = (shape.key ?? []).map((index) => shape.properties[index]?.name).join(", ");
  return {
    code: "load_id_mismatch",
    message: `The id ${showJson(written)} is not the id '${derived}' that the key (${names}) of ${shape.name} gives.`,
    place: atData(ID),
  };
}

/** The id of the line; null for a new one, undefined after a fault. */
function suppliedId(
  shape: RowShape,
  written: JsonValue | undefined,
  faults: RowFault[],
): string | null | undefined {
  if (written === undefined || written === null) return null;
  if (typeof written === "string" && written !== "") return written;
  faults.push({
    code: "load_wrong_type",
    message: `The id of ${shape.name} expects text that is not empty, got ${showJson(written)}.`,
    place: atData(ID),
  });
  return undefined;
}

function edgeRow(
  record: Extract<RowRecord, { kind: "edge" }>,
  cells: readonly Cell[],
  faults: RowFault[],
): EdgeRow | null {
  const { shape } = record;
  const id = suppliedId(shape, record.data.get(ID), faults);
  const src = endpoint(shape.from, "from", record.from, faults);
  const dst = endpoint(shape.to, "to", record.to, faults);
  if (id === undefined || src === null || dst === null) return null;
  return { kind: "edge", shape, id, src, dst, cells };
}

function endpoint(
  node: NodeShape,
  key: "from" | "to",
  written: JsonValue,
  faults: RowFault[],
): string | null {
  const id = writtenIdentity(node, written);
  if (id === null) {
    faults.push({
      code: "load_wrong_type",
      message: `"${key}" expects the id of a ${node.name}, got ${showJson(written)}.`,
      place: atLine(key),
    });
  }
  return id;
}

/** 1-based column of a fault in its line, as far as the places of the line's values are known. */
export function faultColumn(
  fault: RowFault,
  line: JsonValue,
  places: ReadonlyMap<JsonObject, ReadonlyMap<string, number>>,
): number {
  if (fault.place === WHOLE_LINE || fault.place.in === "all" || !(line instanceof Map)) return 1;
  const owner = fault.place.in === "line" ? line : line.get("data");
  return (owner instanceof Map ? places.get(owner)?.get(fault.place.key) : undefined) ?? 1;
}
