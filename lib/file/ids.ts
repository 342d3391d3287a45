/** Fresh ULIDs and secrets from the machine's clock and random source, ascending within the process. */
import { randomBytes } from "node:crypto";
import { monotonicFactory } from "ulid";
import type { Ids } from "../ports/ids.ts";

const SECRET_BYTES = 32;

/** A source of ids; two sources never give the same id. */
export function createUlids(): Ids {
  const next = monotonicFactory();
  return { next: () => next(), secret: () => randomBytes(SECRET_BYTES).toString("hex") };
}
