/** How long a function may hold a lease. */
import { expect, it } from "vitest";
import { createInvocation } from "../../functions/invocation.ts";
import { HOLDING_MARGIN_MS } from "../../functions/limits.ts";

it("lets a lease end a margin after its invocation, and renews none (K5)", () => {
  let nowMs = 1_000;
  const { begin, holding } = createInvocation(() => nowMs);
  begin(300_000);
  nowMs += 100_000;
  expect(holding()).toEqual({ duration_ms: 200_000 + HOLDING_MARGIN_MS, renew: false });
  nowMs += 900_000;
  expect(holding()).toEqual({ duration_ms: HOLDING_MARGIN_MS, renew: false });
  begin(60_000);
  expect(holding()).toEqual({ duration_ms: 60_000 + HOLDING_MARGIN_MS, renew: false });
});
