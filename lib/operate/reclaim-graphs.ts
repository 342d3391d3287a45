/**
 * The reclaim command: takes the bytes of deleted graphs away once their grace period is over (design 6). What is being
 * reclaimed already is emptied again each time, because a writer that was paused may have left bytes there since. What
 * interrupted operations left of living graphs goes with it.
 *
 * Guarantees: nothing is taken whose delete the ledger has not recorded, and nothing before the mark that makes a
 * restore impossible is published in the graph's chain; restore and reclaim race for one version of it.
 */
import type { ApplyRun } from "../apply/apply-run.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { recordedVersion } from "../apply/recorded-graph.ts";
import type { SettledLedger } from "../apply/recovery/settled-ledger.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { GraphId, IncarnationId, OperationId } from "../digest/ids.ts";
import type { EngineOutcome } from "../engine/engine.ts";
import { type ReclaimDue, reclaimDue } from "../engine/reclaim-due.ts";
import { type Operated, type OperateOutput, refusedOperation } from "./operate-output.ts";
import { type OperateCommand, operateRun } from "./operate-run.ts";

export interface ReclaimCommand extends OperateCommand {
  /** Null: every graph below the storage root. */
  readonly graph: GraphId | null;
}

export interface ReclaimedLife {
  readonly graph: GraphId;
  readonly incarnation: IncarnationId;
}

export interface Reclaimed {
  /** Lives whose bytes are gone; a restore of them is impossible. */
  readonly reclaimed: readonly ReclaimedLife[];
}

type Settled = Extract<SettledLedger, { tag: "settled" }>;

export function reclaimGraphs(
  ports: ClusterPorts,
  command: ReclaimCommand,
): Promise<OperateOutput<Reclaimed>> {
  return operateRun<Reclaimed>(ports, "reclaim", command, "reclaim", async (run, settled) => {
    const listing = await ports.engine.graphs();
    if (listing.tag === "unavailable") return refusedOperation([unlisted(listing.reason)]);
    const graphs = listing.graphs.filter((graph) => command.graph === null || graph === command.graph);
    const answers: Reclaiming[] = [];
    for (const graph of graphs) {
      answers.push(...(await reclaimGraph(run, settled, graph)));
      if (!settled.pending.has(graph)) await ports.engine.cleanUp(graph);
    }
    return summary(answers);
  });
}

function unlisted(reason: string): Diagnostic {
  const message = `The graphs below the storage root cannot be listed: ${reason}.`;
  const fix = "Restore access to the storage root, and reclaim again; repeating it is harmless.";
  return diagnostic("graph_observation_error", { path: "graphs", message, fix });
}

interface Reclaiming {
  readonly life: ReclaimedLife;
  readonly problem: Diagnostic | null;
  readonly unknown: boolean;
}

function summary(answers: readonly Reclaiming[]): Operated<Reclaimed> {
  const done = answers.filter((each) => each.problem === null);
  const diagnostics = answers.flatMap((each) => each.problem ?? []);
  const unknown = answers.some((each) => each.unknown);
  const outcome = unknown ? "unknown" : done.length > 0 ? "done" : "noop";
  return { outcome, result: { reclaimed: done.map((each) => each.life) }, diagnostics };
}

/** One life after the other, because each mark is a version of the chain. */
async function reclaimGraph(run: ApplyRun, settled: Settled, graph: GraphId): Promise<readonly Reclaiming[]> {
  const { engine, clock, rules } = run.ports;
  if (settled.pending.has(graph)) return [];
  const due = await reclaimDue(engine, { graph, now_ms: clock.nowMs(), grace_ms: rules.delete_grace_ms });
  const answers: Reclaiming[] = [];
  let expect: number | null = null;
  for (const life of due) {
    if (recordedVersion(settled.ledger, graph) < life.removed_in) {
      answers.push(waiting(graph, life));
      continue;
    }
    const outcome: EngineOutcome = await engine.reclaim({
      graph,
      expect: expect ?? life.expect,
      incarnation: life.incarnation,
      recorded: true,
      operation_id: run.ports.ids.next() as OperationId,
      run_id: run.run_id,
      actor: run.actor,
    });
    if (outcome.tag === "done") expect = outcome.manifest.version;
    answers.push(answer(graph, life, outcome));
  }
  return answers;
}

function waiting(graph: GraphId, { incarnation, removed_in }: ReclaimDue): Reclaiming {
  const message = `graph.${graph} was deleted in version ${removed_in}, and the ledger has not recorded that yet.`;
  const fix = "Run `graphform refresh`, then reclaim again.";
  const problem = diagnostic("graph_reclaim_failed", { path: `graph.${graph}`, message, fix });
  return { life: { graph, incarnation }, problem, unknown: false };
}

function answer(graph: GraphId, { incarnation }: ReclaimDue, outcome: EngineOutcome): Reclaiming {
  const life = { graph, incarnation };
  if (outcome.tag === "done") return { life, problem: null, unknown: false };
  const detail = "reason" in outcome ? outcome.reason : "the graph moved meanwhile";
  const message = `The bytes of graph.${graph}, life ${incarnation}, may still be there: ${detail}.`;
  const code = outcome.tag === "unavailable" ? "graph_unavailable" : "graph_reclaim_failed";
  const problem = diagnostic(code, { path: `graph.${graph}`, message });
  return { life, problem, unknown: outcome.tag === "ambiguous" };
}
