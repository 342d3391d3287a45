/**
 * Enumeration: every call of a scenario meets every fate, then a healthy operator brings the world to rest (reliability
 * 6.3). Of two faults in a row, each call of the successor meets every fate in each world that the first one left.
 *
 * The time stands still for the operators, so that worlds that differ in nothing but when a call was repeated are equal;
 * equal worlds are brought to rest once.
 */
import { LEASE_MS } from "../../lib/apply/limits.ts";
import { baseWorld } from "./base-worlds.ts";
import type { ConfigName } from "./configs.ts";
import { type Fate, fatesOf, type NumberedCall, plannedFates } from "./fates.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Report } from "./operators.ts";
import { bringToRest, type Rest } from "./rest.ts";
import type { Scenario } from "./scenarios.ts";
import type { Scheduler } from "./scheduler.ts";
import type { PortsChange } from "./sim-ports.ts";
import { runSingle } from "./single.ts";
import { addFindings, addRows, addRun, type Tally } from "./tally.ts";
import { copyOfWorld, type World } from "./world.ts";

export interface EnumerationOptions {
  readonly ports?: PortsChange | undefined;
  /** Of the faults, or pairs of faults, which to try; all if absent. */
  readonly sample?: ((fault: number) => boolean) | undefined;
}

interface Point {
  readonly ordinal: number;
  readonly fate: Fate;
}

/** Every fate of every call. */
function pointsOf(calls: readonly NumberedCall[]): readonly Point[] {
  return calls.flatMap((call) =>
    fatesOf(call, call.ordinal === 0).map((fate) => ({ ordinal: call.ordinal, fate })),
  );
}

interface Faulted {
  readonly world: World;
  readonly report: Report;
  readonly scheduler: Scheduler;
  readonly label: string;
}

/** The calls of the scenario when nothing goes wrong. */
export async function callsOf(
  scenario: Scenario,
  options: EnumerationOptions = {},
): Promise<readonly NumberedCall[]> {
  const clean = await runSingle(await baseWorld(scenario.base), "A", scenario.task, { ports: options.ports });
  return clean.scheduler.calls;
}

async function faulted(scenario: Scenario, point: Point, options: EnumerationOptions): Promise<Faulted> {
  const world = await baseWorld(scenario.base);
  const faults = plannedFates([{ actor: "A", ...point }]);
  const { report, scheduler } = await runSingle(world, "A", scenario.task, { faults, ports: options.ports });
  return { world, report, scheduler, label: `${scenario.name}: A#${point.ordinal} ${point.fate}` };
}

/** Brings equal worlds to rest once. */
function resting(tally: Tally, { cure, remedy }: Scenario, options: EnumerationOptions) {
  const known = new Set<string>();
  return async (
    world: World,
    reports: readonly Report[],
    config: ConfigName,
    label: string,
    trace: readonly string[],
  ) => {
    const told = reports.map((report) => [report.answer, report.rows, report.defect]);
    const key = `${fingerprintOf(world)} ${config} ${JSON.stringify(told)}`;
    if (known.has(key)) {
      tally.equal += 1;
      return;
    }
    known.add(key);
    tally.states += 1;
    const rest: Rest = await bringToRest(world, reports, {
      config,
      ...{ cure, remedy, ports: options.ports },
      onRun: (scheduler) => addRun(tally, scheduler),
    });
    addRows(tally, world.chronicle.rows);
    addFindings(tally, label, rest.violations, [...trace, ...rest.trace]);
  };
}

export async function enumerateSingle(
  tally: Tally,
  scenario: Scenario,
  options: EnumerationOptions = {},
): Promise<void> {
  const rest = resting(tally, scenario, options);
  for (const [fault, point] of pointsOf(await callsOf(scenario, options)).entries()) {
    if (options.sample?.(fault) === false) continue;
    const { world, report, scheduler, label } = await faulted(scenario, point, options);
    addRun(tally, scheduler);
    await rest(world, [report], scenario.next, label, scheduler.trace);
  }
}

/** The successor is an apply of what the scenario's next operator wants. */
export async function enumerateDouble(
  tally: Tally,
  scenario: Scenario,
  options: EnumerationOptions = {},
): Promise<void> {
  const rest = resting(tally, scenario, options);
  const seen = new Set<string>();
  const task = { kind: "apply", config: scenario.next } as const;
  let pair = 0;
  for (const point of pointsOf(await callsOf(scenario, options))) {
    const first = await faulted(scenario, point, options);
    const key = fingerprintOf(first.world) + JSON.stringify(first.report.answer);
    if (seen.has(key)) continue;
    seen.add(key);
    first.world.nowMs += 2 * LEASE_MS;
    const clean = await runSingle(copyOfWorld(first.world), "B", task, { ports: options.ports });
    for (const { ordinal, fate } of pointsOf(clean.scheduler.calls)) {
      pair += 1;
      if (options.sample?.(pair) === false) continue;
      const world = copyOfWorld(first.world);
      const faults = plannedFates([{ actor: "B", ordinal, fate }]);
      const second = await runSingle(world, "B", task, { faults, ports: options.ports });
      addRun(tally, second.scheduler);
      const label = `${first.label} / B#${ordinal} ${fate}`;
      const trace = [...first.scheduler.trace, ...second.scheduler.trace];
      await rest(world, [first.report, second.report], scenario.next, label, trace);
    }
  }
}
