/** A planted bug that no port can show: a call is repeated without a bound (reliability 5.11). */
import { expect, test, vi } from "vitest";
import { noticed } from "./sensitivity.ts";

vi.mock("../../lib/ledger/limits.ts", async () => ({
  ...(await vi.importActual<object>("../../lib/ledger/limits.ts")),
  ATTEMPTS_MAX: Number.MAX_SAFE_INTEGER,
}));

test("a call that is repeated for ever is noticed, because nothing comes to an end (R6)", async () => {
  await expect(noticed({ kind: "faults", scenario: "policy only", every: 11 })).rejects.toThrow(
    "nothing came to an end",
  );
});
