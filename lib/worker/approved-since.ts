/**
 * Has somebody given or taken back an approval since a waiting run was last tried? Only then is there a reason to try it
 * again. What cannot be read is no reason: the schedule asks again.
 */
import { readEvidence } from "../apply/approvals/approval-store.ts";
import type { RunRecord } from "../apply/runs/run-record.ts";
import type { StorePorts } from "../ledger/retry.ts";
import { CLOCK_SKEW_MS_MAX } from "./limits.ts";

/** When an approval was last given or taken back; null: never, or nobody knows. */
export async function lastApprovalMs(ports: StorePorts): Promise<number | null> {
  const read = await readEvidence(ports, new Set());
  if (read.tag === "unavailable") return null;
  const times = read.evidence.flatMap(({ evidence: { state, created_at } }) => {
    if (state.tag === "open") return [Date.parse(created_at)];
    return state.tag === "revoked" ? [Date.parse(state.at)] : [];
  });
  return times.length === 0 ? null : Math.max(...times);
}

/** Clocks differ, so an approval that was given a little before counts as well. */
export function mayGoOn({ attempts }: RunRecord, approvalMs: number | null): boolean {
  const last = attempts.at(-1);
  if (approvalMs === null || last === undefined) return false;
  return approvalMs > Date.parse(last.started_at) - CLOCK_SKEW_MS_MAX;
}
