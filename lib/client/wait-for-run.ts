/**
 * Waits for the end of a run of a deployment. It asks again and again, each time letting the server wait a little, so a
 * server that is restarted or a connection that breaks ends nothing: the run is in the deployment and not here.
 *
 * Guarantees: ends with the run, when somebody leaves, or after the deployment has been away for too long.
 */
import type { RunRecord } from "../apply/runs/run-record.ts";
import { assertNever } from "../digest/assert.ts";
import type { Clock } from "../ports/clock.ts";
import type { ApiClient, OrderedRun } from "./api-client.ts";
import type { Failed } from "./call.ts";
import {
  RUN_EARLY_POLL_MS,
  RUN_EARLY_POLLS_MAX,
  RUN_OUTAGE_MS_MAX,
  RUN_POLL_MS,
  RUN_WAIT_SECONDS_MAX,
} from "./limits.ts";

export interface RunWatcher {
  /** Told of every version of the record that is seen. */
  readonly seen: (run: RunRecord) => void;
  /** Told that the deployment does not answer and is asked again. */
  readonly away: () => void;
  /** Aborted once somebody leaves. */
  readonly left: AbortSignal;
  /** True: a run that waits for an approval is waited for as well; else it counts as its end for now. */
  readonly through_approval: boolean;
  /** When to leave by itself, in milliseconds since the Unix epoch; null: never. */
  readonly leave_at_ms: number | null;
}

export type Waited =
  | { readonly tag: "ended"; readonly ordered: OrderedRun }
  /** The run goes on; it may be waited for again. */
  | { readonly tag: "left"; readonly run: RunRecord }
  | Failed;

export async function waitForRun(
  { client, clock }: { readonly client: Pick<ApiClient, "run">; readonly clock: Clock },
  first: OrderedRun,
  watcher: RunWatcher,
): Promise<Waited> {
  let ordered = first;
  let heardMs = clock.nowMs();
  for (let polls = 0; ; polls += 1) {
    watcher.seen(ordered.run);
    if (isOver(ordered.run, watcher)) return { tag: "ended", ordered };
    const nowMs = clock.nowMs();
    const leaves = watcher.leave_at_ms !== null && nowMs >= watcher.leave_at_ms;
    if (watcher.left.aborted || leaves) return { tag: "left", run: ordered.run };
    const early = polls < RUN_EARLY_POLLS_MAX;
    if (early) await clock.sleep(RUN_EARLY_POLL_MS * 2 ** polls, watcher.left);
    const wait = early ? 0 : waitSeconds(nowMs, watcher.leave_at_ms);
    const asked = await client.run(ordered.run.run_id, wait, watcher.left);
    if (asked.tag === "called") {
      const quick = !early && clock.nowMs() - nowMs < RUN_POLL_MS;
      ordered = asked.value;
      heardMs = clock.nowMs();
      if (quick && !isOver(ordered.run, watcher)) await clock.sleep(RUN_POLL_MS, watcher.left);
      continue;
    }
    if (watcher.left.aborted) return { tag: "left", run: ordered.run };
    const isAway = asked.status === null || asked.status >= 500 || asked.status === 429;
    if (!isAway || clock.nowMs() - heardMs > RUN_OUTAGE_MS_MAX) return asked;
    watcher.away();
    await clock.sleep(RUN_POLL_MS, watcher.left);
  }
}

function waitSeconds(nowMs: number, leaveAtMs: number | null): number {
  if (leaveAtMs === null) return RUN_WAIT_SECONDS_MAX;
  return Math.max(1, Math.min(RUN_WAIT_SECONDS_MAX, Math.ceil((leaveAtMs - nowMs) / 1000)));
}

/** A run that waits for an approval waits for a person: only who wants to waits for that at a prompt. */
function isOver({ state }: RunRecord, { through_approval }: RunWatcher): boolean {
  switch (state) {
    case "ended":
      return true;
    case "waiting_approval":
      return !through_approval;
    case "queued":
    case "running":
    case "continuing":
      return false;
    default:
      return assertNever(state);
  }
}
