/**
 * Ids of an actor: canonical ULIDs from its clock, a count and its number. The same history gives the same ids; two
 * actors of one world never share one.
 */
import type { Ids } from "../../lib/ports/ids.ts";

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** `nowMs` does not go back. */
export function createSimIds(actor: number, nowMs: () => number): Ids {
  let count = 0;
  return {
    next() {
      count += 1;
      return digits(nowMs(), 10) + digits(count, 8) + idSuffix(actor);
    },
    secret() {
      count += 1;
      return `${actor.toString(16)}${count.toString(16).padStart(8, "0")}`.padStart(64, "0");
    },
  };
}

/** How the ids of an actor end. */
export function idSuffix(actor: number): string {
  return digits(actor, 8);
}

function digits(value: number, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest = Math.floor(rest / 32)) {
    text = (CROCKFORD[rest % 32] ?? "0") + text;
  }
  return text;
}
