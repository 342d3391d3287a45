/**
 * LineStarts: where the lines of a file begin, so that tokens need to carry offsets only.
 *
 * Guarantees: computed once a file; a position costs a binary search, and only diagnostics ask for one.
 */
import type { SourcePosition } from "../diagnostic/diagnostic.ts";

/** Offsets of the first character of each line, ascending; the first is 0. */
export type LineStarts = readonly number[];

/** The line starts of a text; lines end with LF. */
export function lineStartsOf(text: string): LineStarts {
  const starts = [0];
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}

/** Line and column, both from 1, of an offset. */
export function positionAt(starts: LineStarts, offset: number, file: string): SourcePosition {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return { file, line: low + 1, column: offset - starts[low]! + 1 };
}
