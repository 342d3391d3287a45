/**
 * Traversals (spec/query 5.7): the checks in the order of the reference, direction inference, what becomes bound.
 */
import type { CatalogEdge } from "../schema/catalog.ts";
import { edgeByWord } from "../schema/catalog.ts";
import type { Name, Traversal } from "./ast.ts";
import { bindVariable } from "./bind-variable.ts";
import type { Place } from "./check-expression.ts";
import { nearestName } from "./nearest-name.ts";
import { ANONYMOUS, type Bound } from "./scope.ts";

/** Checks one traversal and binds what it introduces. */
export function checkTraversal(place: Place, traversal: Traversal): void {
  const { context, scope } = place;
  scope.traversals.push(traversal);
  const edge = edgeByWord(context.catalog, traversal.edge.text);
  if (edge === undefined) {
    context.report.error("T4", traversal.edge.at, unknownEdge(place, traversal));
    for (const end of [traversal.source, traversal.destination]) bindUnknown(place, end);
    if (traversal.edgeBinding !== null) bindUnknown(place, traversal.edgeBinding);
    return;
  }
  context.facts.readsEdge(edge);
  context.facts.touches("edge", edge.name, "from", "read");
  context.facts.touches("edge", edge.name, "to", "read");
  checkBounds(place, traversal);
  if (traversal.undirected && edge.from !== edge.to) {
    const message = `edge \`${edge.name}\` runs from \`${edge.from}\` to \`${edge.to}\`, so that \`<${traversal.edge.text}>\` has no meaning; only edges within one type can be undirected`;
    context.report.error("T22", traversal.edge.at, message);
  }
  const edgeBinding = checkEdgeBinding(place, traversal);
  const endsAreNodes = [traversal.source, traversal.destination].filter((end) => isEdgeVariable(place, end));
  for (const end of endsAreNodes) {
    const message = `edge binding \`$${end.text}\` cannot be the endpoint of a traversal`;
    context.report.error("T23", end.at, message);
  }
  if (endsAreNodes.length === 0) bindEnds(place, traversal, edge);
  if (edgeBinding !== null) bindVariable(place, edgeBinding, { kind: "edge", edge });
}

function unknownEdge(place: Place, traversal: Traversal): string {
  const word = traversal.edge.text;
  const name = nearestName(word, place.context.catalog.edges.keys());
  const hint =
    name === undefined ? "" : `; did you mean \`${name.charAt(0).toLowerCase()}${name.slice(1)}\`?`;
  const reading =
    word === "contains" || word === "starts_with"
      ? `; after a bare variable \`${word}\` is read as an edge, so name a property on the left`
      : hint;
  return `there is no edge \`${word}\`${reading}`;
}

function bindUnknown(place: Place, name: Name): void {
  if (name.text === ANONYMOUS || place.scope.lookup(name.text) !== undefined) return;
  place.scope.bind(name.text, { kind: "unknown" });
}

function checkBounds(place: Place, traversal: Traversal): void {
  const { bounds } = traversal;
  if (bounds === null) return;
  const { report } = place.context;
  if (bounds.min === 0)
    report.error("T15", bounds.at, "a traversal takes at least one hop; start the bounds at 1");
  else if (bounds.max === null) {
    report.error("T15", bounds.at, "a traversal without an upper bound is not allowed; write both bounds");
  } else if (bounds.max < bounds.min) {
    const message = `the upper hop bound ${bounds.max} is below the lower bound ${bounds.min}`;
    report.error("T15", bounds.at, message);
  }
}

function isEdgeVariable(place: Place, end: Name): boolean {
  return end.text !== ANONYMOUS && place.scope.lookup(end.text)?.kind === "edge";
}

/** The name that the traversal may bind to its edge; null if none, or if it was reported. */
function checkEdgeBinding(place: Place, traversal: Traversal): Name | null {
  const { edgeBinding, bounds } = traversal;
  if (edgeBinding === null) return null;
  const { report } = place.context;
  if (bounds !== null && !(bounds.min === 1 && bounds.max === 1)) {
    const message = `edge binding \`$${edgeBinding.text}\` on a multi-hop traversal: several hops are a path, not one edge`;
    report.error("T23", edgeBinding.at, message);
    return null;
  }
  if (edgeBinding.text === ANONYMOUS) return null;
  if (edgeBinding.text === traversal.source.text || edgeBinding.text === traversal.destination.text) {
    const message = `edge binding \`$${edgeBinding.text}\` has the name of an endpoint of its own traversal`;
    report.error("T23", edgeBinding.at, message);
    return null;
  }
  const earlier = place.scope.lookup(edgeBinding.text);
  if (earlier === undefined) return edgeBinding;
  if (earlier.kind !== "unknown") {
    const message = `edge binding \`$${edgeBinding.text}\` is already the name of ${earlier.kind === "edge" ? "an edge" : "a node"}`;
    report.error("T23", edgeBinding.at, message);
  }
  return null;
}

type End = Bound | "free";

/** What stands at an end; `$_` is always free. */
function endOf(place: Place, end: Name): End {
  if (end.text === ANONYMOUS) return "free";
  return place.scope.lookup(end.text) ?? "free";
}

function nodeTypeOf(end: End): string | null {
  return end !== "free" && end.kind === "node" ? end.node.name : null;
}

/** Infers the direction from the ends that are bound, then checks and binds both (spec/query 5.7). */
function bindEnds(place: Place, traversal: Traversal, edge: CatalogEdge): void {
  const source = endOf(place, traversal.source);
  const destination = endOf(place, traversal.destination);
  const sourceType = nodeTypeOf(source);
  const destinationType = nodeTypeOf(destination);
  const known = sourceType ?? destinationType;
  if (known === null) {
    const ambiguous = (source !== "free" || destination !== "free") && edge.from !== edge.to;
    bindEnd(place, traversal.source, source, ambiguous ? null : edge.from);
    bindEnd(place, traversal.destination, destination, ambiguous ? null : edge.to);
    return;
  }
  const forward = sourceType === null ? known === edge.to : known === edge.from;
  const backward = sourceType === null ? known === edge.from : known === edge.to;
  if (!forward && !backward) {
    reportEnd(place, sourceType === null ? traversal.destination : traversal.source, known, edge, null);
    bindEnd(place, traversal.source, source, null);
    bindEnd(place, traversal.destination, destination, null);
    return;
  }
  const [left, right] = forward ? [edge.from, edge.to] : [edge.to, edge.from];
  bindEnd(place, traversal.source, source, left);
  if (destinationType !== null && destinationType !== right) {
    reportEnd(place, traversal.destination, destinationType, edge, right);
  }
  bindEnd(place, traversal.destination, destination, right);
  if (!forward && place.scope.parent !== null) warnOfDirection(place, traversal, edge);
}

function reportEnd(place: Place, end: Name, type: string, edge: CatalogEdge, wanted: string | null): void {
  const needed = wanted === null ? "" : `, and \`${wanted}\` is needed here`;
  const message = `\`$${end.text}\` has type \`${type}\`, but edge \`${edge.name}\` runs from \`${edge.from}\` to \`${edge.to}\`${needed}`;
  place.context.report.error("T5", end.at, message);
}

/** Binds a free end to a type, or to `unknown` where the type cannot be known. */
function bindEnd(place: Place, end: Name, present: End, type: string | null): void {
  if (present !== "free" || end.text === ANONYMOUS || place.scope.lookup(end.text) !== undefined) return;
  const node = type === null ? undefined : place.context.catalog.nodes.get(type);
  bindVariable(place, end, node === undefined ? { kind: "unknown" } : { kind: "node", node });
}

/** OmniGraph 0.10 forgets the direction inside a negation and follows the edge forwards (W-09). */
function warnOfDirection(place: Place, traversal: Traversal, edge: CatalogEdge): void {
  const message = `edge \`${edge.name}\` is written from its target inside a negation; write \`$${traversal.destination.text} ${traversal.edge.text} $${traversal.source.text}\``;
  place.context.report.warn("query_negation_direction", traversal.at, message);
}
