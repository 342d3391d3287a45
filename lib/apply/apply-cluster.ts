/**
 * Apply: converges the cluster to its config (spec/cluster 8, design 5 and 7). The protocol, in numbered steps:
 *
 *   1. take the lease (one writer at a time; it protects nothing by itself)
 *   2. read the ledger, then the intents that earlier runs left open
 *   3. make the plan on exactly that ledger; compare it with the reviewed one, ask for consent
 *   4. graph effects: (a) sidecars, (b) begin commit, (c) effects (run-effects)
 *   5. payloads of everything that can still be applied
 *   6. one final commit on the ledger of step 2 or the begin commit of step 4
 *   7. remove the sidecars of settled effects
 *   8. release the lease
 *
 * A failed graph blocks its own dependents and nothing else. A converged apply writes nothing. After any effect was
 * sent, a commit that is refused or unanswered ends `unknown`, never `failed`: intents stay, the next run settles them.
 */
import { isDeepStrictEqual } from "node:util";
import { KNOWS_NOTHING, type KnownCompilations } from "../desired/known-compilations.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { diagnostic, hasErrors } from "../diagnostic/diagnostic.ts";
import type { GraphId } from "../digest/ids.ts";
import type { ReadyLedger } from "../ledger/reading.ts";
import type { LedgerState } from "../ledger/state.ts";
import type { Change } from "../plan/change.ts";
import { gateViolations } from "../plan/gates.ts";
import { massDelete } from "../plan/mass-delete.ts";
import type { PlanDocument } from "../plan/plan-document.ts";
import { plannedWorldMoved } from "../plan/plan-validity.ts";
import { timestamp } from "../ports/clock.ts";
import type { ApplyRun } from "./apply-run.ts";
import { blockedDiagnostics } from "./blocked-diagnostics.ts";
import { decideEffects } from "./decide-effects.ts";
import { demote } from "./demote.ts";
import type { EffectResult } from "./effect.ts";
import { effectDiagnostics, failuresOf, recordedGraphs } from "./effect-diagnostics.ts";
import { finishLedger } from "./finish-ledger.ts";
import { makePlan } from "./make-plan.ts";
import { payloadsOf, writePayloads } from "./payloads-of.ts";
import { earlierUse, usePlan } from "./plan-store.ts";
import { cleanupWarnings, removeSidecars } from "./remove-sidecars.ts";
import { keysOf, operationsOf, runEffects } from "./run-effects.ts";
import { verifyPolicies } from "./verify-policies.ts";

export interface ApplyOptions {
  /** The plan that was reviewed; null: plan now. */
  readonly reviewed: PlanDocument | null;
  /** Asked once with the plan that is about to run; false stops the run before anything changes. */
  readonly consent: (plan: PlanDocument) => Promise<boolean>;
  readonly targets: ReadonlySet<GraphId> | null;
  /** Somebody said that this run may delete more graphs than the deployment lets one run delete. */
  readonly allow_mass_delete: boolean;
  /** What the cluster knew when the desired model was loaded; saves reading applied query files. */
  readonly compilations?: KnownCompilations;
}

/** What a run under the lease came to; the caller adds what it knows of lock and config. */
export interface ApplyResult {
  readonly outcome: "applied" | "noop" | "partial" | "refused" | "unknown";
  readonly plan: PlanDocument | null;
  readonly changes: readonly Change[];
  readonly converged: boolean;
  readonly state_written: boolean;
  /** The ledger as it is known to be at the end. */
  readonly ledger: ReadyLedger;
  readonly diagnostics: readonly Diagnostic[];
}

/** Steps 3 to 7. The lease is held, ledger and intents were read under it in this order, and swept. */
export async function applyUnderLease(
  run: ApplyRun,
  base: ReadyLedger,
  pending: ReadonlySet<GraphId>,
  options: ApplyOptions,
): Promise<ApplyResult> {
  const { reviewed } = options;
  const { plan, graphs } = await makePlan(run.ports, {
    desired: run.desired,
    run_id: run.run_id,
    actor: run.actor,
    state: base.state,
    state_cas: base.cas,
    pending,
    approved: new Set(),
    targets: reviewed === null ? options.targets : targetsOf(reviewed),
    known: options.compilations ?? KNOWS_NOTHING,
  });
  const refusal = await refuse(run, plan, options);
  if (refusal.length > 0) return refused(plan, base, refusal);
  const effects = decideEffects(plan.changes, run.desired, graphs, run.ports.ids);
  const ran = await runEffects({ ...run, changes: plan.changes }, base, effects);
  if (ran.tag === "stopped") {
    const stopped = refused(plan, base, ran.diagnostics);
    return ran.unknown ? { ...stopped, outcome: "unknown" } : stopped;
  }
  return finish(run, plan, base, ran.base, ran.results);
}

/** A reviewed plan says itself what it is for. */
function targetsOf(plan: PlanDocument): ReadonlySet<GraphId> | null {
  return plan.targets === null ? null : new Set(plan.targets);
}

/** Step 3: still the same world, nothing gated and no bundle that Cedar refuses, consent, the plan not used before. */
async function refuse(
  run: ApplyRun,
  plan: PlanDocument,
  options: ApplyOptions,
): Promise<readonly Diagnostic[]> {
  const { reviewed } = options;
  if (reviewed !== null) {
    const used = await earlierUse(run.ports, reviewed);
    if (used.length > 0) return used;
    const moved = plannedWorldMoved(reviewed, plan);
    if (moved.length > 0) return moved;
  }
  const mass = options.allow_mass_delete
    ? []
    : massDelete(plan.changes, run.desired, run.ports.rules.deletes_max);
  if (mass.length > 0) return mass;
  const gated = gateViolations(plan.changes, plan.approvals_required);
  if (gated.length > 0) return gated;
  const invalid = verifyPolicies(plan.changes, run.desired);
  if (invalid.length > 0) return invalid;
  const idle = plan.changes.every(
    (change) => change.disposition === "blocked" || change.disposition === "deferred",
  );
  if (idle || (await options.consent(plan))) {
    return reviewed === null || plan.changes.length === 0 ? [] : usePlan(run.ports, reviewed, run.run_id);
  }
  const message = "The plan was not accepted, so nothing was changed.";
  return [diagnostic("apply_declined", { path: "changes", message })];
}

function refused(plan: PlanDocument, ledger: ReadyLedger, diagnostics: readonly Diagnostic[]): ApplyResult {
  const facts = { converged: false, state_written: false };
  return { outcome: "refused", plan, changes: plan.changes, ledger, diagnostics, ...facts };
}

/** What the run came to before it is recorded. */
interface Settled {
  readonly plan: PlanDocument;
  /** With the dispositions that became true. */
  readonly changes: readonly Change[];
  readonly state: LedgerState;
  readonly converged: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Steps 5 to 7. `before` is the ledger of step 2, `base` the newest one, which a begin commit may have made. */
async function finish(
  run: ApplyRun,
  plan: PlanDocument,
  before: ReadyLedger,
  base: ReadyLedger,
  results: readonly EffectResult[],
): Promise<ApplyResult> {
  const settled = await settle(run, plan, base, results);
  const { changes, converged, diagnostics } = settled;
  if (!isDeepStrictEqual(settled.state, base.state)) return record(run, before, base, settled, results);
  const state_written = base !== before;
  const outcome = outcomeOf(settled, false);
  return { outcome, plan, changes, converged, state_written, ledger: base, diagnostics };
}

/** Step 5, and the ledger that follows from what really happened. */
async function settle(
  run: ApplyRun,
  plan: PlanDocument,
  base: ReadyLedger,
  results: readonly EffectResult[],
): Promise<Settled> {
  const { ports, desired } = run;
  const { resources } = base.state.applied_revision;
  const landed = demote(plan.changes, failuresOf(results), desired.dependencies, resources);
  const payloads = payloadsOf(landed, desired);
  if (payloads.length > 0) run.progress({ tag: "payloads", count: payloads.length });
  const written = await writePayloads(ports, payloads);
  const changes = landed.map((change) => withoutPayload(change, written.failed));
  const at = timestamp(ports.clock);
  const next = finishLedger({ state: base.state, desired, changes, results, root: ports.root, at });
  const diagnostics = [
    ...plan.diagnostics,
    ...effectDiagnostics(results),
    ...written.diagnostics,
    ...blockedDiagnostics(changes),
  ];
  return { plan, changes, state: next.state, converged: next.converged, diagnostics };
}

/** Steps 6 and 7. */
async function record(
  run: ApplyRun,
  before: ReadyLedger,
  base: ReadyLedger,
  settled: Settled,
  results: readonly EffectResult[],
): Promise<ApplyResult> {
  const { plan, changes, converged, diagnostics } = settled;
  const operations = operationsOf(results.map((result) => result.effect));
  const graphs = recordedGraphs(results);
  const committed = await run.commit(base, settled.state, {
    kind: "final",
    operations,
    recovered: [],
    changes,
    graphs,
  });
  if (committed.tag === "stopped" || committed.tag === "unknown") {
    const outcome = committed.tag === "unknown" || results.length > 0 ? "unknown" : "refused";
    const lost = { converged: false, state_written: base !== before, ledger: base };
    return { plan, changes, ...lost, outcome, diagnostics: [...diagnostics, ...committed.diagnostics] };
  }
  const ledger = committed.tag === "committed" ? committed.ledger : base;
  // The next run supplies a head that could not be put; until then the intents stay (design 7).
  const finished =
    committed.tag === "committed" && ledger.head_missing ? [] : keysOf(settledEffects(results));
  const left = cleanupWarnings(run.ports.root, await removeSidecars(run.ports.store, finished));
  const outcome = outcomeOf(settled, true);
  const done = { converged, state_written: true, ledger };
  return { plan, changes, ...done, outcome, diagnostics: [...diagnostics, ...left] };
}

function settledEffects(results: readonly EffectResult[]) {
  return results.filter((result) => result.tag !== "unsettled").map((result) => result.effect);
}

function withoutPayload(change: Change, failed: ReadonlySet<string>): Change {
  if (!failed.has(change.resource)) return change;
  return { ...change, disposition: "blocked", reason: "payload_write_failed" };
}

function outcomeOf(settled: Settled, wrote: boolean): ApplyResult["outcome"] {
  if (!settled.converged || (wrote && hasErrors(settled.diagnostics))) return "partial";
  return wrote ? "applied" : "noop";
}
