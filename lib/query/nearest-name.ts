/**
 * The existing name that a wrong one was probably meant to be, for messages.
 *
 * Guarantees: deterministic; a tie goes to the name that comes first. Case differences cost nothing.
 */
import { SUGGESTION_EDITS_MAX } from "./limits.ts";

/** Edits (insert, delete, replace, swap of neighbours) between two texts; above `max` the answer is only "more". */
function editsBetween(a: string, b: string, max: number): number {
  if (Math.abs(a.length - b.length) > max) return max + 1;
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const line = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(above[column]! + 1, line[column - 1]! + 1, above[column - 1]! + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) cost = Math.min(cost, before[column - 2]! + 1);
      line.push(cost);
    }
    before = above;
    above = line;
  }
  return above[b.length]!;
}

/** The nearest of `names`, or undefined if none is near. */
export function nearestName(wrong: string, names: Iterable<string>): string | undefined {
  const wanted = wrong.toLowerCase();
  const max = Math.min(SUGGESTION_EDITS_MAX, Math.floor(wanted.length / 2));
  let best: string | undefined;
  let fewest = max + 1;
  for (const name of names) {
    const edits = editsBetween(wanted, name.toLowerCase(), max);
    if (edits < fewest) {
      fewest = edits;
      best = name;
    }
  }
  return best;
}

/** `; did you mean ...?` with the nearest name in backquotes after `prefix`, or nothing. */
export function didYouMean(wrong: string, names: Iterable<string>, prefix = ""): string {
  const name = nearestName(wrong, names);
  return name === undefined ? "" : `; did you mean \`${prefix}${name}\`?`;
}
