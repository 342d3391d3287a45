/**
 * Apply: converges the cluster to its config (spec/cluster 8, design 5, 7 and 8). The protocol, in numbered steps:
 *
 *   1. take the lease (one writer at a time; it protects nothing by itself)
 *   2. read the ledger, then what earlier runs left open, and settle it (sweep)
 *   3. make the plan on exactly that ledger; compare it with the reviewed one, ask for consent
 *   4. reserve the approvals of gated changes; (a) sidecars, (b) begin commit, (c) creates and migrates (run-effects)
 *   5. payloads of everything that can still be applied, then the approved deletes
 *   6. one final commit on the ledger of step 2 or the newest begin commit; without deletes its receipt is put beside
 *      the payloads, and the commit is sent once both are there
 *   7. mark approvals as used or give them back, then remove the sidecars of settled effects
 *   8. release the lease, beside the removal of sidecars
 *
 * A failed graph blocks its own dependents and nothing else. A converged apply writes nothing. After any effect was
 * sent, a commit that is refused or unanswered ends `unknown`, never `failed`: intents and reservations stay, the next
 * run settles them.
 */
import { isDeepStrictEqual } from "node:util";
import type { Address } from "../desired/address.ts";
import { KNOWS_NOTHING } from "../desired/known-compilations.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { hasErrors } from "../diagnostic/diagnostic.ts";
import { assert } from "../digest/assert.ts";
import type { GraphId } from "../digest/ids.ts";
import { awaitedLater } from "../ledger/awaited-later.ts";
import type { ReadyLedger } from "../ledger/reading.ts";
import type { LedgerState } from "../ledger/state.ts";
import type { Change } from "../plan/change.ts";
import type { PlanDocument } from "../plan/plan-document.ts";
import { purgedGraph } from "../plan/purge.ts";
import { timestamp } from "../ports/clock.ts";
import { type ApplyOptions, acceptPlan } from "./accept-plan.ts";
import type { ApplyRun, RunCommitted } from "./apply-run.ts";
import { type ApprovalUse, consumedApprovals, reopenApprovals } from "./approvals/reservations.ts";
import { reserveForRun, useOf } from "./approvals/reserve-for-run.ts";
import { blockedDiagnostics } from "./blocked-diagnostics.ts";
import { cleanUp, TIDY } from "./clean-up.ts";
import { decideCatalogUses, decideEffects } from "./decide-effects.ts";
import { demote } from "./demote.ts";
import type { EffectResult } from "./effect.ts";
import { effectDiagnostics, failuresOf, recordedGraphs } from "./effect-diagnostics.ts";
import { finishLedger } from "./finish-ledger.ts";
import { type PayloadsWritten, payloadsOf, writePayloads } from "./payloads-of.ts";
import { type MadePlan, makePlan } from "./planning/make-plan.ts";
import { beginEffects, deleteGraphs, moveGraphs, operationsOf } from "./run-effects.ts";

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
  /**
   * Warnings of the last half of step 7. What it removes is settled in the ledger and its history, so it makes no
   * difference to a successor whether it is still there (J2, J5), and the lease need not be held for it.
   */
  readonly tidied: Promise<readonly Diagnostic[]>;
}

/** Steps 3 to 7. The lease is held, ledger and intents were read under it in this order, and swept. */
export async function applyUnderLease(
  run: ApplyRun,
  base: ReadyLedger,
  pending: ReadonlySet<GraphId>,
  options: ApplyOptions,
): Promise<ApplyResult> {
  const { reviewed } = options;
  const made = await makePlan(run.ports, {
    desired: run.desired,
    run_id: run.run_id,
    actor: run.actor,
    ledger: base,
    pending,
    targets: reviewed === null ? options.targets : targetsOf(reviewed),
    purge: reviewed === null ? null : purgedGraph(reviewed),
    submitter: reviewed === null ? run.actor : reviewed.actor,
    known: options.compilations ?? KNOWS_NOTHING,
  });
  const { plan } = made;
  const accepted = await acceptPlan(run, { plan, ledger: base, edges: run.desired.dependencies }, options);
  if (accepted.tag === "refused") return refused(plan, base, [...plan.diagnostics, ...accepted.diagnostics]);
  const recorded = options.recording === undefined ? run : underPlan(run, reviewed ?? plan);
  const result = await execute(recorded, base, { ...made, changes: accepted.changes });
  return { ...result, diagnostics: [...accepted.warnings, ...result.diagnostics] };
}

/** Every commit of a run with a record names the plan that the run may go on with. */
function underPlan(run: ApplyRun, { plan_id }: PlanDocument): ApplyRun {
  return { ...run, commit: (base, next, commit) => run.commit(base, next, { ...commit, plan_id }) };
}

/** A plan, and its changes as they may run. */
type AcceptedPlan = MadePlan & { readonly changes: readonly Change[] };

/** Steps 4 to 7. */
async function execute(run: ApplyRun, before: ReadyLedger, made: AcceptedPlan): Promise<ApplyResult> {
  const { ports, desired } = run;
  const { plan, changes } = made;
  const on = { ...made, desired, ids: ports.ids };
  const reserved = await reserveForRun(run, decideEffects(on), decideCatalogUses(on));
  const planned = { ...run, changes };
  const begun = await beginEffects(planned, before, reserved.effects);
  if (begun.tag === "stopped") {
    const held = [...reserved.effects.flatMap(useOf), ...reserved.catalog];
    if (begun.settled) await reopenApprovals(ports, held);
    const stopped = refused(plan, before, begun.diagnostics);
    return begun.unknown ? { ...stopped, outcome: "unknown" } : stopped;
  }
  const { effects } = begun;
  const moved = await moveGraphs(planned, begun.base, effects);
  const unreserved = withoutReservation(changes, reserved.refused);
  const landed = demoted(run, before, unreserved, [...reserved.failed, ...moved.results]);
  const storing = awaitedLater(storePayloads(run, landed));
  const deletes = effects.some((effect) => effect.kind === "graph_delete");
  const deleted = deletes ? await deleteGraphs(planned, effects, allStored(await storing)) : [];
  return finishBeside(run, storing, {
    plan,
    before,
    base: moved.base,
    changes: unreserved,
    results: [...reserved.failed, ...moved.results, ...deleted],
    catalog: reserved.catalog,
  });
}

/**
 * Steps 6 and 7, begun while the payloads of step 5 are on their way: the commit says that they are there and is sent
 * once they are. If one is not, that commit never was, and another one says so.
 */
async function finishBeside(
  run: ApplyRun,
  storing: Promise<PayloadsWritten>,
  happened: Omit<Happened, "payloads">,
): Promise<ApplyResult> {
  const expected = { ...happened, payloads: ALL_STORED };
  const finished = await finish(run, expected, awaitedLater(storing.then(allStored)));
  if (finished !== "not_stored") return finished;
  const known = await finish(run, { ...happened, payloads: await storing }, Promise.resolve(true));
  assert(known !== "not_stored", "what is recorded takes the failed payloads into account");
  return known;
}

const ALL_STORED: PayloadsWritten = { failed: new Set(), diagnostics: [] };

function allStored({ failed }: PayloadsWritten): boolean {
  return failed.size === 0;
}

/** A change whose approval was taken away in the last moment waits for another one. */
function withoutReservation(changes: readonly Change[], refused: ReadonlySet<Address>): readonly Change[] {
  return changes.map((change) =>
    refused.has(change.resource)
      ? { ...change, disposition: "blocked", reason: "approval_required" }
      : change,
  );
}

function demoted(
  run: ApplyRun,
  before: ReadyLedger,
  changes: readonly Change[],
  results: readonly EffectResult[],
): readonly Change[] {
  const { resources } = before.state.applied_revision;
  return demote(changes, failuresOf(results), run.desired.dependencies, resources);
}

/** The first half of step 5. */
async function storePayloads(run: ApplyRun, changes: readonly Change[]): Promise<PayloadsWritten> {
  const payloads = payloadsOf(changes, run.desired);
  if (payloads.length > 0) run.progress({ tag: "payloads", count: payloads.length });
  return writePayloads(run.ports, payloads);
}

/** A reviewed plan says itself what it is for. */
function targetsOf(plan: PlanDocument): ReadonlySet<GraphId> | null {
  return plan.targets === null ? null : new Set(plan.targets);
}

function refused(plan: PlanDocument, ledger: ReadyLedger, diagnostics: readonly Diagnostic[]): ApplyResult {
  const facts = { converged: false, state_written: false, tidied: TIDY };
  return { outcome: "refused", plan, changes: plan.changes, ledger, diagnostics, ...facts };
}

/** Everything that happened, before it is recorded. */
interface Happened {
  readonly plan: PlanDocument;
  /** The ledger of step 2. */
  readonly before: ReadyLedger;
  /** The newest ledger, which a begin commit may have made. */
  readonly base: ReadyLedger;
  readonly changes: readonly Change[];
  readonly results: readonly EffectResult[];
  /** Reserved approvals of changes that move no graph. */
  readonly catalog: readonly ApprovalUse[];
  readonly payloads: PayloadsWritten;
}

/** What the run came to. */
interface Settled {
  /** With the dispositions that became true. */
  readonly changes: readonly Change[];
  /** Approvals of what was done. */
  readonly used: readonly ApprovalUse[];
  /** Approvals of what was not done and never will be. */
  readonly unused: readonly ApprovalUse[];
  /** An effect may still land; its intent stays. */
  readonly unsettled: boolean;
  readonly state: LedgerState;
  readonly converged: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** Steps 6 and 7. `not_stored`: what was expected to be `stored` is not, so nothing was recorded or given back. */
async function finish(
  run: ApplyRun,
  happened: Happened,
  stored: Promise<boolean>,
): Promise<ApplyResult | "not_stored"> {
  const { plan, before, base } = happened;
  const settled = settle(run, happened);
  const { changes, converged, diagnostics } = settled;
  if (!isDeepStrictEqual(settled.state, base.state)) {
    const committed = await record(run, happened, settled, stored);
    return (await stored) ? afterCommit(run, happened, settled, committed) : "not_stored";
  }
  if (!(await stored)) return "not_stored";
  await reopenApprovals(run.ports, settled.unused);
  const state_written = base !== before;
  const outcome = outcomeOf(settled, false);
  return { outcome, plan, changes, converged, state_written, ledger: base, diagnostics, tidied: TIDY };
}

/** The ledger that follows from what really happened. */
function settle(run: ApplyRun, happened: Happened): Settled {
  const { ports, desired } = run;
  const { plan, before, base, results, payloads } = happened;
  const landed = demoted(run, before, happened.changes, results);
  const changes = landed.map((change) => withoutPayload(change, payloads.failed));
  const applied = new Set(
    changes.filter((change) => change.disposition === "applied").map((change) => change.resource),
  );
  const done = results.filter((result) => result.tag === "done").map((result) => result.effect);
  const never = results.filter((result) => result.tag !== "done" && result.tag !== "unsettled");
  const used = [...done.flatMap(useOf), ...happened.catalog.filter((use) => applied.has(use.address))];
  const unused = [
    ...never.flatMap((result) => useOf(result.effect)),
    ...happened.catalog.filter((use) => !applied.has(use.address)),
  ];
  const at = timestamp(ports.clock);
  const next = finishLedger({ state: base.state, desired, changes, results, used, root: ports.root, at });
  const diagnostics = [
    ...plan.diagnostics,
    ...effectDiagnostics(results),
    ...payloads.diagnostics,
    ...blockedDiagnostics(changes),
  ];
  const unsettled = results.some((result) => result.tag === "unsettled");
  return { changes, used, unused, unsettled, state: next.state, converged: next.converged, diagnostics };
}

/** Step 6. */
function record(
  run: ApplyRun,
  { base, results }: Happened,
  settled: Settled,
  cleared: Promise<boolean>,
): Promise<RunCommitted> {
  return run.commit(base, settled.state, {
    kind: "final",
    operations: operationsOf(results.map((result) => result.effect)),
    recovered: [],
    approvals: consumedApprovals(settled.used),
    changes: settled.changes,
    graphs: recordedGraphs(results),
    cleared,
  });
}

/** Step 7. */
async function afterCommit(
  run: ApplyRun,
  { plan, before, base, results }: Happened,
  settled: Settled,
  committed: RunCommitted,
): Promise<ApplyResult> {
  const { changes, converged, diagnostics } = settled;
  if (committed.tag === "stopped" || committed.tag === "unknown") {
    const sent = base !== before;
    if (committed.tag === "stopped" && !sent) await reopenApprovals(run.ports, allUses(settled));
    const outcome = committed.tag === "unknown" || sent ? "unknown" : "refused";
    const lost = { converged: false, state_written: sent, ledger: base, tidied: TIDY };
    return { plan, changes, ...lost, outcome, diagnostics: [...diagnostics, ...committed.diagnostics] };
  }
  const ledger = committed.tag === "committed" ? committed.ledger : base;
  const headMissing = committed.tag === "committed" && ledger.head_missing;
  const { warnings, tidied } = await cleanUp(run, settled, results, headMissing);
  const outcome = outcomeOf(settled, true);
  const done = { converged, state_written: true, ledger, tidied };
  return { plan, changes, ...done, outcome, diagnostics: [...diagnostics, ...warnings] };
}

function allUses(settled: Settled): readonly ApprovalUse[] {
  return [...settled.used, ...settled.unused];
}

function withoutPayload(change: Change, failed: ReadonlySet<string>): Change {
  if (!failed.has(change.resource)) return change;
  return { ...change, disposition: "blocked", reason: "payload_write_failed" };
}

function outcomeOf(settled: Settled, wrote: boolean): ApplyResult["outcome"] {
  // A purge that is blocked is no difference between config and ledger, and still not done.
  const held = settled.changes.some((change) => change.disposition === "blocked");
  if (settled.unsettled) return "unknown";
  if (!settled.converged || held || (wrote && hasErrors(settled.diagnostics))) return "partial";
  return wrote ? "applied" : "noop";
}
