/**
 * `observations["graph.<id>"]`: what was last seen of a graph, in OmniGraph's shape (spec/cluster 4.1) with the
 * incarnation behind it; readers of that map ignore what they do not know.
 */
import { graphAddress, schemaAddress } from "../desired/address.ts";
import type { Desired } from "../desired/desired.ts";
import { NO_CONFIG } from "../desired/no-config.ts";
import type { GraphId } from "../digest/ids.ts";
import type { Manifest } from "../engine/manifest.ts";
import { isJsonObject } from "../ledger/json-text.ts";
import type { JsonObject, LedgerState } from "../ledger/state.ts";

export interface GraphSighting {
  readonly graph: GraphId;
  readonly root: string;
  readonly observed_at: string;
  readonly desired_schema_digest: string | null;
}

/**
 * The digest of the schema that the config wants for the graph, or null. Where no config is at hand, the one that was
 * wanted when the graph was last looked at with one.
 */
export function wantedSchema(desired: Desired, state: LedgerState, graph: GraphId): string | null {
  if (desired !== NO_CONFIG) return desired.resources.get(schemaAddress(graph))?.digest ?? null;
  const seen = state.observations[graphAddress(graph)];
  const wanted = isJsonObject(seen) ? seen["desired_schema_digest"] : null;
  return typeof wanted === "string" ? wanted : null;
}

function observation(sighting: GraphSighting, facts: JsonObject): JsonObject {
  return {
    kind: "graph",
    address: `graph.${sighting.graph}`,
    graph_uri: `${sighting.root}/graphs/${sighting.graph}.omni`,
    observed_at: sighting.observed_at,
    exists: facts["exists"]!,
    graph_manifest_version: facts["graph_manifest_version"]!,
    schema_digest: facts["schema_digest"]!,
    desired_schema_digest: sighting.desired_schema_digest,
    schema_matches_desired: facts["schema_matches_desired"]!,
    error: facts["error"]!,
    ...(facts["incarnation"] === undefined ? {} : { incarnation: facts["incarnation"] }),
  };
}

/** A graph that is live at `manifest`. */
export function liveObservation(sighting: GraphSighting, manifest: Manifest): JsonObject {
  const digest = manifest.schema_digest;
  return observation(sighting, {
    exists: true,
    graph_manifest_version: manifest.version,
    schema_digest: digest,
    schema_matches_desired:
      sighting.desired_schema_digest === null ? null : digest === sighting.desired_schema_digest,
    error: null,
    incarnation: manifest.incarnation,
  });
}

/** A graph that is proven not to be there; `version` is the head of a chain without a live graph. */
export function absentObservation(sighting: GraphSighting, version: number | null): JsonObject {
  return observation(sighting, {
    exists: false,
    graph_manifest_version: version,
    schema_digest: null,
    schema_matches_desired: false,
    error: `no graph is live at ${sighting.root}/graphs/${sighting.graph}.omni`,
  });
}

/**
 * A graph whose delete is recorded, in OmniGraph's shape (spec/cluster 9.4), with the version of our manifest that says
 * so behind it.
 */
export function tombstone(
  facts: { readonly deleted_at: string; readonly approval_id: string | null },
  manifest: Pick<Manifest, "actor" | "version">,
): JsonObject {
  const { deleted_at, approval_id } = facts;
  const { actor, version } = manifest;
  return { kind: "tombstone", deleted_at, approval_id, actor, graph_manifest_version: version };
}

/** Something is there, or may be, that could not be read. */
export function failedObservation(sighting: GraphSighting, error: string): JsonObject {
  return observation(sighting, {
    exists: true,
    graph_manifest_version: null,
    schema_digest: null,
    schema_matches_desired: null,
    error,
  });
}
