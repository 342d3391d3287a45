/**
 * The plan command (spec/cluster 7, design 4.8): what apply would do now. Takes no lock and writes nothing but the plan
 * itself, if it is asked to or if somebody may have to approve it. Ledger, lock and open intents are read in one wave,
 * the graphs that the diff concerns in a second.
 */
import type { Desired } from "../../desired/desired.ts";
import { KNOWS_NOTHING, type KnownCompilations } from "../../desired/known-compilations.ts";
import { type Diagnostic, diagnostic, hasErrors } from "../../diagnostic/diagnostic.ts";
import type { GraphId, RunId } from "../../digest/ids.ts";
import { observeLock } from "../../ledger/lock-observation.ts";
import { readLedger } from "../../ledger/read-ledger.ts";
import type { LedgerReading } from "../../ledger/reading.ts";
import { verifyComposites } from "../../ledger/verify-composites.ts";
import { isWorthKeeping } from "../../plan/approvable.ts";
import { massDelete } from "../../plan/mass-delete.ts";
import { type PlanDocument, planDigest } from "../../plan/plan-document.ts";
import { PLAN_OUTPUT_FORMAT_VERSION, type PlanOutput } from "../../plan/plan-output.ts";
import { type LockFacts, NO_LEDGER, NO_LOCK, stateObservations } from "../../plan/state-observations.ts";
import type { ClusterPorts } from "../cluster-ports.ts";
import { ledgerFacts } from "../ledger-facts.ts";
import { heldLockWarning, lockFacts } from "../lock-facts.ts";
import { pendingGraphs, pendingWarnings } from "../recovery/intents.ts";
import { type OpenIntents, openIntents } from "../recovery/open-intents.ts";
import { explainBrokenQueries } from "./explain-broken-queries.ts";
import { makePlan } from "./make-plan.ts";
import { keepPlan } from "./plan-store.ts";

export interface PlanCommand {
  readonly desired: Desired;
  readonly actor: string | null;
  readonly targets: ReadonlySet<GraphId> | null;
  /** Plan the destruction of what soft drops of this graph have hidden, and nothing else (design 8). */
  readonly purge?: GraphId;
  /** What the cluster knew when `desired` was loaded; saves reading applied query files. */
  readonly compilations?: KnownCompilations;
  /** Store the plan under its id whatever it says; without it that is done only where somebody may have to approve it. */
  readonly keep?: boolean;
  /** The recorded run that asks for the plan, so that the plan names it; absent: a run of its own that nothing records. */
  readonly run_id?: RunId;
}

export interface PlannedCluster {
  readonly output: PlanOutput;
  /** Null if no plan could be made. */
  readonly plan: PlanDocument | null;
}

export async function planCluster(ports: ClusterPorts, command: PlanCommand): Promise<PlannedCluster> {
  const { desired } = command;
  if (!desired.ok) {
    const why = await explainBrokenQueries(ports.engine, desired);
    return { output: withoutPlan(ports, desired, [...why, ...desired.diagnostics]), plan: null };
  }
  const [reading, lock, intents] = await Promise.all([
    readLedger(ports, { repair: false }),
    observeLock(ports),
    openIntents(ports),
  ]);
  const seen = { lock: lockFacts(lock), reading };
  const context = [
    ...desired.diagnostics,
    ...lockDiagnostics(ports, desired, seen.lock),
    ...lock.diagnostics,
  ];
  const unusable = unusableReading(reading, intents);
  if (unusable.length > 0) {
    return { output: withoutPlan(ports, desired, [...context, ...unusable], seen), plan: null };
  }
  const ledger = reading.tag === "ready" ? reading : null;
  const open = intents.tag === "read" ? intents : { open: [], unreadable: [] };
  const { plan } = await makePlan(ports, {
    desired,
    run_id: command.run_id ?? (ports.ids.next() as RunId),
    actor: command.actor,
    ledger,
    pending: pendingGraphs(open),
    targets: command.targets,
    purge: command.purge ?? null,
    submitter: command.actor,
    known: command.compilations ?? KNOWS_NOTHING,
  });
  const diagnostics = [
    ...context,
    ...pendingWarnings(open, ports.root),
    ...(ledger === null ? [] : [...ledger.diagnostics, ...verifyComposites(ledger.state).map(asWarning)]),
    ...plan.diagnostics,
    ...massDelete(plan.changes, desired, ports.rules.deletes_max).map(asWarning),
  ];
  const idle = command.purge === undefined ? [] : nothingToPurge(command.purge, plan);
  if (idle.length > 0) {
    return { output: withoutPlan(ports, desired, [...diagnostics, ...idle], seen), plan: null };
  }
  // Nobody can approve a plan for a cluster that has not begun, but who asked for it by its id finds it.
  const kept = ledger === null && command.keep !== true ? [] : await keep(ports, plan, command.keep === true);
  return { output: planOutput(ports, desired, plan, [...diagnostics, ...kept], seen), plan };
}

function nothingToPurge(graph: GraphId, plan: PlanDocument): readonly Diagnostic[] {
  const [change] = plan.changes;
  const previewed = change?.migration === undefined || change.migration.steps.length > 0;
  if (change !== undefined && previewed) return [];
  const path = `schema.${graph}`;
  const message =
    change === undefined
      ? `The ledger records no schema of graph.${graph}.`
      : `No earlier change of graph.${graph} has hidden anything.`;
  return [diagnostic("nothing_to_purge", { path, message })];
}

/** A plan that nobody asked to keep is worth showing also where it cannot be stored. */
async function keep(ports: ClusterPorts, plan: PlanDocument, asked: boolean): Promise<readonly Diagnostic[]> {
  if (asked) return keepPlan(ports, plan);
  return isWorthKeeping(plan) ? (await keepPlan(ports, plan)).map(asWarning) : [];
}

interface Seen {
  readonly lock: LockFacts;
  readonly reading: LedgerReading;
}

function lockDiagnostics(ports: ClusterPorts, desired: Desired, lock: LockFacts): readonly Diagnostic[] {
  const held = heldLockWarning(lock, "__cluster/lock.json");
  if (desired.settings?.lock !== false) return held;
  const message = `state.lock is false, so commands on ${ports.root} do not show OmniGraph that they run.`;
  return [...held, diagnostic("state_lock_disabled", { path: "state.lock", message })];
}

/** Reasons not to plan at all; a missing ledger is none. */
function unusableReading(reading: LedgerReading, intents: OpenIntents): readonly Diagnostic[] {
  const ledger = reading.tag === "ready" || reading.tag === "missing" ? [] : reading.diagnostics;
  return intents.tag === "read" ? ledger : [...ledger, ...intents.diagnostics];
}

/** Apply refuses for it, as it refuses stale composites; a plan is still worth showing (spec/cluster 4.2). */
function asWarning(problem: Diagnostic): Diagnostic {
  return { ...problem, severity: "warning" };
}

function withoutPlan(
  ports: ClusterPorts,
  desired: Desired,
  diagnostics: readonly Diagnostic[],
  seen: Seen | null = null,
): PlanOutput {
  const facts = seen === null ? NO_LEDGER : ledgerFacts(seen.reading);
  return {
    ok: !hasErrors(diagnostics),
    format_version: PLAN_OUTPUT_FORMAT_VERSION,
    config_dir: desired.config_dir,
    desired_revision: desired.config_digest === null ? {} : { config_digest: desired.config_digest },
    resource_digests: desired.resource_digests,
    dependencies: desired.dependencies,
    state_observations: stateObservations(ports.root, facts, seen?.lock ?? NO_LOCK),
    changes: [],
    blast_radius: [],
    approvals_required: [],
    diagnostics,
    plan_id: null,
    plan_digest: null,
  };
}

function planOutput(
  ports: ClusterPorts,
  desired: Desired,
  plan: PlanDocument,
  diagnostics: readonly Diagnostic[],
  seen: Seen,
): PlanOutput {
  const { changes, blast_radius, approvals_required, plan_id } = plan;
  const empty = withoutPlan(ports, desired, diagnostics, seen);
  return { ...empty, changes, blast_radius, approvals_required, plan_id, plan_digest: planDigest(plan) };
}
