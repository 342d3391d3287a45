/**
 * LegacyObservations: the one rewrite on reading (spec/cluster 4.2, step 5). Old ledgers call an observation's
 * `graph_manifest_version` plain `manifest_version`. The key is renamed where it stands; two names with equal values
 * collapse into the new one; two names with different values are a contradiction that only a person can settle.
 * The rewrite is in memory and alone does not count as a change.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { isJsonObject, orderedKeys, orderedObject, writeJson } from "./json-text.ts";
import type { JsonObject, JsonValue } from "./state.ts";

const OLD_KEY = "manifest_version";
const NEW_KEY = "graph_manifest_version";

export interface RewrittenObservations {
  readonly observations: Readonly<Record<string, JsonValue>>;
  readonly diagnostics: readonly Diagnostic[];
}

function renamed(observation: JsonObject): JsonObject {
  const both = Object.hasOwn(observation, NEW_KEY);
  const keys = orderedKeys(observation).filter((key) => !(both && key === OLD_KEY));
  return orderedObject(keys.map((key) => [key === OLD_KEY ? NEW_KEY : key, observation[key] ?? null]));
}

/** The observations under their new names. */
export function rewriteLegacyObservations(observations: JsonObject): RewrittenObservations {
  const diagnostics: Diagnostic[] = [];
  const entries = orderedKeys(observations).map((address): readonly [string, JsonValue] => {
    const observation = observations[address] ?? null;
    if (!isJsonObject(observation) || !Object.hasOwn(observation, OLD_KEY)) return [address, observation];
    const older = writeJson(observation[OLD_KEY] ?? null);
    const newer = Object.hasOwn(observation, NEW_KEY) ? writeJson(observation[NEW_KEY] ?? null) : older;
    if (older !== newer) {
      diagnostics.push(
        diagnostic("conflicting_graph_manifest_observation", {
          path: `state.observations.${address}`,
          message: `The observation of ${address} says manifest version ${newer} and, under the old name, ${older}.`,
        }),
      );
    }
    return [address, renamed(observation)];
  });
  return { observations: orderedObject(entries), diagnostics };
}
