/** Soak: everything unscaled, part by part: each says what it has done and what it found. */
import { enumerateDouble, enumerateSingle } from "./enumeration.ts";
import { enumerateHolds } from "./holds.ts";
import { ledgerHistory } from "./ledger-history.ts";
import { linearize } from "./linearizability.ts";
import { SCENARIOS } from "./scenarios.ts";
import type { PortsChange } from "./sim-ports.ts";
import { addFindings, addRows, addRun, newTally, type Tally } from "./tally.ts";
import { runUniverse } from "./universe.ts";

export interface SeedRange {
  readonly from: number;
  readonly count: number;
}

export type OnProgress = (done: number, tally: Tally) => void;

/** Seeded universes, one after another. */
export async function soakUniverses(
  { from, count }: SeedRange,
  ports: PortsChange | undefined,
  onProgress: OnProgress,
): Promise<Tally> {
  const tally = newTally();
  for (let seed = from; seed < from + count; seed += 1) {
    const universe = await runUniverse(seed, { ports });
    tally.states += 1;
    for (const scheduler of universe.schedulers) addRun(tally, scheduler);
    addRows(tally, universe.rows);
    addFindings(tally, `seed ${seed}`, universe.violations, universe.trace);
    onProgress(seed - from + 1, tally);
  }
  return tally;
}

type Enumerate = (tally: Tally, scenario: (typeof SCENARIOS)[number]) => Promise<void>;

/** One enumeration over all scenarios. */
export async function soakScenarios(
  layer: "single" | "double" | "holds",
  onProgress: OnProgress,
): Promise<Tally> {
  const layers: Readonly<Record<typeof layer, Enumerate>> = {
    single: enumerateSingle,
    double: enumerateDouble,
    holds: (tally, scenario) => enumerateHolds(tally, scenario),
  };
  const tally = newTally();
  for (const [index, scenario] of SCENARIOS.entries()) {
    await layers[layer](tally, scenario);
    onProgress(index + 1, tally);
  }
  return tally;
}

/** Histories of the ledger, each checked as one register. */
export async function soakHistories({ from, count }: SeedRange, onProgress: OnProgress): Promise<Tally> {
  const tally = newTally();
  for (let seed = from; seed < from + count; seed += 1) {
    const calls = await ledgerHistory(seed, { clients: 6, calls: 240 });
    tally.states += 1;
    tally.calls += calls.length;
    const stuck = linearize(calls);
    if (stuck !== null)
      addFindings(
        tally,
        `history ${seed}`,
        ["L8 no order explains the history"],
        stuck.map((call) => JSON.stringify(call)),
      );
    onProgress(seed - from + 1, tally);
  }
  return tally;
}
