/**
 * A reader of chains: the engine for whoever only looks. What stands where, which versions there are and how many rows
 * each type has is in the manifests; neither rows nor compilers are needed, nor loaded. Every other verb is
 * `unavailable`: it belongs to a process that has them.
 */
import type { Digest } from "../digest/digest.ts";
import type { ChainContext } from "./context.ts";
import { count } from "./count.ts";
import type { AcceptedSchema, Engine } from "./engine.ts";
import { listGraphs, observeGraphs } from "./graphs.ts";
import { observe, readAt } from "./observe.ts";

const NOT_HERE = { tag: "unavailable", reason: "this process only looks at manifests" } as const;

export function createChainReader(parts: Omit<ChainContext, "schemas">): Engine {
  const { store, clock, log } = parts;
  const context: ChainContext = { store, clock, log, schemas: new Map<Digest, AcceptedSchema>() };
  const notHere = async () => NOT_HERE;
  const notReadHere = async () => ({ tag: "not_live", observation: NOT_HERE }) as const;
  return {
    observe: (graph) => observe(context, graph),
    at: (graph, version) => readAt(context, graph, version),
    graphs: () => listGraphs(context),
    observeAll: () => observeGraphs(context),
    count: (request) => count(context, request),
    preview: notReadHere,
    create: notHere,
    migrate: notHere,
    keepSchema: async () => ({ tag: "not_kept" }),
    remove: notHere,
    fence: notHere,
    restore: notHere,
    reclaim: notHere,
    load: notHere,
    compact: notHere,
    cleanUp: notHere,
    export: notReadHere,
  };
}
