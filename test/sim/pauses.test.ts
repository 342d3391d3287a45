/**
 * A process that stands still past its lease at any of its calls while others come and go, and then goes on: it changes
 * nothing that they have committed (K4, enumerated). `npm run soak` holds every scenario before every succession.
 */
import { describe, expect, test, vi } from "vitest";
import { enumerateHolds, SUCCESSIONS } from "./holds.ts";
import { SCENARIOS } from "./scenarios.ts";
import { newTally, renderFindings } from "./tally.ts";

// A busy machine makes all of it several times slower, and nothing here is about speed.
vi.setConfig({ testTimeout: 600_000 });

/** Of the pauses of one scenario and succession, one in so many. */
const PART = 7;

const HELD = [
  "create and migrate",
  "apply over an open intent",
  "approved delete",
  "sweep of landed intents",
];

describe.each(SCENARIOS.filter((each) => HELD.includes(each.name)).map((each) => [each.name, each] as const))(
  "a process that is held in the middle of: %s",
  (_, scenario) => {
    test.each(SUCCESSIONS.map((each, index) => [each.name, each, index] as const))(
      "changes nothing that was committed meanwhile by %s (K2, K4)",
      async (name, succession, index) => {
        const tally = newTally();
        const sample = (pause: number): boolean => (pause + index + name.length) % PART === 0;
        await enumerateHolds(tally, scenario, [succession], { sample });
        expect(renderFindings(tally)).toBe("");
        expect(tally.states).toBeGreaterThan(3);
        expect(tally.fates.get("hold")).toBe(tally.states);
      },
    );
  },
);
