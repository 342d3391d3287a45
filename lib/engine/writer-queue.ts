/**
 * The writer queue: within one process, writing verbs of one graph take turns in the order of their arrival (design 6).
 *
 * It saves work that would be refused, and protects nothing: two processes, or a writer that outstays its turn, meet
 * at the manifest chain. There is no queue between processes for the same reason: a lease that can be lost would
 * decide nothing that the chain does not decide.
 */
import type { GraphId } from "../digest/ids.ts";
import type { Clock } from "../ports/clock.ts";
import { WRITER_WAIT_MAX_MS } from "./limits.ts";

export type Turn<T> = { readonly tag: "ran"; readonly value: T } | { readonly tag: "graph_busy" };

export interface WriterQueue {
  /** Runs `work` when it is its turn; `graph_busy` if that did not come within the wait. */
  run<T>(graph: GraphId, work: () => Promise<T>): Promise<Turn<T>>;
}

export function createWriterQueue(clock: Clock): WriterQueue {
  /** Per graph, settled when the last writer in line has ended. */
  const tails = new Map<GraphId, Promise<void>>();
  return {
    async run(graph, work) {
      const before = tails.get(graph);
      let leave: () => void = () => undefined;
      const ended = new Promise<void>((resolve) => {
        leave = resolve;
      });
      const tail = before ? before.then(() => ended) : ended;
      tails.set(graph, tail);
      const took = await turn(clock, before, work).finally(leave);
      if (tails.get(graph) === tail) tails.delete(graph);
      return took;
    },
  };
}

async function turn<T>(
  clock: Clock,
  before: Promise<void> | undefined,
  work: () => Promise<T>,
): Promise<Turn<T>> {
  if (before && !(await arrives(clock, before))) return { tag: "graph_busy" };
  return { tag: "ran", value: await work() };
}

/** True if the turn came before the wait was over. */
async function arrives(clock: Clock, before: Promise<void>): Promise<boolean> {
  const wake = new AbortController();
  const patience = clock.sleep(WRITER_WAIT_MAX_MS, wake.signal).then(() => false);
  const came = await Promise.race([before.then(() => true), patience]);
  wake.abort();
  return came;
}
