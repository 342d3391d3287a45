/**
 * Is a reviewed plan still what apply would do? (design 5). Pure.
 *
 * A plan is valid while the config is the reviewed one, every address in it has the ledger digest, incarnation and
 * live schema that it was planned on, and a fresh preview is no worse. Everything that moved is named at once.
 *
 * An approval that was given for the plan opens its gate, so what waited for it runs now, and the drops that it was
 * asked for destroy; that is what was reviewed and approved, and moves nothing.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { Change, ChangeReason } from "./change.ts";
import { exactNumbers, type PlanDocument, type Precondition } from "./plan-document.ts";

/** Empty if `fresh` (made now, under the lease) is what `reviewed` promised. */
export function plannedWorldMoved(reviewed: PlanDocument, fresh: PlanDocument): readonly Diagnostic[] {
  const moved = [...movedPreconditions(reviewed, fresh), ...movedChanges(reviewed, fresh)];
  if (reviewed.made_from.config_digest === fresh.made_from.config_digest) return moved;
  return [stale("cluster.yaml", "the config is not the one that the plan was made from"), ...moved];
}

function movedPreconditions(reviewed: PlanDocument, fresh: PlanDocument): readonly Diagnostic[] {
  const now = new Map(fresh.preconditions.map((each) => [each.address, each]));
  return reviewed.preconditions.flatMap((before) => {
    const after = now.get(before.address);
    if (after === undefined) return [stale(before.address, `${before.address} needs no change any more`)];
    return movedFacts(before, after).map((fact) =>
      stale(before.address, `${before.address}: ${fact} since the plan`),
    );
  });
}

function movedFacts(before: Precondition, after: Precondition): readonly string[] {
  const facts: string[] = [];
  if (before.ledger_digest !== after.ledger_digest) facts.push("the ledger records another digest");
  if (before.incarnation !== after.incarnation) facts.push("the graph was deleted, created or restored");
  if (before.live_schema_digest !== after.live_schema_digest) facts.push("the live schema changed");
  return facts;
}

function movedChanges(reviewed: PlanDocument, fresh: PlanDocument): readonly Diagnostic[] {
  const now = new Map(fresh.changes.map((each) => [each.resource, each]));
  const planned = new Set(reviewed.changes.map((each) => each.resource));
  const added = fresh.changes
    .filter((each) => !planned.has(each.resource))
    .map((each) => stale(each.resource, `${each.resource} would now be changed too (${each.operation})`));
  const opened = openedGates(reviewed, fresh);
  const worse = reviewed.changes.flatMap((before) => {
    const after = now.get(before.resource);
    return after === undefined ? [] : worseThan(before, after, opened);
  });
  return [...added, ...worse];
}

/** True if an approval has opened a gate since the review. */
function openedGates(reviewed: PlanDocument, fresh: PlanDocument): boolean {
  const satisfied = new Set(
    reviewed.approvals_required.filter((each) => each.satisfied).map((each) => each.resource),
  );
  return fresh.approvals_required.some((each) => each.satisfied && !satisfied.has(each.resource));
}

/** What a closed gate, of the change itself or of another one, held back in the review. */
const HELD_BY_GATE: ReadonlySet<string> = new Set<ChangeReason>([
  "approval_required",
  "dependency_not_applied",
  "provider_in_use",
]);

function runsSinceApproval(before: Change, after: Change): boolean {
  const held = before.disposition === "blocked" && HELD_BY_GATE.has(before.reason ?? "");
  return held && after.disposition === "applied";
}

function worseThan(before: Change, after: Change, opened: boolean): readonly Diagnostic[] {
  if (before.operation !== after.operation || before.after_digest !== after.after_digest) {
    return [stale(before.resource, `${before.resource} would now be changed otherwise (${after.operation})`)];
  }
  if (stepsOf(before) !== stepsOf(after)) {
    return [stale(before.resource, `${before.resource}: the migration steps are not the reviewed ones`)];
  }
  if (before.disposition !== after.disposition && !(opened && runsSinceApproval(before, after))) {
    const text = `${before.resource} was planned as ${before.disposition} and would now be ${after.disposition}`;
    return [stale(before.resource, text)];
  }
  if (before.data_loss === true && after.data_loss !== true) {
    const text = `${before.resource}: the approval to destroy what it drops does not count any more`;
    return [stale(before.resource, text)];
  }
  const lost = moreLost(before, after);
  if (lost <= 0) return [];
  return [stale(before.resource, `${before.resource}: ${lost} more values would be lost than were reviewed`)];
}

/**
 * Steps as they are written, so that a plan read from a file compares with a fresh one. Whether a drop hides or destroys
 * is left out: only an approval of exactly this change decides that.
 */
function stepsOf(change: Change): string {
  const steps = change.migration?.steps.map((step) => ("mode" in step ? { ...step, mode: null } : step));
  return JSON.stringify(steps ?? null, exactNumbers);
}

/** Values and rows that are lost now and were not in the review, step by step: no step's gain makes up for another. */
function moreLost(before: Change, after: Change): number {
  const reviewed = new Map(before.migration?.impact.map((each) => [each.step, each]));
  const steps = (after.migration?.impact ?? []).map((each) => {
    const known = reviewed.get(each.step);
    const values = each.values_lost - (known?.values_lost ?? 0);
    const violations = each.violations - (known?.violations ?? 0);
    return Math.max(0, values) + Math.max(0, violations);
  });
  const rows = Math.max(0, (after.rows ?? 0) - (before.rows ?? 0));
  return steps.reduce((sum, each) => sum + each, rows);
}

function stale(path: string, message: string): Diagnostic {
  return diagnostic("plan_stale", { path, message });
}
