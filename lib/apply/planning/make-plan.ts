/**
 * Makes a plan: diff first, then a look at what the diff concerns, then everything pure (design 5). Reads only; takes
 * no lock. `apply` calls it again under the lease, on the ledger that it will commit on.
 */
import type { Address } from "../../desired/address.ts";
import type { Desired } from "../../desired/desired.ts";
import type { KnownCompilations } from "../../desired/known-compilations.ts";
import type { GraphId, PlanId, RunId } from "../../digest/ids.ts";
import type { LiveGraph } from "../../engine/engine.ts";
import { protectionsOf } from "../../ledger/protection.ts";
import type { ReadyLedger } from "../../ledger/reading.ts";
import { buildPlan } from "../../plan/build-plan.ts";
import { diffResources } from "../../plan/diff.ts";
import { gatesOf } from "../../plan/gates.ts";
import type { GraphFinding } from "../../plan/graph-finding.ts";
import type { PlanDocument } from "../../plan/plan-document.ts";
import { purgeChanges } from "../../plan/purge.ts";
import { timestamp } from "../../ports/clock.ts";
import type { StoredEvidence } from "../approvals/approval-store.ts";
import { findApprovals } from "../approvals/find-approvals.ts";
import type { ClusterPorts } from "../cluster-ports.ts";
import { accessDiffs } from "./access-diffs.ts";
import { findGraphs } from "./find-graphs.ts";
import { untouchedQueries } from "./untouched-queries.ts";

export interface PlanRequest {
  readonly desired: Desired;
  readonly run_id: RunId;
  readonly actor: string | null;
  /** Null: there is none yet. */
  readonly ledger: ReadyLedger | null;
  readonly pending: ReadonlySet<GraphId>;
  readonly targets: ReadonlySet<GraphId> | null;
  /** Not the config is planned, but the destruction of what soft drops of this graph have hidden. */
  readonly purge: GraphId | null;
  /** Who submitted the plan that is applied; null: this very run plans. */
  readonly submitter: string | null;
  readonly known: KnownCompilations;
}

export interface MadePlan {
  readonly plan: PlanDocument;
  readonly graphs: ReadonlyMap<GraphId, GraphFinding>;
  /** The graphs that live, as they were observed for the plan. */
  readonly live: ReadonlyMap<GraphId, LiveGraph>;
  /** The approvals that open the gates of the plan. */
  readonly approvals: ReadonlyMap<Address, StoredEvidence>;
}

export async function makePlan(ports: ClusterPorts, request: PlanRequest): Promise<MadePlan> {
  const { desired, ledger } = request;
  const state = ledger?.state ?? null;
  const changes = request.purge === null ? diffResources(desired, state) : purgeChanges(request.purge, state);
  const [found, access, untouched] = await Promise.all([
    findGraphs(ports.engine, changes, desired, state),
    accessDiffs(ports.store, changes, desired, state),
    untouchedQueries(ports.store, changes, desired, state, request.known),
  ]);
  const gates = gatesOf({
    changes,
    graphs: found.graphs,
    access: access.diffs,
    access_widening: ports.rules.access_widening,
  });
  const approvals = await findApprovals(ports, {
    gated: gates,
    config_digest: desired.config_digest ?? "",
    graphs: found.graphs,
    ledger,
    submitter: request.submitter,
  });
  const plan = buildPlan({
    ...request,
    state,
    state_cas: ledger?.cas ?? null,
    gates,
    protected: new Set(ledger === null ? [] : protectionsOf(ledger.receipt, ledger.state).keys()),
    approvals: { usable: new Set(approvals.usable.keys()), unusable: new Set(approvals.unusable.keys()) },
    plan_id: ports.ids.next() as PlanId,
    created_at: timestamp(ports.clock),
    changes,
    graphs: found.graphs,
    access: access.diffs,
    untouched,
    diagnostics: [...found.diagnostics, ...access.diagnostics, ...approvals.diagnostics],
  });
  return { plan, graphs: found.graphs, live: found.live, approvals: approvals.usable };
}
