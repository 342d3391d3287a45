/**
 * The restore command: a deleted graph lives again, exactly as its last version was (design 6). It has an intent like a
 * create: sidecar, begin commit, effect, final commit. Queries and policies come back with the next apply of a config
 * that declares them. It uses no approval, and makes void every approval that was given before it (design 8).
 */
import type { ApplyRun } from "../apply/apply-run.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import type { EffectResult, RestoreEffect } from "../apply/effect.ts";
import { effectDiagnostics, recordedGraphs } from "../apply/effect-diagnostics.ts";
import { liveObservation, wantedSchema } from "../apply/graph-observations.ts";
import { recomputeGraphs } from "../apply/next-resources.ts";
import { cleanupWarnings } from "../apply/remove-sidecars.ts";
import { addressesOf, beginEffects, moveGraphs, operationsOf, removeIntents } from "../apply/run-effects.ts";
import { graphAddress, schemaAddress } from "../desired/address.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { Digest } from "../digest/digest.ts";
import type { GraphId, IncarnationId, OperationId } from "../digest/ids.ts";
import type { Observation } from "../engine/engine.ts";
import type { Manifest } from "../engine/manifest.ts";
import type { ReadyLedger } from "../ledger/reading.ts";
import type { LedgerState, StatusRecord } from "../ledger/state.ts";
import type { Change } from "../plan/change.ts";
import { timestamp } from "../ports/clock.ts";
import { type Operated, type OperateOutput, refusedOperation } from "./operate-output.ts";
import { type OperateCommand, operateRun } from "./operate-run.ts";

export interface RestoreCommand extends OperateCommand {
  readonly graph: GraphId;
  /** Which life; null: the newest that can still be restored. */
  readonly incarnation: IncarnationId | null;
}

export interface Restored {
  readonly graph: GraphId;
  readonly incarnation: IncarnationId;
  readonly manifest_version: number;
  readonly state_revision: number;
  readonly rows: number;
}

export function restoreGraph(ports: ClusterPorts, command: RestoreCommand): Promise<OperateOutput<Restored>> {
  return operateRun<Restored>(ports, "restore", command, "restore", async (run, settled) => {
    const decided = await decide(run, settled.ledger, settled.pending, command);
    if (decided.tag === "refused") return refusedOperation([decided.diagnostic]);
    return execute(run, settled.ledger, decided.effect);
  });
}

type Decided =
  | { readonly tag: "decided"; readonly effect: RestoreEffect }
  | { readonly tag: "refused"; readonly diagnostic: Diagnostic };

async function decide(
  run: ApplyRun,
  ledger: ReadyLedger,
  pending: ReadonlySet<GraphId>,
  { graph, incarnation }: RestoreCommand,
): Promise<Decided> {
  const { engine, ids } = run.ports;
  if (pending.has(graph)) return refuse(graph, "an earlier operation on it is not settled");
  if (graphAddress(graph) in ledger.state.applied_revision.resources) {
    return refuse(graph, "the ledger records it as deployed; if it is gone, run `graphform refresh` first");
  }
  const observation = await engine.observe(graph);
  if (observation.tag === "unavailable") return unseen(graph, observation.reason);
  if (observation.tag === "absent" || observation.tag === "never") return neverLived(graph);
  if (observation.tag !== "deleted") return refuse(graph, notDeleted(observation));
  const { head } = observation;
  const wanted = head.dead.filter((life) => incarnation === null || life.incarnation === incarnation);
  const life = wanted.findLast((each) => !each.reclaiming);
  if (life === undefined) return refuse(graph, nothingLeft(wanted.length, incarnation));
  const last = await engine.at(graph, life.since);
  if (last.tag === "unavailable") return unseen(graph, last.reason);
  if (last.tag !== "found" || last.manifest.schema_digest === null) {
    return refuse(graph, `its last version, ${life.since}, cannot be read`);
  }
  const effect: RestoreEffect = {
    kind: "graph_restore",
    graph,
    incarnation: life.incarnation,
    expect: head.version,
    operation_id: ids.next() as OperationId,
    schema_digest: last.manifest.schema_digest as Digest,
    approval: null,
  };
  return { tag: "decided", effect };
}

function refuse(graph: GraphId, why: string): Decided {
  return { tag: "refused", diagnostic: diagnostic("graph_restore_failed", notRestored(graph, why)) };
}

/** A store that did not answer says nothing about the graph. */
function unseen(graph: GraphId, why: string): Decided {
  const fix = "Restore access to the storage root, and restore the graph again.";
  const facts = { ...notRestored(graph, why), fix };
  return { tag: "refused", diagnostic: diagnostic("graph_observation_error", facts) };
}

function neverLived(graph: GraphId): Decided {
  const facts = notRestored(graph, "no graph of this id has ever lived here");
  return { tag: "refused", diagnostic: diagnostic("graph_never_lived", facts) };
}

function notRestored(graph: GraphId, why: string) {
  const path = graphAddress(graph);
  return { path, message: `${path} was not restored: ${why}.` };
}

function notDeleted(observation: Extract<Observation, { tag: "live" | "unreadable" }>): string {
  switch (observation.tag) {
    case "live":
      return "it lives";
    case "unreadable":
      return observation.detail;
    default:
      return assertNever(observation);
  }
}

function nothingLeft(found: number, incarnation: IncarnationId | null): string {
  if (found > 0) return "its data is being reclaimed or has been";
  return incarnation === null ? "it has no deleted life" : `it has no deleted life ${incarnation}`;
}

async function execute(
  run: ApplyRun,
  before: ReadyLedger,
  effect: RestoreEffect,
): Promise<Operated<Restored>> {
  const planned = { ...run, changes: announced(effect) };
  const begun = await beginEffects(planned, before, [effect]);
  if (begun.tag === "stopped") {
    return { outcome: begun.unknown ? "unknown" : "refused", result: null, diagnostics: begun.diagnostics };
  }
  const { base, results } = await moveGraphs(planned, begun.base, begun.effects);
  const [result] = results;
  const diagnostics = effectDiagnostics(results);
  // Its sidecar stays; the next sweep finds out and records it.
  if (result === undefined || result.tag === "unsettled")
    return { outcome: "unknown", result: null, diagnostics };
  return record(run, base, result, diagnostics);
}

/** What the begin commit says is about to happen, so that its receipt names the operation (U1). */
function announced({ graph, schema_digest }: RestoreEffect): readonly Change[] {
  const creates = { operation: "create", disposition: "applied" } as const;
  return [
    { resource: graphAddress(graph), ...creates },
    { resource: schemaAddress(graph), ...creates, after_digest: schema_digest },
  ];
}

async function record(
  run: ApplyRun,
  base: ReadyLedger,
  result: EffectResult,
  diagnostics: readonly Diagnostic[],
): Promise<Operated<Restored>> {
  const { effect } = result;
  const state =
    result.tag === "done"
      ? withRestored(run, base.state, result.manifest)
      : withoutApplying(base.state, effect.graph);
  const committed = await run.commit(base, state, {
    kind: "final",
    operations: operationsOf([effect]),
    recovered: [],
    approvals: [],
    changes: [],
    graphs: recordedGraphs([result]),
  });
  if (committed.tag === "stopped" || committed.tag === "unknown") {
    return { outcome: "unknown", result: null, diagnostics: [...diagnostics, ...committed.diagnostics] };
  }
  const ledger = committed.tag === "committed" ? committed.ledger : base;
  const over = committed.tag === "committed" && ledger.head_missing ? [] : [effect];
  const left = cleanupWarnings(run.ports.root, await removeIntents(run.ports.store, over));
  const all = [...diagnostics, ...left];
  if (result.tag !== "done") return { outcome: "refused", result: null, diagnostics: all };
  return { outcome: "done", result: restored(result.manifest, ledger), diagnostics: all };
}

function restored(manifest: Manifest, ledger: ReadyLedger): Restored {
  return {
    graph: manifest.graph,
    incarnation: manifest.incarnation as IncarnationId,
    manifest_version: manifest.version,
    state_revision: ledger.state.state_revision,
    rows: manifest.tables.reduce((sum, table) => sum + table.rows, 0),
  };
}

/** The ledger with graph and schema as they live again. */
function withRestored(run: ApplyRun, state: LedgerState, manifest: Manifest): LedgerState {
  const { graph } = manifest;
  const { desired, ports } = run;
  const schema = { digest: manifest.schema_digest ?? "" };
  const resources = {
    ...state.applied_revision.resources,
    [graphAddress(graph)]: { digest: "" },
    [schemaAddress(graph)]: schema,
  };
  const desired_schema_digest = wantedSchema(desired, state, graph);
  const sighting = { graph, root: ports.root, observed_at: timestamp(ports.clock), desired_schema_digest };
  const applied: StatusRecord = { status: "applied" };
  return {
    ...state,
    applied_revision: { ...state.applied_revision, resources: recomputeGraphs(resources, desired, "all") },
    resource_statuses: {
      ...state.resource_statuses,
      [graphAddress(graph)]: applied,
      [schemaAddress(graph)]: applied,
    },
    observations: { ...state.observations, [graphAddress(graph)]: liveObservation(sighting, manifest) },
  };
}

function withoutApplying(state: LedgerState, graph: GraphId): LedgerState {
  const own = new Set<string>(addressesOf(graph));
  const statuses = Object.entries(state.resource_statuses).filter(([address]) => !own.has(address));
  return { ...state, resource_statuses: Object.fromEntries(statuses) };
}
