/**
 * Waits for a run: looks at its record until it has ended or waits for somebody, at most as long as a gateway waits for
 * an answer. Time is the clock's; every look is one read.
 */
import type { RunId } from "../digest/ids.ts";
import { type RunViewRead, readRunView } from "../worker/run-view.ts";
import type { ClusterExchange } from "./api.ts";
import { WAIT_LOOK_MS, WAIT_SECONDS_MAX } from "./limits.ts";

/** The run as it stands at the end of the wait. */
export async function waitForRun(
  { ports }: ClusterExchange,
  id: RunId,
  seconds: number,
): Promise<RunViewRead> {
  const untilMs = ports.clock.nowMs() + Math.min(seconds, WAIT_SECONDS_MAX) * 1000;
  const looksMax = Math.ceil((WAIT_SECONDS_MAX * 1000) / WAIT_LOOK_MS);
  let read = await readRunView(ports, id);
  for (let look = 0; look < looksMax && isUnderWay(read) && ports.clock.nowMs() < untilMs; look += 1) {
    await ports.clock.sleep(Math.min(WAIT_LOOK_MS, untilMs - ports.clock.nowMs()));
    read = await readRunView(ports, id);
  }
  return read;
}

function isUnderWay(read: RunViewRead): boolean {
  if (read.tag !== "found") return false;
  const { state } = read.view.run;
  return state === "queued" || state === "running" || state === "continuing";
}
