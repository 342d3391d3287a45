/**
 * One line of a seed file as a row or as faults with columns: the whole of the row codec in one call.
 *
 * Guarantees: pure. A line is parsed a second time only when somebody has to point at a value in it.
 */
import { decodeRow, faultColumn } from "./decode-row.ts";
import { type JsonPlaces, parseJsonLine } from "./json-line.ts";
import { readRecord } from "./record.ts";
import type { Row } from "./row.ts";
import type { RowFault } from "./row-fault.ts";
import type { GraphShape } from "./row-shape.ts";

export interface PlacedFault extends Pick<RowFault, "code" | "message"> {
  readonly column: number;
}

export interface ReadRow {
  /** Null if not even the row's identity can be told. */
  readonly row: Row | null;
  readonly faults: readonly PlacedFault[];
}

const NO_FAULTS: readonly PlacedFault[] = [];

/** Reads one line that is not blank. */
export function readRow(graph: GraphShape, text: string): ReadRow {
  const parsed = parseJsonLine(text);
  if (parsed.tag === "broken") {
    const message = `The line is not valid JSON: ${parsed.problem}.`;
    return { row: null, faults: [{ code: "load_broken_json", message, column: parsed.column }] };
  }
  const record = readRecord(graph, parsed.value);
  if (record.tag === "faults") return { row: null, faults: placed(text, record.faults) };
  const { row, faults } = decodeRow(record.record);
  return { row, faults: faults.length === 0 ? NO_FAULTS : placed(text, faults) };
}

function placed(text: string, faults: readonly RowFault[]): readonly PlacedFault[] {
  const places: JsonPlaces = new Map();
  const parsed = parseJsonLine(text, places);
  return faults.map((fault) => ({
    code: fault.code,
    message: fault.message,
    column: parsed.tag === "parsed" ? faultColumn(fault, parsed.value, places) : 1,
  }));
}

/** Where the value of a top-level key or of a key below `data` stands in a line that has been read before. */
export function columnOf(text: string, place: RowFault["place"]): number {
  return placed(text, [{ code: "load_line_shape", message: "", place }])[0]?.column ?? 1;
}
