/**
 * The ledger after a run: resources, statuses, observations and convergence from what really happened
 * (spec/cluster 8.6). Pure but for the time that it is given.
 */
import type { Address } from "../desired/address.ts";
import { schemaAddress } from "../desired/address.ts";
import type { Desired } from "../desired/desired.ts";
import type { JsonValue, LedgerState } from "../ledger/state.ts";
import type { Change } from "../plan/change.ts";
import { diffResources } from "../plan/diff.ts";
import type { ApprovalUse } from "./approvals/reservations.ts";
import type { EffectResult } from "./effect.ts";
import { liveObservation, tombstone } from "./graph-observations.ts";
import { nextResources } from "./next-resources.ts";
import { nextStatuses } from "./next-statuses.ts";
import { addressesOf } from "./run-effects.ts";

export interface FinishInputs {
  readonly state: LedgerState;
  readonly desired: Desired;
  /** With the dispositions that became true. */
  readonly changes: readonly Change[];
  readonly results: readonly EffectResult[];
  /** Approvals of what was done. */
  readonly used: readonly ApprovalUse[];
  readonly root: string;
  readonly at: string;
}

export interface FinishedLedger {
  readonly state: LedgerState;
  /** Nothing is left to do: ledger and config agree. */
  readonly converged: boolean;
}

export function finishLedger(inputs: FinishInputs): FinishedLedger {
  const { state, desired, changes, results } = inputs;
  const resources = nextResources(state.applied_revision.resources, desired, changes);
  const unsettled = results.filter((result) => result.tag === "unsettled");
  const statuses = nextStatuses(
    state.resource_statuses,
    resources,
    changes,
    new Set<Address>(unsettled.flatMap((result) => addressesOf(result.effect.graph))),
  );
  const next: LedgerState = {
    ...state,
    applied_revision: { config_digest: state.applied_revision.config_digest, resources },
    resource_statuses: statuses,
    approval_records: { ...state.approval_records, ...approvalRecords(inputs) },
    observations: { ...state.observations, ...observationsOf(inputs) },
  };
  const converged = unsettled.length === 0 && diffResources(desired, next).length === 0;
  if (!converged) return { state: next, converged };
  return {
    state: { ...next, applied_revision: { config_digest: desired.config_digest, resources } },
    converged,
  };
}

/** OmniGraph's record of a consumed approval (spec/cluster 4.1). */
function approvalRecords(inputs: FinishInputs): Readonly<Record<string, JsonValue>> {
  const record = { consumed_at: inputs.at, consumed_by_operation: "apply" };
  return Object.fromEntries(inputs.used.map(({ stored }) => [stored.evidence.approval_id, record]));
}

function observationsOf(inputs: FinishInputs) {
  const entries = inputs.results.flatMap((result) => {
    if (result.tag !== "done") return [];
    const { graph, approval } = result.effect;
    if (result.manifest.state !== "live") {
      const deleted = { deleted_at: inputs.at, approval_id: approval?.evidence.approval_id ?? null };
      return [[`graph.${graph}`, tombstone(deleted, result.manifest)] as const];
    }
    const schema = inputs.desired.resources.get(schemaAddress(graph));
    const sighting = {
      graph,
      root: inputs.root,
      observed_at: inputs.at,
      desired_schema_digest: schema?.digest ?? null,
    };
    return [[`graph.${graph}`, liveObservation(sighting, result.manifest)] as const];
  });
  return Object.fromEntries(entries);
}
