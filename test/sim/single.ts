/** One operator alone in a world, from its first call to its last. */
import { type FateSource, NO_FAULTS } from "./fates.ts";
import { type OperatorOptions, type Report, startOperator } from "./operators.ts";
import { createScheduler, type Scheduler, type SchedulerOptions } from "./scheduler.ts";
import type { Task } from "./tasks.ts";
import type { World } from "./world.ts";

export interface Single {
  readonly report: Report;
  readonly scheduler: Scheduler;
}

export interface SingleOptions extends OperatorOptions {
  readonly seed?: number;
  readonly faults?: FateSource;
  readonly healthy?: boolean;
  readonly stepMs?: SchedulerOptions["stepMs"];
}

/** Runs the task under the name until nobody has anything to do. */
export async function runSingle(
  world: World,
  name: string,
  task: Task,
  { seed = 1, faults = NO_FAULTS, healthy = false, stepMs, ...options }: SingleOptions = {},
): Promise<Single> {
  const scheduler = createScheduler(world, { seed, faults, ...(stepMs === undefined ? {} : { stepMs }) });
  const report = startOperator(scheduler, scheduler.actor(name, { healthy }), task, options);
  await scheduler.run();
  return { report, scheduler };
}
