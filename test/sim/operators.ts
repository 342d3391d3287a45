/**
 * Operators: people and machines who use the commands of production, each in a process of its own. A command that finds
 * the lock held is given again after a while, as people do.
 */
import { perform } from "./commands.ts";
import type { Actor, Scheduler } from "./scheduler.ts";
import { openPorts, type PortsChange } from "./sim-ports.ts";
import type { Answer, Notes, Task } from "./tasks.ts";

export interface Report extends Notes {
  readonly actor: Actor;
  readonly task: Task;
  /** Null while it runs, and for ever if its process died. */
  answer: Answer | null;
  /** What it threw: always a defect. */
  defect: string | null;
}

export interface OperatorOptions {
  readonly tries?: number;
  readonly ports?: PortsChange | undefined;
  /** Called when the operator has its answer. */
  readonly onEnd?: () => void;
}

const RETRY_MS = 9_000;

/** Starts the operator; its report fills while the scheduler runs. */
export function startOperator(
  scheduler: Scheduler,
  actor: Actor,
  task: Task,
  options: OperatorOptions = {},
): Report {
  const { revoked } = scheduler.world.chronicle;
  const notes: Notes = { rows: [], discarded: [], onRevoked: (approval) => revoked.add(approval) };
  const report: Report = { actor, task, ...notes, answer: null, defect: null };
  const ports = openPorts(scheduler, actor, options.ports);
  const name = `row-${actor.name}-${actor.number}`;
  const work = async (): Promise<void> => {
    await ports.clock.sleep(0);
    for (let attempt = 1; ; attempt += 1) {
      const answer = await perform(ports, task, name, report);
      const busy = answer.outcome === "refused" && answer.codes.includes("state_lock_held");
      if (!busy || attempt >= (options.tries ?? 1)) {
        report.answer = answer;
        options.onEnd?.();
        return;
      }
      await ports.clock.sleep(RETRY_MS);
    }
  };
  work().catch((defect: unknown) => {
    report.defect = defect instanceof Error ? (defect.stack ?? defect.message) : String(defect);
  });
  return report;
}
