/**
 * The apply command: config checks before the lock, then the protocol under the lease (apply-cluster), then its answer
 * (spec/cluster 8.7). Nothing is created, not even a folder, while the config has an error.
 */
import { type Diagnostic, hasErrors } from "../diagnostic/diagnostic.ts";
import type { RunId } from "../digest/ids.ts";
import { awaitedLater } from "../ledger/awaited-later.ts";
import type { LedgerReading } from "../ledger/reading.ts";
import type { PlanDocument } from "../plan/plan-document.ts";
import { NO_LEDGER, NO_LOCK, stateObservations } from "../plan/state-observations.ts";
import type { ApplyOptions } from "./accept-plan.ts";
import { type ApplyResult, applyUnderLease } from "./apply-cluster.ts";
import { APPLY_OUTPUT_FORMAT_VERSION, type ApplyOutput } from "./apply-output.ts";
import type { ApplyRun } from "./apply-run.ts";
import { TIDY } from "./clean-up.ts";
import type { ClusterPorts } from "./cluster-ports.ts";
import { isSkipped } from "./effect-diagnostics.ts";
import { ledgerFacts } from "./ledger-facts.ts";
import { interruptedDiagnostic, lockedRun, type RunRequest } from "./locked-run.ts";
import { keepCompilations, type StoredCompilations } from "./planning/compilations.ts";
import { explainBrokenQueries } from "./planning/explain-broken-queries.ts";
import { settledLedger } from "./recovery/settled-ledger.ts";
import type { AttemptEnded, AttemptResult } from "./runs/run-recording.ts";

export interface ApplyCommand extends Omit<RunRequest, "operation" | "plan_id">, ApplyOptions {
  /** What the cluster knew when `desired` was loaded; read again if the caller does not say. */
  readonly compilations?: StoredCompilations;
}

/** What the body under the lease came to. */
type Body =
  | {
      readonly tag: "applied";
      readonly result: ApplyResult;
      readonly recovery: readonly Diagnostic[];
      /** Settled when what was compiled is kept; the lease is given back meanwhile. */
      readonly kept: Promise<void>;
      /** Warnings about intents that are being removed; the lease is given back meanwhile. */
      readonly tidied: Promise<readonly Diagnostic[]>;
      /** The run goes on later, under its id. */
      readonly continues: boolean;
    }
  | {
      readonly tag: "stopped";
      readonly unknown: boolean;
      readonly reading: LedgerReading;
      readonly diagnostics: readonly Diagnostic[];
    };

export async function runApply(ports: ClusterPorts, command: ApplyCommand): Promise<ApplyOutput> {
  const { desired, reviewed } = command;
  if (!desired.ok) {
    const why = await explainBrokenQueries(ports.engine, desired);
    return refusedApply(ports, command, [...why, ...desired.diagnostics]);
  }
  const request = { ...command, operation: "apply", plan_id: reviewed?.plan_id ?? null } as const;
  const ran = await lockedRun(ports, request, (run, reading) => body(run, reading, command));
  const lock = { lock: ran.lock, run_id: ran.run_id };
  if (ran.tag === "stopped")
    return refusedApply(ports, command, [...desired.diagnostics, ...ran.diagnostics], lock);
  const around = [...desired.diagnostics, ...ran.diagnostics];
  if (ran.value.tag === "stopped") {
    const { reading, unknown, diagnostics } = ran.value;
    const stopped = refusedApply(ports, command, [...around, ...diagnostics], { ...lock, reading });
    return unknown ? { ...stopped, outcome: "unknown" } : stopped;
  }
  const { result, recovery } = ran.value;
  const [tidied] = await Promise.all([ran.value.tidied, ran.value.kept]);
  // A request to stop that came when nothing was left to do has stopped nothing.
  const unfinished = !result.converged && ran.value.continues === false;
  const stopped = command.interrupted() && unfinished ? [interruptedDiagnostic()] : [];
  const diagnostics = [...around, ...recovery, ...result.diagnostics, ...tidied, ...stopped];
  const known = ran.unproven ? ({ ...result, outcome: "unknown" } as const) : result;
  const output = appliedOutput(ports, command, known, diagnostics, lock);
  return ran.value.continues ? { ...output, outcome: "continuing" } : output;
}

/** Steps 2 to 7 of the protocol: ledger, intents, sweep, apply. A run with a record claims it before and ends it after. */
async function body(run: ApplyRun, reading: LedgerReading, command: ApplyCommand): Promise<Body> {
  const { recording } = command;
  const claimed = (await recording?.claim()) ?? [];
  if (claimed.length > 0) return { tag: "stopped", unknown: false, reading, diagnostics: claimed };
  const settled = await settledLedger(run, reading, "apply to");
  if (settled.tag === "stopped") {
    const { diagnostics, unknown } = settled;
    const answer = refusedApply(run.ports, command, diagnostics, {
      lock: run.lock,
      run_id: run.run_id,
      reading,
    });
    const outcome = unknown ? "unknown" : "refused";
    const output = { ...answer, outcome } as const;
    const stopped = { outcome, stopped_early: false, diagnostics, plan: null, changes: [], output } as const;
    const ended = (await recording?.ended(stopped)) ?? NOT_RECORDED;
    return { ...settled, diagnostics: [...settled.diagnostics, ...ended.diagnostics], reading };
  }
  const applied = await applyUnderLease(run, settled.ledger, settled.pending, command);
  // The record of a run, and the answer that is kept before it, say everything that its answer says.
  const tidied = recording === undefined ? [] : await applied.tidied;
  const result = withRecovery(withDiagnostics(applied, tidied), settled.recovered);
  const around = [...command.desired.diagnostics, ...settled.diagnostics, ...result.diagnostics];
  const output = appliedOutput(run.ports, command, result, around, { lock: run.lock, run_id: run.run_id });
  const ended = (await recording?.ended({ ...attemptOf(result, command), output })) ?? NOT_RECORDED;
  return {
    tag: "applied",
    result: withDiagnostics(result, ended.diagnostics),
    continues: ended.continues && result.outcome !== "refused",
    recovery: settled.diagnostics,
    tidied: recording === undefined ? applied.tidied : TIDY,
    kept: result.state_written
      ? awaitedLater(keepCompilations(run.ports.store, command.desired, command.compilations ?? null))
      : Promise.resolve(),
  };
}

const NOT_RECORDED: AttemptEnded = { continues: false, diagnostics: [] };

function attemptOf(result: ApplyResult, { interrupted }: ApplyCommand): Omit<AttemptResult, "output"> {
  const { outcome, diagnostics, plan, changes } = result;
  const skipped = diagnostics.some((each) => isSkipped(each.code));
  return { outcome, stopped_early: skipped && interrupted(), diagnostics, plan, changes };
}

function withDiagnostics(result: ApplyResult, more: readonly Diagnostic[]): ApplyResult {
  return { ...result, diagnostics: [...result.diagnostics, ...more] };
}

/** The sweep has written a revision of its own, so the ledger was written although there was nothing to apply. */
function withRecovery(result: ApplyResult, recovered: boolean): ApplyResult {
  if (!recovered) return result;
  const outcome = result.outcome === "noop" ? "applied" : result.outcome;
  return { ...result, state_written: true, outcome };
}

interface RunFacts {
  readonly lock?: Parameters<typeof stateObservations>[2];
  readonly run_id?: RunId;
  readonly reading?: LedgerReading;
}

/** The answer of an apply that has changed nothing, for these reasons. */
export function refusedApply(
  ports: ClusterPorts,
  command: ApplyCommand,
  diagnostics: readonly Diagnostic[],
  facts: RunFacts = {},
): ApplyOutput {
  const { desired, actor } = command;
  const ledger = facts.reading === undefined ? NO_LEDGER : ledgerFacts(facts.reading);
  const statuses = facts.reading?.tag === "ready" ? facts.reading.state.resource_statuses : {};
  return {
    ok: !hasErrors(diagnostics),
    format_version: APPLY_OUTPUT_FORMAT_VERSION,
    config_dir: desired.config_dir,
    ...(actor === null ? {} : { actor }),
    desired_revision: desired.config_digest === null ? {} : { config_digest: desired.config_digest },
    state_observations: stateObservations(ports.root, ledger, facts.lock ?? NO_LOCK),
    changes: [],
    applied_count: 0,
    deferred_count: 0,
    converged: false,
    state_written: false,
    resource_statuses: statuses,
    diagnostics,
    outcome: "refused",
    run_id: facts.run_id ?? (ports.ids.next() as RunId),
    plan_id: command.reviewed?.plan_id ?? null,
  };
}

function appliedOutput(
  ports: ClusterPorts,
  command: ApplyCommand,
  result: ApplyResult,
  diagnostics: readonly Diagnostic[],
  facts: RunFacts,
): ApplyOutput {
  const ran = result.outcome !== "refused" && result.outcome !== "unknown";
  const number = (...dispositions: readonly string[]) =>
    ran ? result.changes.filter((change) => dispositions.includes(change.disposition)).length : 0;
  const base = refusedApply(ports, command, diagnostics, { ...facts, reading: result.ledger });
  const plan: PlanDocument | null = result.plan;
  return {
    ...base,
    ok: base.ok && result.outcome !== "unknown",
    changes: result.changes,
    applied_count: number("applied"),
    deferred_count: number("deferred", "blocked"),
    converged: result.converged,
    state_written: result.state_written,
    outcome: result.outcome,
    plan_id: base.plan_id ?? plan?.plan_id ?? null,
  };
}
