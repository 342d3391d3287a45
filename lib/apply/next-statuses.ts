/**
 * The statuses of the next ledger (spec/cluster 8.6), reconciled at every apply (W24). Pure.
 *
 * An applied change is `applied`; a blocked one is `blocked` with its reason; what waits for recovery keeps what the
 * sweep said. An address without a change is `applied` if the ledger holds it, unless its last observation or payload
 * check failed and nothing has looked again; what the ledger no longer holds has no status.
 */
import type { Address } from "../desired/address.ts";
import type { StatusRecord } from "../ledger/state.ts";
import type { Change } from "../plan/change.ts";
import { blockedMessage } from "../plan/reason-text.ts";
import type { Resources } from "./next-resources.ts";

export type Statuses = Readonly<Record<string, StatusRecord>>;

const APPLIED: StatusRecord = { status: "applied" };
/** Conditions that only another observation can lift. */
const STICKY_CONDITIONS: ReadonlySet<string> = new Set([
  "graph_observation_error",
  "payload_read_error",
  "actual_applied_state_pending",
  "graph_create_incomplete",
]);

/** `unsettled`: addresses whose effect may still land; they stay `applying` until the sweep has judged them. */
export function nextStatuses(
  before: Statuses,
  resources: Resources,
  changes: readonly Change[],
  unsettled: ReadonlySet<Address>,
): Statuses {
  const next: Record<string, StatusRecord> = {};
  for (const address of Object.keys(resources)) next[address] = settled(before[address]);
  for (const change of changes) {
    const record = statusOf(change, before[change.resource], next[change.resource]);
    if (record === null) delete next[change.resource];
    else next[change.resource] = record;
  }
  for (const address of unsettled) next[address] = { status: "applying" };
  return next;
}

function settled(before: StatusRecord | undefined): StatusRecord {
  const sticky = before?.conditions?.some((condition) => STICKY_CONDITIONS.has(condition)) ?? false;
  return sticky ? before! : APPLIED;
}

function statusOf(
  change: Change,
  before: StatusRecord | undefined,
  reconciled: StatusRecord | undefined,
): StatusRecord | null {
  switch (change.disposition) {
    case "applied":
      return change.operation === "delete" ? null : APPLIED;
    case "derived":
      return reconciled ?? null;
    case "deferred":
      return before ?? reconciled ?? null;
    case "blocked":
      if (change.reason === "cluster_recovery_pending") return before ?? reconciled ?? null;
      return { status: "blocked", conditions: [change.reason!], message: blockedMessage(change) };
  }
}
