/**
 * Holds: a process stands still at one of its calls while others come and go, then goes on (K4, enumerated; reliability
 * 6.4, the zombie). At every call, the first included, and in front of every kind of successor.
 */
import { LEASE_MS } from "../../lib/apply/limits.ts";
import { baseWorld } from "./base-worlds.ts";
import type { ConfigName } from "./configs.ts";
import { callsOf } from "./enumeration.ts";
import { plannedFates } from "./fates.ts";
import { type Report, startOperator } from "./operators.ts";
import { bringToRest } from "./rest.ts";
import type { Scenario } from "./scenarios.ts";
import { createScheduler } from "./scheduler.ts";
import type { PortsChange } from "./sim-ports.ts";
import { addFindings, addRows, addRun, type Tally } from "./tally.ts";
import type { Task } from "./tasks.ts";

/** Who comes while the first one stands still, one after another. */
export interface Succession {
  readonly name: string;
  readonly tasks: (wanted: { readonly first: ConfigName; readonly next: ConfigName }) => readonly Task[];
}

export const SUCCESSIONS: readonly Succession[] = [
  { name: "an apply of another mind", tasks: ({ next }) => [{ kind: "apply", config: next }] },
  { name: "an apply of the same mind", tasks: ({ first }) => [{ kind: "apply", config: first }] },
  { name: "a sweep", tasks: () => [{ kind: "recover" }] },
  { name: "a refresh", tasks: ({ next }) => [{ kind: "refresh", config: next }] },
  {
    name: "a load and an apply",
    tasks: ({ next }) => [
      { kind: "load", graph: "a" },
      { kind: "apply", config: next },
    ],
  },
  {
    name: "a sweep, an apply and an apply back",
    tasks: ({ next }) => [
      { kind: "recover" },
      { kind: "apply", config: next },
      { kind: "apply", config: "A" },
    ],
  },
  {
    name: "a forced unlock and an apply",
    tasks: ({ next }) => [{ kind: "force_unlock" }, { kind: "apply", config: next }],
  },
];

export interface HoldOptions {
  readonly ports?: PortsChange | undefined;
  /** Of the pauses, which to try; all if absent. */
  readonly sample?: (pause: number) => boolean;
}

export async function enumerateHolds(
  tally: Tally,
  scenario: Scenario,
  successions: readonly Succession[] = SUCCESSIONS,
  options: HoldOptions = {},
): Promise<void> {
  const calls = await callsOf(scenario, options);
  let pause = 0;
  for (const succession of successions) {
    for (let ordinal = 0; ordinal < calls.length; ordinal += 1) {
      pause += 1;
      if (options.sample?.(pause) === false) continue;
      await holdAt(tally, scenario, succession, ordinal, options);
    }
  }
}

async function holdAt(
  tally: Tally,
  scenario: Scenario,
  succession: Succession,
  ordinal: number,
  options: HoldOptions,
): Promise<void> {
  const world = await baseWorld(scenario.base);
  const { ports } = options;
  const reports: Report[] = [];
  const wanted = {
    first: "config" in scenario.task ? scenario.task.config : scenario.next,
    next: scenario.next,
  };
  const queue = [...succession.tasks(wanted)];
  const scheduler = createScheduler(world, {
    seed: 5,
    faults: plannedFates([{ actor: "A", ordinal, fate: "hold" }]),
    onHold: () => {
      // A forced unlock does not wait until the lease has run out; every other successor comes after that.
      if (queue[0]?.kind !== "force_unlock") world.nowMs += 2 * LEASE_MS;
      follow();
    },
  });
  const follow = (): void => {
    const task = queue.shift();
    if (task === undefined) return;
    const actor = scheduler.actor(`B${reports.length}`);
    reports.push(startOperator(scheduler, actor, task, { ports, onEnd: follow }));
  };
  reports.push(startOperator(scheduler, scheduler.actor("A"), scenario.task, { ports }));
  await scheduler.run();
  addRun(tally, scheduler);
  const rest = await bringToRest(world, reports, {
    config: scenario.next,
    ...{ cure: scenario.cure, remedy: scenario.remedy, ports },
    onRun: (healing) => addRun(tally, healing),
  });
  tally.states += 1;
  addRows(tally, world.chronicle.rows);
  const label = `${scenario.name}: held at A#${ordinal} before ${succession.name}`;
  addFindings(tally, label, rest.violations, [...scheduler.trace, ...rest.trace]);
}
