/** Ids that count: the same calls give the same ULIDs in every run of a test. */
import type { Ids } from "../ports/ids.ts";

const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const COUNTER_CHARACTERS = 16;

/** Canonical ULIDs with time part `01` and zeros, counting up from one. `client` (0 to 31) keeps two sources apart. */
export function createCountingIds(client = 0): Ids {
  let count = 0;
  let secrets = 0;
  return {
    next() {
      count += 1;
      let digits = "";
      for (let rest = count; digits.length < COUNTER_CHARACTERS - 1; rest = Math.floor(rest / 32)) {
        digits = (CROCKFORD[rest % 32] ?? "0") + digits;
      }
      return `01${"0".repeat(8)}${digits}${CROCKFORD[client % 32] ?? "0"}`;
    },
    secret() {
      secrets += 1;
      return (client * 2 ** 32 + secrets).toString(16).padStart(64, "0");
    },
  };
}
