/**
 * Decoded: what reading one JSON value as one property gives: a cell, or the reason why not.
 *
 * Guarantees: pure data. A message is a full sentence that begins with the property it is about.
 */
import type { DiagnosticCode } from "../../diagnostic/diagnostic.ts";
import type { Cell } from "../tables.ts";
import { type JsonValue, showJson } from "./json-value.ts";

export type Decoded =
  | { readonly tag: "cell"; readonly cell: Cell }
  | { readonly tag: "fault"; readonly code: DiagnosticCode; readonly message: string };

/** Reads a value that is not null. `label` names the property in messages: `Person.age`. */
export type CellDecoder = (label: string, value: JsonValue) => Decoded;

export function decoded(cell: Cell): Decoded {
  return { tag: "cell", cell };
}

export function wrongType(label: string, wanted: string, value: JsonValue): Decoded {
  return {
    tag: "fault",
    code: "load_wrong_type",
    message: `${label} expects ${wanted}, got ${showJson(value)}.`,
  };
}

export function outOfRange(label: string, wanted: string, value: JsonValue): Decoded {
  return {
    tag: "fault",
    code: "load_number_out_of_range",
    message: `${label} expects ${wanted}, and ${showJson(value)} is outside its range.`,
  };
}
