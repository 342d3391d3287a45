/**
 * Every call of a scenario meets every fate, and a healthy operator brings the world to rest: no invariant is broken on
 * the way or afterwards (reliability 6.3). `npm run soak` tries the parts that are left out here.
 */
import { describe, expect, test, vi } from "vitest";
import { offeredCoverage, recordedCoverage } from "./coverage.ts";
import { enumerateDouble, enumerateSingle } from "./enumeration.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";
import { newTally, renderFindings, type Tally } from "./tally.ts";

// A busy machine makes all of it several times slower, and nothing here is about speed.
vi.setConfig({ testTimeout: 600_000 });

/** Of the faults of a scenario that is not tried as a whole, one in so many. */
const PART = 12;
/** Of the worlds that one fault of a main scenario leaves, one in so many, and of the second faults in it. */
const WORLDS_PART = 17;
const PAIRS_PART = 29;

const named = (scenarios: readonly Scenario[]) => scenarios.map((each) => [each.name, each] as const);
const tallies: Tally[] = [];

function counted(): Tally {
  const tally = newTally();
  tallies.push(tally);
  return tally;
}

describe("one fault", () => {
  test.each(named(SCENARIOS.filter((each) => each.whole === true)))(
    "at every call leaves a world that comes to rest with every invariant: %s (L1-L7, L9, A1-A4, A7, C1-C4, K1, K3, K5, R1, R2, R4-R6)",
    async (_, scenario) => {
      const tally = counted();
      await enumerateSingle(tally, scenario);
      expect(renderFindings(tally)).toBe("");
      expect(tally.states).toBeGreaterThan(5);
    },
  );

  test.each(named(SCENARIOS.filter((each) => each.whole !== true)))(
    "at calls picked in turn leaves a world that comes to rest with every invariant: %s (R2)",
    async (name, scenario) => {
      const tally = counted();
      await enumerateSingle(tally, scenario, { sample: (fault) => (fault + name.length) % PART === 0 });
      expect(renderFindings(tally)).toBe("");
    },
  );
});

describe("two faults in a row", () => {
  test.each(named(SCENARIOS.filter((each) => each.main === true)))(
    "of an operator and its successor leave a world that comes to rest with every invariant: %s (R2, R3)",
    async (name, scenario) => {
      const tally = counted();
      await enumerateDouble(tally, scenario, {
        worlds: (world) => (world + name.length) % WORLDS_PART === 0,
        sample: (pair) => (pair + name.length) % PAIRS_PART === 0,
      });
      expect(renderFindings(tally)).toBe("");
      expect(tally.states).toBeGreaterThan(3);
    },
  );
});

describe("the coverage", () => {
  test("is not less than what was recorded: calls and fates of each scenario", async () => {
    const recorded = recordedCoverage();
    const offered = await offeredCoverage();
    const lost = Object.entries(recorded.scenarios).flatMap(([name, { calls, fates }]) => {
      const now = offered[name];
      const fewer = Object.entries(fates).filter(([fate, count]) => (now?.fates[fate as never] ?? 0) < count);
      return now === undefined || now.calls < calls || fewer.length > 0 ? [name] : [];
    });
    expect(lost).toEqual([]);
    expect(Object.keys(offered)).toEqual(Object.keys(recorded.scenarios));
    expect(SCENARIOS.length).toBeGreaterThanOrEqual(12);
  });

  test("reaches every fate, and every row of the truth table that the recorded enumeration reached (R4)", () => {
    const fates = new Set(tallies.flatMap((tally) => [...tally.fates.keys()]));
    const rows = new Set(tallies.flatMap((tally) => [...tally.rows.keys()]));
    expect([...fates].sort()).toEqual(
      ["act", "conflict", "crash_after", "crash_before", "crash_late"].concat([
        "error_after",
        "error_before",
        "error_late",
        "mute",
        "outage",
        "throttle",
      ]),
    );
    expect([...rows].sort()).toEqual(Object.keys(recordedCoverage().rows));
    expect([...rows].sort()).toEqual(["J0", "J1", "J2", "J3", "J4", "J5", "J6", "J7"]);
  });
});
