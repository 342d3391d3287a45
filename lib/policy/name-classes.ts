/**
 * NameClasses: all names that a query can have, sorted by which patterns they fit (spec/policy 5.10).
 *
 * Guarantees: pure. Each exact pattern is a class of its own; every other class is a set of globs that some name fits
 * all of, and no others, with such a name as a witness. No combination that a name can have is missing; globs that
 * are entangled beyond NAME_STEPS_MAX or NAME_CLASSES_MAX are not taken apart at all.
 */
import { GlobAutomaton } from "./glob-automaton.ts";
import { NAME_CLASSES_MAX, NAME_STEPS_MAX } from "./limits.ts";
import { isGlob } from "./query-scope.ts";

export interface NameClass {
  /** The exact name, or the globs that all names of the class fit; empty: the names that fit none. */
  readonly patterns: readonly string[];
  /** A name of the class. */
  readonly witness: string;
}

/** The classes that `patterns` tell apart; null: too entangled. */
export function nameClasses(patterns: Iterable<string>): readonly NameClass[] | null {
  const distinct = [...new Set(patterns)].sort();
  const exact = distinct.filter((pattern) => !isGlob(pattern));
  const others = globClasses(distinct.filter(isGlob), new Set(exact));
  return others && [...exact.map((name) => ({ patterns: [name], witness: name })), ...others];
}

/** Stands for every character that no pattern mentions; no query has it in its name. */
const OTHER = "\u0001";

interface Walk {
  readonly name: string;
  /** Where each glob is after the name so far. */
  readonly states: readonly number[];
}

/** Walks all globs side by side, breadth first, so that every witness is as short as it can be. */
function globClasses(globs: readonly string[], taken: ReadonlySet<string>): readonly NameClass[] | null {
  const alphabet = [OTHER, ...new Set(globs.join("").replaceAll("*", ""))];
  const automata = globs.map((glob) => new GlobAutomaton(glob));
  const found = new Map<string, NameClass>();
  const seen = new Set<string>();
  let steps = 0;
  let wave: readonly Walk[] = [{ name: "", states: globs.map(() => 0) }];
  while (wave.length > 0) {
    const next: Walk[] = [];
    for (const walk of wave) {
      // A name that stands for itself is no witness of others; a longer one may come back to the same place.
      const isWitness = !taken.has(walk.name);
      const key = walk.states.join(",");
      if (seen.has(key) || (!isWitness && seen.has(`${key}!`))) continue;
      seen.add(isWitness ? key : `${key}!`);
      const patterns = globs.filter((_, index) => automata[index]?.accepts(walk.states[index] ?? 0));
      const label = patterns.join("\u0000");
      if (isWitness && !found.has(label)) found.set(label, { patterns, witness: walk.name });
      steps += alphabet.length * (globs.length + 1);
      if (steps > NAME_STEPS_MAX || found.size > NAME_CLASSES_MAX) return null;
      for (const letter of alphabet) {
        const states = automata.map((each, index) => each.step(walk.states[index] ?? 0, letter));
        next.push({ name: walk.name + letter, states });
      }
    }
    wave = next;
  }
  return [...found.values()];
}
