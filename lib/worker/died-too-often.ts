/** Whether the newest attempts at a run died, one after another, before they had recorded an end. Pure. */
import type { RunRecord } from "../apply/runs/run-record.ts";
import { DEAD_ATTEMPTS_MAX } from "./limits.ts";

export function diedTooOften({ attempts }: RunRecord): boolean {
  const newest = attempts.slice(-DEAD_ATTEMPTS_MAX);
  return newest.length === DEAD_ATTEMPTS_MAX && newest.every((each) => each.ended_at === null);
}
