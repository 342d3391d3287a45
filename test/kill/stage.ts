/** What the parts of a round share: the folder, chance, what was done so far, and what it reached. */
import type { Phase } from "./history.ts";
import type { Random } from "./random.ts";
import type { CleanRun } from "./victim.ts";

export interface Stage {
  readonly folder: string;
  readonly random: Random;
  /** One line for everything that was done, oldest first. */
  readonly trace: string[];
  /** How often a killed or stopped apply had come to each phase. */
  readonly phases: Map<Phase, number>;
  readonly clean: { readonly apply: CleanRun; readonly load: CleanRun };
  /** Now and then wait until a dead lease ends by itself, which takes a minute. */
  readonly waits: boolean;
}

/** A law that does not hold, found while a round is going on. */
export class BrokenLaw extends Error {}

export function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new BrokenLaw(otherwise);
}
