/**
 * Load: rows into one graph of the ledger (axiom 6: data is outside the reconcile loop). It needs no lease; the
 * graph's chain alone decides (design 6, 7). Only a graph that the ledger knows is loaded.
 */
import { graphAddress } from "../desired/address.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { type GraphId, type OperationId, parseGraphId, type RunId } from "../digest/ids.ts";
import type { LoadCounts, LoadMode, LoadOutcome, LoadProgress } from "../engine/engine.ts";
import { readLedger } from "../ledger/read-ledger.ts";
import type { ClusterPorts } from "./cluster-ports.ts";
import { usableLedger } from "./ledger-facts.ts";
import { notLiveText } from "./not-live-text.ts";

export const LOAD_OUTPUT_FORMAT_VERSION = 1;

export interface LoadRun {
  readonly graph: string;
  readonly mode: LoadMode;
  readonly actor: string | null;
  readonly config_dir: string;
  readonly source_name: string;
  readonly open: () => AsyncIterable<Uint8Array>;
  readonly progress: (progress: LoadProgress) => void;
  /** A run that was ordered, and the head before its first attempt: it loads once, however often it is tried. */
  readonly ordered?: { readonly run_id: RunId; readonly since_version: number };
}

export interface LoadRunOutput {
  readonly ok: boolean;
  readonly format_version: typeof LOAD_OUTPUT_FORMAT_VERSION;
  readonly config_dir: string;
  readonly graph: string;
  readonly mode: LoadMode;
  readonly actor: string | null;
  readonly run_id: RunId;
  readonly manifest_version: number | null;
  readonly counts: readonly LoadCounts[];
  readonly diagnostics: readonly Diagnostic[];
}

export async function loadGraph(ports: ClusterPorts, run: LoadRun): Promise<LoadRunOutput> {
  const run_id = run.ordered?.run_id ?? (ports.ids.next() as RunId);
  const output = (
    facts: Pick<LoadRunOutput, "ok" | "manifest_version" | "counts" | "diagnostics">,
  ): LoadRunOutput => ({
    ok: facts.ok,
    format_version: LOAD_OUTPUT_FORMAT_VERSION,
    config_dir: run.config_dir,
    graph: run.graph,
    mode: run.mode,
    actor: run.actor,
    run_id,
    manifest_version: facts.manifest_version,
    counts: facts.counts,
    diagnostics: facts.diagnostics,
  });
  const failed = (diagnostics: readonly Diagnostic[]) =>
    output({ ok: false, manifest_version: null, counts: [], diagnostics });
  const graph = await appliedGraph(ports, run.graph);
  if (graph.tag === "failed") return failed(graph.diagnostics);
  const { mode, actor, open, source_name, progress } = run;
  const operation_id = ports.ids.next() as OperationId;
  const outcome = await ports.engine.load({
    ...{ graph: graph.graph, mode, open, source_name, progress },
    ...{ operation_id, run_id, actor, since_version: run.ordered?.since_version },
  });
  if (outcome.tag !== "done") return failed(problems(outcome, run.graph));
  return output({
    ok: true,
    manifest_version: outcome.manifest.version,
    counts: outcome.counts,
    diagnostics: [],
  });
}

type AppliedGraph =
  | { readonly tag: "applied"; readonly graph: GraphId }
  | { readonly tag: "failed"; readonly diagnostics: readonly Diagnostic[] };

async function appliedGraph(ports: ClusterPorts, text: string): Promise<AppliedGraph> {
  const usable = usableLedger(await readLedger(ports, { repair: false }), "load into");
  if (usable.tag === "unusable") return { tag: "failed", diagnostics: usable.diagnostics };
  const graph = parseGraphId(text);
  if (graph !== null && graphAddress(graph) in usable.ledger.state.applied_revision.resources) {
    return { tag: "applied", graph };
  }
  const known = Object.keys(usable.ledger.state.applied_revision.resources)
    .filter((address) => address.startsWith("graph."))
    .map((address) => address.slice("graph.".length));
  const list = known.length === 0 ? "It has no graph yet" : `It has ${known.join(", ")}`;
  const message = `The ledger has no graph "${text}". ${list}; the cluster apply command creates what the config declares.`;
  return {
    tag: "failed",
    diagnostics: [diagnostic("graph_not_applied", { path: `graph.${text}`, message })],
  };
}

function problems(outcome: Exclude<LoadOutcome, { tag: "done" }>, graph: string): readonly Diagnostic[] {
  const failed = (message: string) => [diagnostic("load_failed", { path: `graph.${graph}`, message })];
  const unanswered = (message: string) => [
    diagnostic("load_failed", { path: `graph.${graph}`, message, rule: "graph_unavailable" }),
  ];
  switch (outcome.tag) {
    case "invalid":
      return outcome.diagnostics;
    case "refused":
      return failed(`graph.${graph} cannot be loaded: ${notLiveText(outcome.head)}.`);
    case "conflict":
      return unanswered("The store decided nothing.");
    case "unavailable":
      return unanswered(`The graph cannot be written: ${outcome.reason}.`);
    case "ambiguous": {
      const message = `It is not known whether the load of graph.${graph} landed: ${outcome.reason}.`;
      return [diagnostic("load_outcome_unknown", { path: `graph.${graph}`, message })];
    }
    default:
      return assertNever(outcome);
  }
}
