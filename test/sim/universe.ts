/**
 * Universe: several operators over one world, chosen with everything that happens to them from one seed (reliability
 * 6.4). First the faulty phase, in which every write must be right; then healthy operators, who must converge.
 */
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import { BASE_NAMES, type BaseName, baseWorld } from "./base-worlds.ts";
import type { Row } from "./chronicle.ts";
import { CONFIG_NAMES, type ConfigName } from "./configs.ts";
import { randomFates } from "./fates.ts";
import { keptPlan } from "./kept-plan.ts";
import { type Report, startOperator } from "./operators.ts";
import { type Random, seededRandom } from "./random.ts";
import { bringToRest } from "./rest.ts";
import { createScheduler, type Scheduler } from "./scheduler.ts";
import type { PortsChange } from "./sim-ports.ts";
import type { Task, TaskKind } from "./tasks.ts";
import { randomEvent } from "./world-events.ts";

export interface UniverseOptions {
  /** Operators that are left out, by their position: how a failing universe is made smaller. */
  readonly drop?: ReadonlySet<number>;
  readonly ports?: PortsChange | undefined;
  /** Without what happens to the world behind everybody's back. */
  readonly calm?: boolean;
}

export interface Universe {
  readonly violations: readonly string[];
  readonly trace: readonly string[];
  readonly schedulers: readonly Scheduler[];
  readonly rows: ReadonlyMap<Row, number>;
  /** How many operators the seed gives. */
  readonly operators: number;
}

const HALF_LEASE_MS = 30_000;
/** A call and the thinking before it take up to this long; so an apply lasts about a third of a lease. */
const STEP_MS = 800;
const TRIES = 8;

export async function runUniverse(seed: number, options: UniverseOptions = {}): Promise<Universe> {
  const random = seededRandom(seed * 7919 + 13);
  const base: BaseName = random.pick(UNIVERSE_BASES);
  const world = await baseWorld(base);
  const config = random.pick(CONFIG_NAMES);
  const kept = { plan: await keptPlan(world, config), config };
  const faults = randomFates(probabilities(random));
  const event = randomEvent(random);
  const scheduler = createScheduler(world, {
    seed,
    faults,
    events: options.calm === true || event === null ? [] : [event],
    stepMs: (chance) => 1 + chance.below(STEP_MS),
  });
  const operators = 2 + random.below(5);
  const reports: Report[] = [];
  for (let index = 0; index < operators; index += 1) {
    const task = index === 0 ? applyOf(random.pick(CONFIG_NAMES)) : randomTask(random, kept);
    const skewMs = random.below(2 * HALF_LEASE_MS) - HALF_LEASE_MS;
    const startsInMs = random.below(random.next() < 0.5 ? 15_000 : 150_000);
    if (options.drop?.has(index) === true) continue;
    const actor = scheduler.actor(`o${index}`, { skewMs, startsInMs });
    reports.push(startOperator(scheduler, actor, task, { tries: TRIES, ports: options.ports }));
  }
  const intro = `base ${base}; ${reports.map(introduce).join(", ")}`;
  const stuck = await scheduler.run().catch((error: unknown) => String(error));
  const schedulers = [scheduler];
  const rest = await bringToRest(world, reports, {
    config: random.pick(CONFIG_NAMES),
    ports: options.ports,
    onRun: (healing) => schedulers.push(healing),
  });
  const violations = typeof stuck === "string" ? [`R6 ${stuck}`, ...rest.violations] : rest.violations;
  const trace = [intro, ...scheduler.trace, ...reports.map(conclude), ...rest.trace];
  return { violations, trace, schedulers, rows: world.chronicle.rows, operators };
}

function introduce({ actor, task }: Report): string {
  const what = "config" in task ? task.config : "graph" in task ? task.graph : "";
  return `${actor.name}=${task.kind}(${what})`;
}

function conclude({ actor, answer }: Report): string {
  const words = answer === null ? "died" : `${answer.outcome} ${answer.codes.join(" ")}`;
  return `-- ${actor.name} ${words}`;
}

/** Those that programs alone can bring to rest; `overtaken` is one of them. */
const UNIVERSE_BASES = BASE_NAMES.filter(
  (name) => !["nothing", "shortened", "unreadable", "unknown_intent"].includes(name),
);

/** How likely each fate is in this universe. */
function probabilities(random: Random) {
  const about = (chance: number): number => chance * (0.4 + random.next());
  return {
    crash_before: about(0.0012),
    crash_after: about(0.0015),
    crash_late: about(0.003),
    error_before: about(0.02),
    error_after: about(0.02),
    error_late: about(0.02),
    conflict: about(0.01),
    throttle: about(0.005),
    outage: about(0.0004),
    mute: about(0.0004),
    pause: about(0.015),
  };
}

function applyOf(config: ConfigName): Task {
  return { kind: "apply", config };
}

/** Graph a is aimed at most, because most base worlds are about it. */
const AIMS = ["a", "a", "b", "c"] as const;

function randomTask(random: Random, kept: { plan: PlanDocument | null; config: ConfigName }): Task {
  const config = random.pick(CONFIG_NAMES);
  const graph = random.pick(AIMS);
  const of = <Kind extends GraphTaskKind>(kind: Kind) => ({ kind, graph }) as Extract<Task, { kind: Kind }>;
  const make: Readonly<Record<TaskKind, () => Task>> = {
    apply: () =>
      random.next() < 0.1 ? { kind: "apply", config, interrupt: random.below(3) } : applyOf(config),
    plan_and_apply: () => ({ kind: "plan_and_apply", config }),
    apply_kept: () =>
      kept.plan === null ? applyOf(config) : { kind: "apply_kept", plan: kept.plan, config: kept.config },
    refresh: () => ({ kind: "refresh", config }),
    import: () => ({ kind: "import", config }),
    plan: () => ({ kind: "plan", config }),
    approve: () => ({ kind: "approve", config, tolerance: random.below(2), loss: random.next() < 0.3 }),
    purge: () => ({ kind: "purge", config, graph }),
    revoke: () => ({ kind: "revoke" }),
    load: () => of("load"),
    restore: () => of("restore"),
    reclaim: () => of("reclaim"),
    compact: () => of("compact"),
    protect: () => of("protect"),
    unprotect: () => of("unprotect"),
    discard: () => of("discard"),
    recover: () => ({ kind: "recover" }),
    force_unlock: () => ({ kind: "force_unlock" }),
    status: () => ({ kind: "status" }),
  };
  return make[random.pick(OFTEN)]();
}

type GraphTaskKind = "load" | "restore" | "reclaim" | "compact" | "protect" | "unprotect" | "discard";

/** The more often a kind is here, the more often it is chosen. */
const OFTEN: readonly TaskKind[] = [
  ...["apply", "apply", "apply", "apply", "apply", "apply", "plan_and_apply", "apply_kept"],
  ...["refresh", "recover", "recover", "load", "load", "approve", "approve", "revoke", "restore", "restore"],
  ...[
    "reclaim",
    "force_unlock",
    "discard",
    "import",
    "plan",
    "status",
    "compact",
    "purge",
    "protect",
    "unprotect",
  ],
] as readonly TaskKind[];
