/**
 * The sweep: settles what earlier runs left open, before anything else is done (design 7). Runs under the lease, on
 * the ledger that was read under it; reads the ledger first, then intents, then approvals, then graphs, never in
 * another order.
 *
 * Roll-forward only. Each verdict is a row of the truth table; a graph whose intents cannot be settled is left alone.
 * A reserved approval is judged as the intent of the operation that reserved it. Recovery is a commit of its own, and
 * approvals are settled and sidecars removed only after it. Sweeping twice is sweeping once (R1); a sweep may die
 * anywhere (R2).
 */
import { graphAddress, schemaAddress } from "../../desired/address.ts";
import type { Desired } from "../../desired/desired.ts";
import type { Diagnostic } from "../../diagnostic/diagnostic.ts";
import { type GraphId, isUlid, type OperationId } from "../../digest/ids.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ReadyLedger } from "../../ledger/reading.ts";
import type { ConsumedApproval, RecordedGraph, RecoveredOperation } from "../../ledger/receipt.ts";
import type { LedgerState } from "../../ledger/state.ts";
import { timestamp } from "../../ports/clock.ts";
import type { ApplyRun } from "../apply-run.ts";
import type { StoredEvidence } from "../approvals/approval-store.ts";
import { overtakenDiagnostic } from "../overtaken.ts";
import { recordedVersion } from "../recorded-graph.ts";
import { removeSidecars } from "../remove-sidecars.ts";
import { inWaves } from "../wave.ts";
import { type Intents, type OpenIntent, pendingGraphs } from "./intents.ts";
import {
  type CatalogReservation,
  catalogReservations,
  type EvidenceVerdict,
  reservationIntents,
  settleEvidence,
} from "./open-reservations.ts";
import { recoverLedger, settleApplying } from "./recover-ledger.ts";
import { type SettledGraph, settleGraph } from "./settle-graph.ts";
import { sweptGraphDiagnostics } from "./sweep-diagnostics.ts";

/** What earlier runs left open: their sidecars, and the approvals that may still be reserved. */
export interface LeftOpen extends Intents {
  readonly evidence: readonly StoredEvidence[];
}

export type Swept =
  | {
      readonly tag: "swept";
      readonly ledger: ReadyLedger;
      /** Graphs that stay blocked in this run. */
      readonly pending: ReadonlySet<GraphId>;
      readonly diagnostics: readonly Diagnostic[];
    }
  /** `unknown`: the recovery commit may have landed. */
  | { readonly tag: "stopped"; readonly unknown: boolean; readonly diagnostics: readonly Diagnostic[] };

/** Everything that was judged, before it is recorded. */
interface Judged {
  readonly settled: readonly SettledGraph[];
  readonly pending: ReadonlySet<GraphId>;
  /** Reserved approvals of changes that move no graph: the commit of the sweep ends those that are not used. */
  readonly catalog: readonly CatalogReservation[];
  readonly state: LedgerState;
}

export async function sweep(
  run: ApplyRun,
  base: ReadyLedger,
  left: LeftOpen,
  desired: Desired,
): Promise<Swept> {
  const judged = await judgeAll(run, base, left, desired);
  const { settled, pending, catalog, state } = judged;
  const unreadable = left.unreadable.map((each) => each.diagnostic);
  const diagnostics = [...settled.flatMap(sweptGraphDiagnostics), ...unreadable];
  // A run that holds a catalog approval would commit on the ledger as it is; a revision of the sweep's own ends that.
  if (state === base.state && catalog.every(({ used }) => used)) {
    await cleanUp(run, left, judged);
    return { tag: "swept", ledger: base, pending, diagnostics };
  }
  const committed = await run.commit(base, state, {
    kind: "recovery",
    operations: new Map(),
    changes: [],
    recovered: settled.flatMap(recoveredOperations),
    approvals: newlyConsumed(base, settled),
    graphs: rolledGraphs(settled),
  });
  if (committed.tag !== "committed") {
    const problems = committed.tag === "superseded" ? [overtakenDiagnostic(SETTLED)] : committed.diagnostics;
    return { tag: "stopped", unknown: committed.tag !== "stopped", diagnostics: problems };
  }
  // The next run supplies a head that could not be put; until then the intents stay (design 7).
  if (!committed.ledger.head_missing) await cleanUp(run, left, judged);
  return { tag: "swept", ledger: committed.ledger, pending, diagnostics };
}

const SETTLED = "What earlier runs left open was settled";

async function judgeAll(run: ApplyRun, base: ReadyLedger, left: LeftOpen, desired: Desired): Promise<Judged> {
  const { ports, run_id, actor } = run;
  const groups = byGraph([...left.open, ...reservationIntents(left.evidence, left.open)]);
  const settled = await inWaves([...groups], ([graph, open]) =>
    settleGraph(ports, graph, open, recordedVersion(base, graph), { run_id, actor }),
  );
  const blocked = pendingGraphs({ open: [], unreadable: left.unreadable });
  const pending = new Set([...blocked, ...settled.filter(staysOpen).map((each) => each.graph)]);
  const at = timestamp(ports.clock);
  const recovered = recoverLedger({ state: base.state, desired, settled, root: ports.root, at });
  const state = await settleApplying(ports.engine, recovered, pending);
  return { settled, pending, catalog: catalogReservations(left.evidence, base), state };
}

/** After the commit: destroyed bytes, then approvals, then the sidecars of what is settled for good. */
async function cleanUp(run: ApplyRun, left: LeftOpen, judged: Judged): Promise<void> {
  const verdicts = [...judged.settled.flatMap(evidenceVerdicts), ...judged.catalog.flatMap(catalogVerdict)];
  const undestroyed = await bytesLeft(run.ports.engine, judged.settled.filter(destroyed));
  const unsettled = await settleEvidence(run.ports, left.evidence, verdicts);
  const retired = judged.settled
    .flatMap(retiredIntents)
    .filter((intent) => intent.written_in === "sidecar" && !unsettled.has(intent.operation_id))
    .filter((intent) => !undestroyed.has(intent.graph));
  await removeSidecars(
    run.ports.store,
    retired.map(({ key }) => ({ key, version: null })),
  );
}

/** Takes destroyed bytes away; the graphs of which some may still be there, whose intents stay for the next sweep. */
async function bytesLeft(
  engine: Pick<Engine, "cleanUp">,
  settled: readonly SettledGraph[],
): Promise<ReadonlySet<GraphId>> {
  const left = await inWaves(settled, async ({ graph }) =>
    (await engine.cleanUp(graph)).tag === "done" ? null : graph,
  );
  return new Set(left.filter((graph) => graph !== null));
}

/** A destruction that landed in a run which died may have left the bytes that were to go. */
function destroyed(settled: SettledGraph): boolean {
  if (settled.tag === "blocked") return false;
  return settled.verdicts.some(
    ({ intent, verdict }) =>
      intent.kind === "schema_apply" && intent.approval_id !== null && verdict.startsWith("landed"),
  );
}

function catalogVerdict({ stored, used }: CatalogReservation): readonly EvidenceVerdict[] {
  const { approval_id, state } = stored.evidence;
  if (state.tag !== "reserved") return [];
  return [{ approval_id, operation_id: state.reservation.operation_id, used }];
}

function evidenceVerdicts(settled: SettledGraph): readonly EvidenceVerdict[] {
  if (settled.tag === "blocked") return [];
  return settled.verdicts.flatMap(({ intent: { approval_id, operation_id }, verdict }) => {
    if (approval_id === null || verdict === "overtaken" || verdict === "contradiction") return [];
    return [{ approval_id, operation_id, used: verdict !== "never" }];
  });
}

function byGraph(open: readonly OpenIntent[]): ReadonlyMap<GraphId, readonly OpenIntent[]> {
  const groups = new Map<GraphId, OpenIntent[]>();
  for (const intent of open) groups.set(intent.graph, [...(groups.get(intent.graph) ?? []), intent]);
  return groups;
}

function staysOpen(settled: SettledGraph): boolean {
  if (settled.tag === "blocked") return true;
  return settled.verdicts.some(({ verdict }) => verdict === "contradiction" || verdict === "overtaken");
}

function retiredIntents(settled: SettledGraph): readonly OpenIntent[] {
  if (settled.tag === "blocked") return [];
  const over = settled.verdicts.filter(
    ({ verdict }) => verdict !== "contradiction" && verdict !== "overtaken",
  );
  return over.map(({ intent }) => intent);
}

function recoveredOperations(settled: SettledGraph): readonly RecoveredOperation[] {
  if (settled.tag === "blocked") return [];
  const named = settled.verdicts.filter(({ intent }) => isUlid(intent.operation_id));
  return named.map(({ intent, verdict }) => ({
    operation_id: intent.operation_id as OperationId,
    graph: settled.graph,
    outcome: verdict === "landed" ? "rolled_forward" : verdict,
  }));
}

/** The approvals that this commit is the first to record as used. */
function newlyConsumed(base: ReadyLedger, settled: readonly SettledGraph[]): readonly ConsumedApproval[] {
  return settled.flatMap((each) =>
    each.tag === "blocked" ? [] : each.verdicts.flatMap((row) => consumedBy(base, each.graph, row)),
  );
}

function consumedBy(
  base: ReadyLedger,
  graph: GraphId,
  { intent, verdict }: { readonly intent: OpenIntent; readonly verdict: string },
): readonly ConsumedApproval[] {
  const { approval_id, operation_id, kind } = intent;
  const landed = verdict === "landed" || verdict === "landed_recorded";
  if (!landed || approval_id === null || Object.hasOwn(base.state.approval_records, approval_id)) return [];
  const address = kind === "graph_delete" ? graphAddress(graph) : schemaAddress(graph);
  return [{ approval_id, address, operation_id: operation_id as OperationId }];
}

function rolledGraphs(settled: readonly SettledGraph[]): ReadonlyMap<GraphId, RecordedGraph> {
  const graphs = new Map<GraphId, RecordedGraph>();
  for (const each of settled) {
    if (each.tag === "blocked" || each.observation.tag === "absent") continue;
    if (each.observation.tag === "unreadable" || each.observation.tag === "unavailable") continue;
    if (!each.verdicts.some(({ verdict }) => verdict === "landed")) continue;
    const { version, incarnation } = each.observation.head;
    graphs.set(each.graph, { manifest_version: version, incarnation });
  }
  return graphs;
}
