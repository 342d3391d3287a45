/**
 * The sweep: settles what earlier runs left open, before anything else is done (design 7). Runs under the lease, on
 * the ledger that was read under it; reads the ledger first, then intents, then graphs, never in another order.
 *
 * Roll-forward only. Each verdict is a row of the truth table; a graph whose intents cannot be settled is left alone.
 * Recovery is a commit of its own, and sidecars are removed only after it. Sweeping twice is sweeping once (R1); a
 * sweep may die anywhere (R2).
 */
import { graphAddress, schemaAddress } from "../desired/address.ts";
import type { Desired } from "../desired/desired.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { type GraphId, isUlid, type OperationId } from "../digest/ids.ts";
import type { ReadyLedger } from "../ledger/reading.ts";
import type { RecordedGraph, RecoveredOperation } from "../ledger/receipt.ts";
import { timestamp } from "../ports/clock.ts";
import type { ApplyRun } from "./apply-run.ts";
import { type Intents, type OpenIntent, pendingGraphs } from "./intents.ts";
import { overtakenDiagnostic } from "./overtaken.ts";
import { recordedVersion } from "./recorded-graph.ts";
import { recoverLedger, settleApplying } from "./recover-ledger.ts";
import { removeSidecars } from "./remove-sidecars.ts";
import { type RecordedOfGraph, type SettledGraph, settleGraph } from "./settle-graph.ts";
import { inWaves } from "./wave.ts";

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

export async function sweep(
  run: ApplyRun,
  base: ReadyLedger,
  intents: Intents,
  desired: Desired,
): Promise<Swept> {
  const groups = byGraph(intents.open);
  const by = { run_id: run.run_id, actor: run.actor };
  const settled = await inWaves([...groups], ([graph, open]) =>
    settleGraph(run.ports, graph, open, recordedOf(base, graph), by),
  );
  const blocked = pendingGraphs({ open: [], unreadable: intents.unreadable });
  const pending = new Set([...blocked, ...settled.filter(staysOpen).map((each) => each.graph)]);
  const at = timestamp(run.ports.clock);
  const recovered = recoverLedger({
    state: base.state,
    desired,
    settled,
    root: run.ports.root,
    at,
    actor: run.actor,
  });
  const state = await settleApplying(run.ports.engine, recovered, pending);
  const diagnostics = [...settled.flatMap((each) => reportGraph(each)), ...unreadable(intents)];
  const retired = settled.flatMap(retiredIntents);
  if (state === base.state) {
    await removeSidecars(run.ports.store, retired);
    return { tag: "swept", ledger: base, pending, diagnostics };
  }
  const facts = {
    kind: "recovery",
    operations: new Map(),
    changes: [],
    recovered: settled.flatMap(recoveredOperations),
    graphs: rolledGraphs(settled),
  } as const;
  const committed = await run.commit(base, state, facts);
  if (committed.tag !== "committed") {
    const problems = committed.tag === "superseded" ? [overtakenDiagnostic(SETTLED)] : committed.diagnostics;
    return { tag: "stopped", unknown: committed.tag !== "stopped", diagnostics: problems };
  }
  // The next run supplies a head that could not be put; until then the intents stay (design 7).
  if (!committed.ledger.head_missing) await removeSidecars(run.ports.store, retired);
  return { tag: "swept", ledger: committed.ledger, pending, diagnostics };
}

const SETTLED = "What earlier runs left open was settled";

function recordedOf(base: ReadyLedger, graph: GraphId): RecordedOfGraph {
  const { resources } = base.state.applied_revision;
  return {
    version: recordedVersion(base, graph),
    graph: graphAddress(graph) in resources,
    schema_digest: resources[schemaAddress(graph)]?.digest ?? null,
  };
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

function retiredIntents(settled: SettledGraph) {
  if (settled.tag === "blocked") return [];
  const over = settled.verdicts.filter(
    ({ verdict }) => verdict !== "contradiction" && verdict !== "overtaken",
  );
  return over.map(({ intent }) => intent.key);
}

/** Another tool's file may have any text for an id; only ids that are ULIDs belong into a receipt. */
function recoveredOperations(settled: SettledGraph): readonly RecoveredOperation[] {
  if (settled.tag === "blocked") return [];
  const named = settled.verdicts.filter(({ intent }) => isUlid(intent.sidecar.operation_id));
  return named.map(({ intent, verdict }) => ({
    operation_id: intent.sidecar.operation_id as OperationId,
    graph: settled.graph,
    outcome: verdict === "landed" ? "rolled_forward" : verdict,
  }));
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

function unreadable(intents: Intents): readonly Diagnostic[] {
  return intents.unreadable.map((each) => each.diagnostic);
}

function reportGraph(settled: SettledGraph): readonly Diagnostic[] {
  const path = `graph.${settled.graph}`;
  if (settled.tag === "blocked") {
    const message = `An earlier operation on ${path} cannot be settled: ${settled.detail}.`;
    if (settled.incomplete) return [diagnostic("graph_create_incomplete", { path, message })];
    const files = settled.intents.map((intent) => intent.key).join(", ");
    const fix = `Put right what the message names and run \`graphform refresh\`. If the operation is known to be over and no command is running, move ${files} away instead.`;
    return [diagnostic("cluster_recovery_pending", { path, message, fix })];
  }
  return settled.verdicts.flatMap(({ intent, verdict }) => {
    const operation = `${intent.sidecar.kind} ${intent.sidecar.operation_id}`;
    switch (verdict) {
      case "landed": {
        const message = `The interrupted ${operation} of ${path} had landed; the ledger records it now.`;
        return [diagnostic("cluster_recovery_rolled_forward", { path, message })];
      }
      case "overtaken": {
        const message = `The interrupted ${operation} of ${path} landed, and the graph was changed again since. A refresh records what is there.`;
        const fix = "Run `graphform refresh`, then apply again.";
        return [diagnostic("cluster_recovery_pending", { path, message, fix })];
      }
      case "contradiction": {
        const message = `${operation} of ${path} was decided on a version that the graph does not have. Was its folder replaced?`;
        const fix = `If an older copy of the graph was put back on purpose and no command is running, move ${intent.key} away, then run \`graphform refresh\` and apply again.`;
        return [diagnostic("cluster_recovery_pending", { path, message, fix })];
      }
      case "never":
        return intent.sidecar.kind === "graph_delete" ? deletedNothing(settled) : [];
      case "landed_recorded":
        return [];
      default:
        return assertNever(verdict);
    }
  });
}

/** The plan proposes the delete again, so nothing is lost by giving its intent up. */
function deletedNothing({ graph, observation }: Extract<SettledGraph, { tag: "judged" }>) {
  if (observation.tag !== "live") return [];
  const path = `graph.${graph}`;
  const message = `The interrupted delete of ${path} did not happen; the graph is still there.`;
  return [diagnostic("graph_delete_incomplete", { path, message })];
}
