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

/** Insertions, deletions and replacements of one letter that turn `a` into `b`. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
