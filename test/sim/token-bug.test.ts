/** A planted bug that no port can show: a holder does not compare its token with the ledger's (K4). */
import { expect, test, vi } from "vitest";
import { noticed } from "./sensitivity.ts";

vi.mock(import("../../lib/ledger/read-ledger.ts"), async (original) => {
  const actual = await original();
  return {
    ...actual,
    readLedger: async (ports, options) => {
      const reading = await actual.readLedger(ports, options);
      const blind = reading.tag === "ready" && reading.marker !== null && options.repair;
      return blind ? { ...reading, marker: { ...reading.marker, token: 0 } } : reading;
    },
  };
});

test("a holder that wakes and commits although its lease is over is noticed (K4)", async () => {
  const violations = await noticed({
    ...{ kind: "pauses", scenario: "policy only", succession: "an apply of another mind" },
    from: 0,
    to: 12,
  });
  expect(violations.map((violation) => violation.slice(0, 2))).toContain("K4");
});
