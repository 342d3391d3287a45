/** The last step of every writing verb: publish, and answer with what is there if someone else was first. */
import { publish } from "./chain.ts";
import type { EngineContext } from "./context.ts";
import type { EngineOutcome } from "./engine.ts";
import type { Manifest } from "./manifest.ts";
import { refuseAsObserved } from "./prepare.ts";

/** Publishes the manifest; `refused` carries the observation of whoever has its version. */
export async function publishVerb(context: EngineContext, manifest: Manifest): Promise<EngineOutcome> {
  const publication = await publish(context, manifest);
  context.log.info({
    event: "engine.publish",
    graph: manifest.graph,
    version: manifest.version,
    cause: manifest.cause,
    operation_id: manifest.operation_id,
    outcome: publication.tag,
  });
  return publication.tag === "refused" ? refuseAsObserved(context, manifest.graph) : publication;
}
