/**
 * The schedule of a server on this machine: at its start what was left is prompted, and then again and again every
 * cluster is watched, refreshed and reclaimed, so that drift is known and nothing waits for a message that was lost.
 */
import type { Deployment } from "../../lib/worker/deployment.ts";
import { promptSchedule } from "../../lib/worker/prompt.ts";
import { SCHEDULED_KINDS, type ScheduledKind } from "../../lib/worker/work-message.ts";

export interface Schedule {
  readonly stop: () => Promise<void>;
}

export function startSchedule(deployment: Deployment, everyMs: number): Schedule {
  const stopping = new AbortController();
  const running = run(deployment, everyMs, stopping.signal);
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

async function run(deployment: Deployment, everyMs: number, stopping: AbortSignal): Promise<void> {
  await prompt(deployment, ["watch"], stopping);
  for (;;) {
    await deployment.clock.sleep(everyMs, stopping);
    if (stopping.aborted) return;
    await prompt(deployment, SCHEDULED_KINDS, stopping);
  }
}

async function prompt(
  deployment: Deployment,
  kinds: readonly ScheduledKind[],
  stopping: AbortSignal,
): Promise<void> {
  const listed = await deployment.clusters();
  if (listed.tag === "unavailable") {
    deployment.log.warn({ event: "schedule.clusters_unavailable", reason: listed.reason });
    return;
  }
  for (const name of listed.names) {
    for (const kind of kinds) {
      if (stopping.aborted) return;
      await promptSchedule(deployment, name, kind);
    }
  }
}
