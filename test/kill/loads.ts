/** Loads of a round: a process that loads a batch, and is killed, stopped, or let be. */
import type { Ran, Running } from "../cli/command.ts";
import { type Batch, type BatchState, type LoadedBatch, newBatch, writeBatch } from "./batches.ts";
import type { DeclaredGraph } from "./declared-cluster.ts";
import { demand, type Stage } from "./stage.ts";
import { blowAt, describeBlow, strike } from "./victim.ts";

const ROWS_MAX = 60;

export interface Loading {
  readonly loaded: LoadedBatch;
  /** It is stopped and will say how it ends once it was continued. */
  readonly stopped: Running | null;
}

/** Loads a batch into one of `graphs`; `beside` an apply it brings only values that every schema has. */
export async function loadBatch(
  stage: Stage,
  graphs: readonly DeclaredGraph[],
  id: string,
  beside: boolean,
): Promise<Loading> {
  const { folder, random, trace } = stage;
  const graph = random.pick(graphs);
  const batch = newBatch(graph, id, random.between(1, ROWS_MAX), beside);
  const file = writeBatch(folder, batch, graph);
  const blow = random.chance(0.5) ? blowAt(stage.clean.load, random, beside) : null;
  trace.push(
    `load ${id}, ${batch.slugs.length} rows into ${graph.id}${beside ? ", beside" : ""}, ${describeBlow(blow)}`,
  );
  const struck = await strike(folder, ["load", "--json", "--graph", graph.id, file], blow);
  switch (struck.tag) {
    case "killed":
      return { loaded: { batch, state: "in_doubt" }, stopped: null };
    case "stopped":
      return { loaded: { batch, state: "in_doubt" }, stopped: struck.running };
    case "survived":
      return { loaded: endOf(stage, batch, struck.ran), stopped: null };
  }
}

/** What a load that came to its end says of its batch. */
export function endOf(stage: Stage, batch: Batch, ran: Ran): LoadedBatch {
  const state = stateOf(ran);
  stage.trace.push(`load ${batch.id} ends with ${ran.code}: ${state}`);
  return { batch, state };
}

function stateOf({ code, out, err }: Ran): BatchState {
  if (code === 0) return "loaded";
  if (code === null) return "in_doubt";
  demand(out.startsWith("{"), `a load ends with ${code} and says: ${out}${err}`);
  const { diagnostics } = JSON.parse(out) as { readonly diagnostics: readonly { readonly code: string }[] };
  return diagnostics.some((each) => each.code === "load_outcome_unknown") ? "in_doubt" : "lost";
}
