/**
 * Fence: occupies the version after the head that an effect was decided on, so that the effect can never land
 * (J1, R5). Changes nothing else; on a graph without a chain it is version 1, `never`, after our root marker.
 */
import { ensureMarker } from "./chain.ts";
import type { EngineContext } from "./context.ts";
import type { EngineOutcome, WriteRequest } from "./engine.ts";
import { prepare, refuseAsObserved } from "./prepare.ts";
import { publishVerb } from "./publish-verb.ts";
import { next } from "./successor.ts";

export async function fence(context: EngineContext, request: WriteRequest): Promise<EngineOutcome> {
  const prepared = await prepare(context, request);
  if (prepared.tag === "stopped") return prepared.outcome;
  if (prepared.tag === "landed") return { tag: "done", manifest: prepared.manifest };
  if (prepared.head === null) {
    const marker = await ensureMarker(context, request.graph);
    if (marker.tag === "unavailable") return marker;
    if (marker.tag === "refused") return refuseAsObserved(context, request.graph);
  }
  return publishVerb(context, next(prepared.head, "fence", request, context.clock));
}
