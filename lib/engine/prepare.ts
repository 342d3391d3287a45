/**
 * What every writing verb does before its own work: read the head, recognise an operation that has landed already,
 * and refuse to work on any other head than the one the request was decided on.
 *
 * Guarantees: reads only. `expect` is taken as given and never replaced by what is observed now (A2). `landed` is told
 * by the operation id in version `expect + 1`, whatever came after it.
 */
import { assertNever } from "../digest/assert.ts";
import { readHead, readVersion } from "./chain.ts";
import type { EngineContext } from "./context.ts";
import type { EngineOutcome, WriteRequest } from "./engine.ts";
import type { Manifest } from "./manifest.ts";
import { observationOf, observe } from "./observe.ts";

export type Prepared =
  /** Version `expect` is the head; null where there is no chain and `expect` is 0. */
  | { readonly tag: "ready"; readonly head: Manifest | null }
  | { readonly tag: "landed"; readonly manifest: Manifest; readonly head: Manifest }
  | { readonly tag: "stopped"; readonly outcome: EngineOutcome };

export async function prepare(context: EngineContext, request: WriteRequest): Promise<Prepared> {
  const read = await readHead(context, request.graph);
  switch (read.tag) {
    case "unavailable":
      return stopped(read);
    case "unreadable":
      return stopped({ tag: "refused", head: read });
    case "absent":
      return request.expect === 0 ? { tag: "ready", head: null } : stopped({ tag: "refused", head: read });
    case "head":
      return prepareOn(context, request, read.manifest);
    default:
      return assertNever(read);
  }
}

async function prepareOn(context: EngineContext, request: WriteRequest, head: Manifest): Promise<Prepared> {
  if (head.version === request.expect) return { tag: "ready", head };
  if (head.version < request.expect) return refusedOn(context, head);
  const next = await readVersion(context, request.graph, request.expect + 1);
  if (next.tag === "unavailable") return stopped(next);
  if (next.tag === "found" && next.manifest.operation_id === request.operation_id) {
    return { tag: "landed", manifest: next.manifest, head };
  }
  return refusedOn(context, head);
}

/** The verb is not possible on this head. */
export async function refuse(context: EngineContext, head: Manifest): Promise<EngineOutcome> {
  const observation = await observationOf(context, head);
  return observation.tag === "unavailable" ? observation : { tag: "refused", head: observation };
}

/** What is at the graph now, as the answer of a verb that lost its version. */
export async function refuseAsObserved(
  context: EngineContext,
  graph: Manifest["graph"],
): Promise<EngineOutcome> {
  return { tag: "refused", head: await observe(context, graph) };
}

async function refusedOn(context: EngineContext, head: Manifest): Promise<Prepared> {
  return stopped(await refuse(context, head));
}

function stopped(outcome: EngineOutcome): Prepared {
  return { tag: "stopped", outcome };
}
