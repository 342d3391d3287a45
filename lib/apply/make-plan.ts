/**
 * Makes a plan: diff first, then a look at what the diff concerns, then everything pure (design 5). Reads only; takes
 * no lock. `apply` calls it again under the lease, on the ledger that it will commit on.
 */
import type { Address } from "../desired/address.ts";
import type { Desired } from "../desired/desired.ts";
import type { KnownCompilations } from "../desired/known-compilations.ts";
import type { GraphId, PlanId, RunId } from "../digest/ids.ts";
import type { LedgerState } from "../ledger/state.ts";
import { buildPlan } from "../plan/build-plan.ts";
import { diffResources } from "../plan/diff.ts";
import type { GraphFinding } from "../plan/graph-finding.ts";
import type { PlanDocument } from "../plan/plan-document.ts";
import { timestamp } from "../ports/clock.ts";
import { accessDiffs } from "./access-diffs.ts";
import type { ClusterPorts } from "./cluster-ports.ts";
import { findGraphs } from "./find-graphs.ts";
import { untouchedQueries } from "./untouched-queries.ts";

export interface PlanRequest {
  readonly desired: Desired;
  readonly run_id: RunId;
  readonly actor: string | null;
  readonly state: LedgerState | null;
  readonly state_cas: string | null;
  readonly pending: ReadonlySet<GraphId>;
  readonly approved: ReadonlySet<Address>;
  readonly targets: ReadonlySet<GraphId> | null;
  readonly known: KnownCompilations;
}

export interface MadePlan {
  readonly plan: PlanDocument;
  readonly graphs: ReadonlyMap<GraphId, GraphFinding>;
}

export async function makePlan(ports: ClusterPorts, request: PlanRequest): Promise<MadePlan> {
  const { desired, state } = request;
  const changes = diffResources(desired, state);
  const [found, access, untouched] = await Promise.all([
    findGraphs(ports.engine, changes, desired, state),
    accessDiffs(ports.store, changes, desired, state),
    untouchedQueries(ports.store, changes, desired, state, request.known),
  ]);
  const plan = buildPlan({
    ...request,
    plan_id: ports.ids.next() as PlanId,
    created_at: timestamp(ports.clock),
    changes,
    graphs: found.graphs,
    access: access.diffs,
    untouched,
    diagnostics: [...found.diagnostics, ...access.diagnostics],
  });
  return { plan, graphs: found.graphs };
}
