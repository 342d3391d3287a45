/**
 * The known name that somebody most likely meant, for "did you mean" (nothing else depends on it).
 *
 * Guarantees: pure; null when nothing is close. The first of equally close names wins.
 */
import { SUGGESTION_EDITS_MAX, SUGGESTION_NAME_CHARACTERS_MAX } from "./limits.ts";

export function nearestName(written: string, known: Iterable<string>): string | null {
  if (written.length > SUGGESTION_NAME_CHARACTERS_MAX) return null;
  let best: string | null = null;
  let bestEdits = SUGGESTION_EDITS_MAX + 1;
  for (const name of known) {
    if (Math.abs(name.length - written.length) > SUGGESTION_EDITS_MAX) continue;
    const edits = name.toLowerCase() === written.toLowerCase() ? 0 : editDistance(written, name);
    // Two edits of a three-letter name are another name, not a slip.
    if (edits >= bestEdits || edits * 3 > Math.max(written.length, name.length)) continue;
    best = name;
    bestEdits = edits;
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? 0;
  for (let row = 1; row <= a.length; row++) {
    rows.push([row]);
    for (let column = 1; column <= b.length; column++) {
      const replaced = at(row - 1, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swaps = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swapped = swaps ? at(row - 2, column - 2) + 1 : replaced;
      rows[row]?.push(Math.min(replaced, swapped, at(row - 1, column) + 1, at(row, column - 1) + 1));
    }
  }
  return at(a.length, b.length);
}
