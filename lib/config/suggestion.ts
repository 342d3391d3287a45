/** Suggestions: the known name that a mistyped one most likely meant. */
import { SUGGESTION_CANDIDATES_MAX, SUGGESTION_EDITS_MAX, SUGGESTION_LENGTH_MAX } from "./limits.ts";

/** The nearest of `known` to `name`, or null if none is near enough to be worth naming. */
export function nearestName(name: string, known: Iterable<string>): string | null {
  if (name.length > SUGGESTION_LENGTH_MAX) return null;
  const wanted = name.toLowerCase();
  let best: string | null = null;
  let candidates = 0;
  let bestDistance = SUGGESTION_EDITS_MAX + 1;
  for (const candidate of known) {
    candidates += 1;
    if (candidates > SUGGESTION_CANDIDATES_MAX) break;
    if (Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(wanted, candidate.toLowerCase());
    // A name that would be replaced almost whole is not what was meant.
    if (distance < bestDistance && distance * 2 <= candidate.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The end of a sentence that offers the nearest name; nothing if there is none. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const nearest = nearestName(name, known);
  return nearest === null ? "" : ` Did you mean \`${nearest}\`?`;
}

/** Insertions, deletions and replacements of one letter that turn `from` into `to`; more than the limit is "many". */
function editDistance(from: string, to: string): number {
  let begin = 0;
  while (begin < from.length && begin < to.length && from[begin] === to[begin]) begin += 1;
  let fromEnd = from.length;
  let toEnd = to.length;
  while (fromEnd > begin && toEnd > begin && from[fromEnd - 1] === to[toEnd - 1]) {
    fromEnd -= 1;
    toEnd -= 1;
  }
  // What both share at either end costs nothing, and most names differ in the middle of a few letters only.
  return matrixDistance(from.slice(begin, fromEnd), to.slice(begin, toEnd));
}

function matrixDistance(from: string, to: string): number {
  if (from === "" || to === "") return from.length + to.length;
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = previous[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      const distance = Math.min(replaced, previous[column]! + 1, current[column - 1]! + 1);
      current.push(distance);
      least = Math.min(least, distance);
    }
    // Distances never shrink from row to row, so a row that is all too far decides.
    if (least > SUGGESTION_EDITS_MAX) return least;
    previous = current;
  }
  return previous[to.length]!;
}
