/** Shrinks a failing universe: leaves out every operator without which the same invariant is still broken. */
import { runUniverse, type Universe, type UniverseOptions } from "./universe.ts";

export interface Shrunk {
  readonly universe: Universe;
  /** Positions of the operators that are left out. */
  readonly dropped: readonly number[];
}

/** `invariant`: the id at the beginning of the violation. */
export async function shrink(
  seed: number,
  invariant: string,
  options: UniverseOptions = {},
): Promise<Shrunk> {
  const isBroken = (universe: Universe): boolean =>
    universe.violations.some((violation) => violation.startsWith(invariant));
  let universe = await runUniverse(seed, options);
  const dropped: number[] = [];
  for (let position = 0; position < universe.operators; position += 1) {
    const drop = new Set([...(options.drop ?? []), ...dropped, position]);
    const smaller = await runUniverse(seed, { ...options, drop });
    if (!isBroken(smaller)) continue;
    dropped.push(position);
    universe = smaller;
  }
  return { universe, dropped };
}
