/**
 * What a run has left to do of its own plan when it goes on after it was stopped, or after it died (design 7: its plan
 * stays valid for itself). Pure.
 *
 * `fresh` is the plan of the same config, made now. An address that needs no change any more is done. What the run has
 * done explains some of what is otherwise a sign that the world has moved: a graph whose schema is done is live with
 * exactly that schema, and the composite of a graph follows from its children. Everything else must still be as it was.
 */
import { type Address, parseAddress } from "../desired/address.ts";
import type { GraphId } from "../digest/ids.ts";
import type { Change } from "./change.ts";
import type { PlanDocument, Precondition } from "./plan-document.ts";

/** The rest of `reviewed`, to be compared with `fresh` like any reviewed plan. */
export function planLeft(reviewed: PlanDocument, fresh: PlanDocument): PlanDocument {
  const now = new Map(fresh.preconditions.map((each) => [each.address, each]));
  const done = doneBy(reviewed.changes.filter((each) => !now.has(each.resource)));
  return {
    ...reviewed,
    changes: reviewed.changes.flatMap((each) => (now.has(each.resource) ? [changeLeft(each, done)] : [])),
    preconditions: reviewed.preconditions.flatMap((each) => {
      const present = now.get(each.address);
      return present === undefined ? [] : [preconditionLeft(each, present, done)];
    }),
  };
}

interface Done {
  /** Graphs that were created or migrated, with the schema that they have got. */
  readonly schemas: ReadonlyMap<GraphId, string>;
  /** Graphs of which something is done, so that their composite has changed. */
  readonly graphs: ReadonlySet<GraphId>;
}

function doneBy(changes: readonly Change[]): Done {
  const schemas = new Map<GraphId, string>();
  const graphs = new Set<GraphId>();
  for (const { resource, after_digest } of changes) {
    const address = parseAddress(resource);
    if (address === null || !("graph" in address)) continue;
    graphs.add(address.graph);
    if (address.kind === "schema" && after_digest !== undefined) schemas.set(address.graph, after_digest);
  }
  return { schemas, graphs };
}

/** A graph whose create was recorded before its queries were is only updated from then on. */
function changeLeft(change: Change, { schemas }: Done): Change {
  const graph = graphAt(change.resource);
  if (graph === null || change.operation !== "create" || !schemas.has(graph)) return change;
  return { ...change, operation: "update", disposition: "derived" };
}

function preconditionLeft(before: Precondition, now: Precondition, done: Done): Precondition {
  const address = parseAddress(before.address);
  if (address === null || !("graph" in address)) return before;
  const { graph, kind } = address;
  const composite = kind === "graph" && done.graphs.has(graph) ? { ledger_digest: now.ledger_digest } : {};
  const schema = done.schemas.get(graph);
  const seen = now.live_schema_digest;
  // The graph is looked at only where the rest of the plan needs it.
  if (schema === undefined || (seen !== null && seen !== schema)) return { ...before, ...composite };
  const incarnation =
    before.incarnation === null || now.incarnation === null ? now.incarnation : before.incarnation;
  return { ...before, ...composite, live_schema_digest: seen, incarnation };
}

function graphAt(resource: Address): GraphId | null {
  const address = parseAddress(resource);
  return address?.kind === "graph" ? address.graph : null;
}
