/** A planted bug that no port can show: the refusal of an own commit that had landed counts as not landed (L5, W10). */
import { expect, test, vi } from "vitest";
import { noticed } from "./sensitivity.ts";

vi.mock("../../lib/ledger/commit-settlement.ts", () => ({
  settleCommit: () => Promise.resolve({ tag: "refused", reason: "another run has committed" }),
}));

test("an own commit that is taken for another's is noticed by single faults (L5)", async () => {
  const violations = await noticed({ kind: "faults", scenario: "policy only", every: 1 });
  expect(violations.map((violation) => violation.slice(0, 2))).toContain("L5");
});
