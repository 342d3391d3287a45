/**
 * Is a change of a reviewed plan still what would happen, in the world as it is now? (design 8). Refuses what has moved
 * and what is protected; otherwise says what an approval binds.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import type { ApprovedOperation } from "../approval/evidence.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assert, assertNever } from "../digest/assert.ts";
import type { GraphId } from "../digest/ids.ts";
import { protectionsOf } from "../ledger/protection.ts";
import type { ReadyLedger } from "../ledger/reading.ts";
import type { Change } from "../plan/change.ts";
import type { PlanDocument } from "../plan/plan-document.ts";
import { type BoundGraph, NO_GRAPH, reviewedGraph } from "./reviewed-graph.ts";

export interface Review {
  readonly plan: PlanDocument;
  readonly change: Change;
  readonly operation: ApprovedOperation;
  /** Null for a policy. */
  readonly graph: GraphId | null;
  readonly ledger: ReadyLedger;
}

export type ReviewedChange =
  | { readonly tag: "same"; readonly bound: BoundGraph }
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

export async function reviewedChange(
  ports: ClusterPorts,
  { plan, change, operation, graph, ledger }: Review,
  tolerance: number,
): Promise<ReviewedChange> {
  const path = change.resource;
  const planned = plan.preconditions.find((each) => each.address === path);
  assert(planned !== undefined, "every change of a plan has its precondition");
  const recorded = ledger.state.applied_revision.resources[path]?.digest ?? null;
  if (recorded !== planned.ledger_digest) return moved(path, "the ledger records another digest");
  if (graph === null) return { tag: "same", bound: NO_GRAPH };
  if (protectionsOf(ledger.receipt, ledger.state).has(graph)) {
    const message = `graph.${graph} is protected.`;
    return refused(diagnostic("approval_graph_protected", { path, message }));
  }
  const seen = await reviewedGraph(ports, graph, { planned, operation, tolerance });
  switch (seen.tag) {
    case "same":
      return seen;
    case "moved":
      return moved(path, seen.facts.join(", "));
    case "rows_written":
      return rowsWritten(path, seen.rows, tolerance);
    case "unseen": {
      const message = `${path} cannot be compared with what the plan saw: ${seen.reason}.`;
      return refused(diagnostic("graph_observation_error", { path, message }));
    }
    default:
      return assertNever(seen);
  }
}

function moved(path: string, fact: string): ReviewedChange {
  const message = `${path}: ${fact} since the plan was made.`;
  return refused(
    diagnostic("plan_stale", { path, message, fix: "Plan again, review it, and approve that plan." }),
  );
}

function rowsWritten(path: string, rows: number, tolerance: number): ReviewedChange {
  const message = `${path}: ${rows} rows were written since the plan was made, and the approval tolerates ${tolerance}.`;
  const fix = `Plan again, review it, and approve that plan, or approve this one with --tolerance ${rows} or more.`;
  return refused(diagnostic("plan_stale", { path, message, fix }));
}

function refused(problem: Diagnostic): ReviewedChange {
  return { tag: "refused", diagnostics: [problem] };
}
