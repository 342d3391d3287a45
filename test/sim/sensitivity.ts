/**
 * Sensitivity: runs one layer of the simulation with a planted bug until it notices, and says what it noticed. A check
 * whose green is to count must have been seen red (reliability 6.7).
 */
import { baseWorld } from "./base-worlds.ts";
import { enumerateSingle } from "./enumeration.ts";
import { enumerateHolds, SUCCESSIONS } from "./holds.ts";
import { keptPlan } from "./kept-plan.ts";
import type { Report } from "./operators.ts";
import { bringToRest } from "./rest.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";
import type { PortsChange } from "./sim-ports.ts";
import { runSingle } from "./single.ts";
import { newTally, type Tally } from "./tally.ts";
import type { Task } from "./tasks.ts";
import { runUniverse } from "./universe.ts";

/** Where a bug is looked for. */
export type Layer =
  | { readonly kind: "universes"; readonly from: number; readonly count: number }
  | { readonly kind: "faults"; readonly scenario: string; readonly every: number }
  /** `from`, `to`: the calls at which the first one is held. */
  | {
      readonly kind: "pauses";
      readonly scenario: string;
      readonly succession: string;
      readonly from: number;
      readonly to: number;
    }
  /** A plan is applied, undone and applied again. */
  | { readonly kind: "plan twice" };

/** The first broken invariants; none if nothing was noticed. */
export async function noticed(layer: Layer, ports?: PortsChange): Promise<readonly string[]> {
  switch (layer.kind) {
    case "universes": {
      for (let seed = layer.from; seed < layer.from + layer.count; seed += 1) {
        const { violations } = await runUniverse(seed, { ports });
        if (violations.length > 0) return violations;
      }
      return [];
    }
    case "faults": {
      const sample = (fault: number): boolean => fault % layer.every === 0;
      return violationsOf((tally) => enumerateSingle(tally, scenarioOf(layer.scenario), { ports, sample }));
    }
    case "pauses": {
      const successions = SUCCESSIONS.filter((each) => each.name === layer.succession);
      return violationsOf((tally) =>
        enumerateHolds(tally, scenarioOf(layer.scenario), successions, { ports }),
      );
    }
    case "plan twice":
      return planTwice(ports);
  }
}

async function violationsOf(enumerate: (tally: Tally) => Promise<void>): Promise<readonly string[]> {
  const tally = newTally();
  await enumerate(tally);
  return tally.findings.map((finding) => finding.violation);
}

function scenarioOf(name: string): Scenario {
  const found = SCENARIOS.find((each) => each.name === name);
  if (found === undefined) throw new Error(`there is no scenario ${name}`);
  return found;
}

async function planTwice(ports: PortsChange | undefined): Promise<readonly string[]> {
  const world = await baseWorld("two");
  const plan = await keptPlan(world, "F");
  if (plan === null) throw new Error("no plan was made");
  const kept: Task = { kind: "apply_kept", plan, config: "F" };
  const reports: Report[] = [];
  for (const task of [kept, { kind: "apply", config: "A" } as const, kept]) {
    reports.push((await runSingle(world, `step${reports.length}`, task, { ports })).report);
  }
  return (await bringToRest(world, reports, { config: "F", ports })).violations;
}
