/**
 * RowFault: one thing that is wrong with one line of a load, before anybody knows which file and line it is.
 *
 * Guarantees: pure data. `place` leads to the value that a person has to look at.
 */
import type { DiagnosticCode } from "../../diagnostic/diagnostic.ts";

/** A key of the line's own object, a key below `data`, or the line as a whole. */
export type FaultPlace =
  | { readonly in: "line"; readonly key: string }
  | { readonly in: "data"; readonly key: string }
  | { readonly in: "all" };

export interface RowFault {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly place: FaultPlace;
}

export const WHOLE_LINE: FaultPlace = { in: "all" };

export function atLine(key: string): FaultPlace {
  return { in: "line", key };
}

export function atData(key: string): FaultPlace {
  return { in: "data", key };
}
