/**
 * NameClasses: all names that a query can have, sorted by which patterns they fit (spec/policy 5.10).
 *
 * Guarantees: pure. Each exact pattern is a class of its own; every other class is a set of globs that some name fits
 * all of, and no others, with such a name as a witness. No combination that a name can have is missing, unless the
 * globs are entangled beyond NAME_STATES_MAX; then the combinations that are found are those up to there.
 */
import { NAME_STATES_MAX } from "./limits.ts";
import { isGlob, matchesName } from "./query-scope.ts";

export interface NameClass {
  /** The exact name, or the globs that all names of the class fit; empty: the names that fit none. */
  readonly patterns: readonly string[];
  /** A name of the class. */
  readonly witness: string;
}

/** The classes that `patterns` tell apart. */
export function nameClasses(patterns: Iterable<string>): readonly NameClass[] {
  const distinct = [...new Set(patterns)].sort();
  const exact = distinct.filter((pattern) => !isGlob(pattern));
  const globs = distinct.filter(isGlob);
  return [
    ...exact.map((name) => ({ patterns: [name], witness: name })),
    ...globClasses(globs, new Set(exact)),
  ];
}

/** Stands for every character that no pattern mentions; no query has it in its name. */
const OTHER = "\u0001";

/** Walks all globs side by side, breadth first, so that every witness is as short as it can be. */
function globClasses(globs: readonly string[], taken: ReadonlySet<string>): readonly NameClass[] {
  const alphabet = [OTHER, ...new Set(globs.join("").replaceAll("*", ""))];
  const found = new Map<string, NameClass>();
  const seen = new Set<string>();
  let wave: readonly Walk[] = [{ name: "", positions: globs.map((glob) => closure(glob, [0])) }];
  while (wave.length > 0 && seen.size < NAME_STATES_MAX) {
    const next: Walk[] = [];
    for (const walk of wave) {
      const key = walk.positions.map((each) => each.join(",")).join("|");
      // A name that stands for itself is no witness of others; the state behind it is one by a longer name.
      const isWitness = !taken.has(walk.name);
      if (seen.has(key) || (seen.has(`${key}!`) && !isWitness)) continue;
      seen.add(isWitness ? key : `${key}!`);
      const patterns = globs.filter((glob) => matchesName(glob, walk.name));
      const label = patterns.join("\u0000");
      if (isWitness && !found.has(label)) found.set(label, { patterns, witness: walk.name });
      for (const letter of alphabet) {
        next.push({
          name: walk.name + letter,
          positions: globs.map((glob, index) => step(glob, walk.positions[index] ?? [], letter)),
        });
      }
    }
    wave = next;
  }
  return [...found.values()];
}

interface Walk {
  readonly name: string;
  /** For each glob the places in it that the name so far can have led to. */
  readonly positions: readonly (readonly number[])[];
}

/** A `*` may also stand for nothing. */
function closure(glob: string, positions: Iterable<number>): readonly number[] {
  const all = new Set<number>();
  for (let position of positions) {
    all.add(position);
    while (glob[position] === "*") all.add(++position);
  }
  return [...all].sort((a, b) => a - b);
}

function step(glob: string, positions: readonly number[], letter: string): readonly number[] {
  const reached = positions.flatMap((position) => {
    if (glob[position] === "*") return [position];
    return glob[position] === letter ? [position + 1] : [];
  });
  return closure(glob, reached);
}
