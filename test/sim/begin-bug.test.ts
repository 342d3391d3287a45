/** A planted bug that no port can show: effects are sent without a begin commit that names them (K4). */
import { expect, test, vi } from "vitest";
import { noticed } from "./sensitivity.ts";

vi.mock(import("../../lib/apply/run-commit.ts"), async (original) => {
  const actual = await original();
  return {
    ...actual,
    runCommit: (ports, issuer, base, next, commit) =>
      commit.kind === "begin" && base.tag === "ready"
        ? Promise.resolve({ tag: "committed", ledger: base })
        : actual.runCommit(ports, issuer, base, next, commit),
  };
});

test("an effect without a begin commit is noticed when it is published (K4, U1)", async () => {
  const violations = await noticed({ kind: "faults", scenario: "create and migrate", every: 40 });
  expect(violations.join("\n")).toMatch(/K4 .* is named by no begin commit/);
});
