/** Decides the effects of a plan: one for each graph create and each schema update that may run, in address order. */
import { parseAddress, schemaAddress } from "../desired/address.ts";
import type { Desired } from "../desired/desired.ts";
import { assert } from "../digest/assert.ts";
import type { Digest } from "../digest/digest.ts";
import type { GraphId, IncarnationId, OperationId } from "../digest/ids.ts";
import type { Change } from "../plan/change.ts";
import type { GraphFinding } from "../plan/graph-finding.ts";
import type { Ids } from "../ports/ids.ts";
import type { Effect } from "./effect.ts";

/** Creates first, then schema applies (design 5). */
export function decideEffects(
  changes: readonly Change[],
  desired: Desired,
  graphs: ReadonlyMap<GraphId, GraphFinding>,
  ids: Ids,
): readonly Effect[] {
  const running = changes.filter((change) => change.disposition === "applied");
  const creates = running.flatMap((change) => {
    const address = parseAddress(change.resource);
    if (address?.kind !== "graph" || change.operation !== "create") return [];
    return [createEffect(address.graph, desired, graphs, ids)];
  });
  const migrates = running.flatMap((change) => {
    const address = parseAddress(change.resource);
    if (address?.kind !== "schema" || change.operation !== "update") return [];
    return [migrateEffect(address.graph, desired, graphs, ids)];
  });
  return [...creates, ...migrates];
}

function createEffect(
  graph: GraphId,
  desired: Desired,
  graphs: ReadonlyMap<GraphId, GraphFinding>,
  ids: Ids,
): Effect {
  const expect = graphs.get(graph)?.version;
  assert(typeof expect === "number", "a graph that is created has been observed");
  const incarnation = ids.next() as IncarnationId;
  return { kind: "graph_create", graph, incarnation, expect, ...freshFacts(graph, desired, ids) };
}

function migrateEffect(
  graph: GraphId,
  desired: Desired,
  graphs: ReadonlyMap<GraphId, GraphFinding>,
  ids: Ids,
): Effect {
  const finding = graphs.get(graph);
  assert(
    finding !== undefined &&
      finding.version !== null &&
      finding.incarnation !== null &&
      finding.schema_digest !== null,
    "a graph that is migrated has been observed live",
  );
  const live = { live_incarnation: finding.incarnation, live_schema: finding.schema_digest };
  return {
    kind: "schema_apply",
    graph,
    expect: finding.version,
    ...live,
    ...freshFacts(graph, desired, ids),
  };
}

function freshFacts(graph: GraphId, desired: Desired, ids: Ids) {
  const schema = desired.resources.get(schemaAddress(graph));
  assert(schema?.kind === "schema", "every desired graph has a schema");
  return {
    operation_id: ids.next() as OperationId,
    schema_source: schema.source,
    schema_digest: schema.digest as Digest,
  };
}

/** The same effect decided again on a head that a load, a fence or a compaction left (design 6, last rule). */
export function redecide(effect: Effect, head: number, ids: Ids): Effect {
  return { ...effect, operation_id: ids.next() as OperationId, expect: head };
}
