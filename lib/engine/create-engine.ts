/**
 * The built-in engine: the verbs over an object store (the chain) and tables (the rows). One file a verb; this one
 * only joins them and gives writing verbs their turns.
 *
 * Create, fence and reclaim take no turn: they do little work before they publish, and a fence must not wait for the
 * writer that it is there to stop.
 */
import type { Digest } from "../digest/digest.ts";
import type { GraphId } from "../digest/ids.ts";
import type { Clock } from "../ports/clock.ts";
import type { Ids } from "../ports/ids.ts";
import type { Log } from "../ports/log.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import { cleanUpGraph } from "./clean-up.ts";
import { compact } from "./compact.ts";
import type { EngineContext } from "./context.ts";
import { count } from "./count.ts";
import { create } from "./create.ts";
import type { AcceptedSchema, Engine } from "./engine.ts";
import { GRAPH_BUSY } from "./explain.ts";
import { exportRows } from "./export.ts";
import { fence } from "./fence.ts";
import { listGraphs, observeGraphs } from "./graphs.ts";
import { keepSchema } from "./keep-schema.ts";
import { SOFT_DROP_WINDOW_MS } from "./limits.ts";
import { stageLoad } from "./load/stage-load.ts";
import { load } from "./load.ts";
import { migrate } from "./migrate.ts";
import { observe, readAt } from "./observe.ts";
import { preview } from "./preview.ts";
import { reclaim } from "./reclaim.ts";
import { remove } from "./remove.ts";
import { restore } from "./restore.ts";
import type { Tables } from "./tables.ts";
import { createWriterQueue } from "./writer-queue.ts";

export interface EngineParts {
  readonly store: ObjectStore;
  readonly tables: Tables;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** How long an earlier version protects what it shows; a deployment's parameter. */
  readonly soft_drop_window_ms?: number | undefined;
}

export function createEngine(parts: EngineParts): Engine {
  const context: EngineContext = {
    store: parts.store,
    tables: parts.tables,
    clock: parts.clock,
    ids: parts.ids,
    log: parts.log,
    stageLoad,
    schemas: new Map<Digest, AcceptedSchema>(),
    writers: createWriterQueue(parts.clock),
    soft_drop_window_ms: parts.soft_drop_window_ms ?? SOFT_DROP_WINDOW_MS,
  };
  return {
    observe: (graph, likely) => observe(context, graph, likely),
    at: (graph, version) => readAt(context, graph, version),
    graphs: () => listGraphs(context),
    observeAll: () => observeGraphs(context),
    preview: (request) => preview(context, request),
    create: (request) => create(context, request),
    fence: (request) => fence(context, request),
    reclaim: (request) => reclaim(context, request),
    migrate: (request) => inTurn(context, request.graph, () => migrate(context, request)),
    keepSchema: (request) => keepSchema(context, request),
    remove: (request) => inTurn(context, request.graph, () => remove(context, request)),
    restore: (request) => inTurn(context, request.graph, () => restore(context, request)),
    compact: (request) => inTurn(context, request.graph, () => compact(context, request)),
    load: (request) => inTurn(context, request.graph, () => load(context, request)),
    cleanUp: (graph) => cleanUpGraph(context, graph),
    export: (request) => exportRows(context, request),
    count: (request) => count(context, request),
  };
}

type Busy = { readonly tag: "unavailable"; readonly reason: string };

async function inTurn<T>(context: EngineContext, graph: GraphId, work: () => Promise<T>): Promise<T | Busy> {
  const turn = await context.writers.run(graph, work);
  if (turn.tag === "ran") return turn.value;
  return { tag: "unavailable", reason: `${GRAPH_BUSY}: another writer has the graph; nothing was attempted` };
}
