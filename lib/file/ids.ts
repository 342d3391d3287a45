/** Fresh ULIDs from the machine's clock and random source, ascending within the process. */
import { monotonicFactory } from "ulid";
import type { Ids } from "../ports/ids.ts";

/** A source of ids; two sources never give the same id. */
export function createUlids(): Ids {
  const next = monotonicFactory();
  return { next: () => next() };
}
