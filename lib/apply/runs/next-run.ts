/**
 * NextRun: in which order the runs of a cluster are worked on (design 7): as they were asked for, and an upload is asked for
 * when its store takes it, not when its event comes. Pure.
 */
import type { RunRecord } from "./run-record.ts";

/** True for a run that was begun and has not ended: it can go on. */
export function isGoingOn({ state }: RunRecord): boolean {
  return state === "continuing" || state === "running";
}

/**
 * When the run was asked for, milliseconds since the Unix epoch in whole seconds, because stores tell no more of an
 * upload: when it was uploaded, which may be long before somebody took it, or when the run was ordered.
 */
export function askedAtMs({ upload, created_at }: Pick<RunRecord, "upload" | "created_at">): number {
  return Math.floor(Date.parse(upload?.uploaded_at ?? created_at) / 1_000) * 1_000;
}

/**
 * The run that whoever holds the lease works on next: the oldest that was begun, then the one of those that wait their
 * turn that was asked for first. Null if there is none. The order of run ids is that of their making.
 */
export function nextRun(records: readonly RunRecord[]): RunRecord | null {
  const first = (state: (record: RunRecord) => boolean, isBefore: Before) =>
    records
      .filter(state)
      .reduce<RunRecord | null>((best, each) => (best !== null && isBefore(best, each) ? best : each), null);
  return first(isGoingOn, wasMadeBefore) ?? first(({ state }) => state === "queued", wasAskedForBefore);
}

type Before = (one: RunRecord, other: RunRecord) => boolean;

const wasMadeBefore: Before = (one, other) => one.run_id < other.run_id;

function wasAskedForBefore(one: RunRecord, other: RunRecord): boolean {
  const apartMs = askedAtMs(one) - askedAtMs(other);
  return apartMs === 0 ? wasMadeBefore(one, other) : apartMs < 0;
}
