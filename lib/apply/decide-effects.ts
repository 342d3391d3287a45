/**
 * Decides the effects of a plan: one for each graph create, each schema update and each approved graph delete that may
 * run, in this order and then by address (design 5).
 */
import { type Address, parseAddress, schemaAddress } from "../desired/address.ts";
import type { Desired } from "../desired/desired.ts";
import { assert } from "../digest/assert.ts";
import type { Digest } from "../digest/digest.ts";
import type { GraphId, IncarnationId, OperationId } from "../digest/ids.ts";
import type { LiveGraph } from "../engine/engine.ts";
import type { Change } from "../plan/change.ts";
import type { GraphFinding } from "../plan/graph-finding.ts";
import type { Ids } from "../ports/ids.ts";
import type { StoredEvidence } from "./approvals/approval-store.ts";
import type { ApprovalUse } from "./approvals/reservations.ts";
import type { CreateEffect, DeleteEffect, Effect, MigrateEffect } from "./effect.ts";

/** What effects are decided on: a plan that was made under the lease, with what it was made from. */
export interface DecidedOn {
  readonly changes: readonly Change[];
  readonly desired: Desired;
  readonly graphs: ReadonlyMap<GraphId, GraphFinding>;
  /** The graphs that live, as they were observed for the plan. */
  readonly live: ReadonlyMap<GraphId, LiveGraph>;
  /** The approvals that open the gates of the plan. */
  readonly approvals: ReadonlyMap<Address, StoredEvidence>;
  readonly ids: Ids;
}

export function decideEffects(on: DecidedOn): readonly Effect[] {
  const running = on.changes.filter((change) => change.disposition === "applied");
  const decided = (
    kind: "graph" | "schema",
    operation: Change["operation"],
    decide: (graph: GraphId, change: Change) => Effect,
  ) =>
    running.flatMap((change) => {
      const address = parseAddress(change.resource);
      if (address?.kind !== kind || change.operation !== operation) return [];
      return [decide(address.graph, change)];
    });
  return [
    ...decided("graph", "create", (graph) => createEffect(graph, on)),
    ...decided("schema", "update", (graph, change) => migrateEffect(graph, change, on)),
    ...decided("graph", "delete", (graph, change) => deleteEffect(graph, change, on)),
  ];
}

/** The approvals of running changes that move no graph: policies. */
export function decideCatalogUses(on: DecidedOn): readonly ApprovalUse[] {
  return on.changes.flatMap((change) => {
    const stored = on.approvals.get(change.resource);
    const policy = parseAddress(change.resource)?.kind === "policy";
    if (!policy || change.disposition !== "applied" || stored === undefined) return [];
    const operation_id = on.ids.next() as OperationId;
    return [{ address: change.resource, operation_id, graph: null, expect: null, stored }];
  });
}

function createEffect(graph: GraphId, on: DecidedOn): CreateEffect {
  const expect = on.graphs.get(graph)?.version;
  assert(typeof expect === "number", "a graph that is created has been observed");
  const incarnation = on.ids.next() as IncarnationId;
  const facts = { graph, incarnation, expect, approval: null };
  return { kind: "graph_create", ...facts, ...desiredSchema(graph, on), operation_id: operationId(on) };
}

function migrateEffect(graph: GraphId, change: Change, on: DecidedOn): MigrateEffect {
  const live = liveGraph(graph, on);
  const schema =
    change.purge === true
      ? { schema_source: live.schema_source, schema_digest: live.schema_digest as Digest }
      : desiredSchema(graph, on);
  assert(schema.schema_source !== undefined, "a purge keeps the schema that was observed");
  const destroys = change.purge === true || change.data_loss === true;
  const approval = destroys ? on.approvals.get(change.resource) : null;
  assert(approval !== undefined, "data is destroyed only with an approval (C1)");
  return {
    kind: "schema_apply",
    graph,
    expect: live.expect,
    on: on.live.get(graph),
    live_incarnation: live.incarnation,
    live_schema: live.schema_digest,
    schema_source: schema.schema_source,
    schema_digest: schema.schema_digest,
    approval,
    operation_id: operationId(on),
  };
}

function deleteEffect(graph: GraphId, change: Change, on: DecidedOn): DeleteEffect {
  const { expect, incarnation } = liveGraph(graph, on);
  const approval = on.approvals.get(change.resource);
  assert(approval !== undefined, "a graph is deleted only with an approval (C1)");
  assert(approval.evidence.incarnation === incarnation, "an approval is for one incarnation (C1)");
  const operation_id = operationId(on);
  return { kind: "graph_delete", graph, expect, live_incarnation: incarnation, approval, operation_id };
}

function liveGraph(graph: GraphId, on: DecidedOn) {
  const finding = on.graphs.get(graph);
  assert(
    finding !== undefined &&
      finding.version !== null &&
      finding.incarnation !== null &&
      finding.schema_digest !== null,
    "a graph that is migrated or deleted has been observed live",
  );
  const { version, incarnation, schema_digest, schema_source } = finding;
  return { expect: version, incarnation, schema_digest, schema_source };
}

function desiredSchema(graph: GraphId, on: DecidedOn) {
  const schema = on.desired.resources.get(schemaAddress(graph));
  assert(schema?.kind === "schema", "every desired graph has a schema");
  return { schema_source: schema.source, schema_digest: schema.digest as Digest };
}

function operationId(on: DecidedOn): OperationId {
  return on.ids.next() as OperationId;
}

/** The same effect decided again on a head that a load, a fence or a compaction left (design 6, last rule). */
export function redecide(effect: Effect, head: number, ids: Ids): Effect {
  const anew = { operation_id: ids.next() as OperationId, expect: head, intent: undefined };
  return effect.kind === "schema_apply"
    ? { ...effect, ...anew, on: undefined, kept: undefined }
    : { ...effect, ...anew };
}
