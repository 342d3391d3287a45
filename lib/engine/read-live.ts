/** The manifest and schema that a reading verb uses: the head's, or those of an earlier version. */
import type { ChainContext } from "./context.ts";
import type { AcceptedSchema, Observation, ReadRequest } from "./engine.ts";
import type { Manifest } from "./manifest.ts";
import { observe, readAt } from "./observe.ts";

export type LiveRead =
  | { readonly tag: "read"; readonly manifest: Manifest; readonly schema: AcceptedSchema }
  | { readonly tag: "not_live"; readonly observation: Observation }
  | { readonly tag: "no_such_version" };

export async function readLive(context: ChainContext, request: ReadRequest): Promise<LiveRead> {
  if (request.version === undefined) {
    const observation = await observe(context, request.graph);
    return observation.tag === "live"
      ? { tag: "read", manifest: observation.head, schema: observation.schema }
      : { tag: "not_live", observation };
  }
  if (!Number.isSafeInteger(request.version) || request.version < 1) return { tag: "no_such_version" };
  const at = await readAt(context, request.graph, request.version);
  switch (at.tag) {
    case "found": {
      const other = request.present_life === true ? await otherLife(context, at.manifest) : null;
      if (other !== null) return other;
      return at.schema === null
        ? { tag: "not_live", observation: deadObservation(at.manifest) }
        : { tag: "read", manifest: at.manifest, schema: at.schema };
    }
    case "absent":
      return absentVersion(context, request);
    case "unreadable":
      return { tag: "not_live", observation: { tag: "unreadable", reason: "corrupt", detail: at.detail } };
    case "unavailable":
      return { tag: "not_live", observation: at };
  }
}

/** Null if the graph lives, and this manifest is one of the life that it has. */
async function otherLife(context: ChainContext, { graph, incarnation }: Manifest): Promise<LiveRead | null> {
  const observation = await observe(context, graph);
  if (observation.tag !== "live") return { tag: "not_live", observation };
  return observation.head.incarnation === incarnation ? null : { tag: "no_such_version" };
}

/** Of a graph without a chain, the observation says more than that the version is missing. */
async function absentVersion(context: ChainContext, request: ReadRequest): Promise<LiveRead> {
  const observation = await observe(context, request.graph);
  const hasChain = "head" in observation;
  return hasChain ? { tag: "no_such_version" } : { tag: "not_live", observation };
}

function deadObservation(manifest: Manifest): Observation {
  return manifest.state === "never" ? { tag: "never", head: manifest } : { tag: "deleted", head: manifest };
}
