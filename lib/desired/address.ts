/**
 * Address: the typed name of a resource (spec/cluster 0.2).
 *
 * Guarantees: pure. An `Address` can only be had from the constructors below, from parts that obey the grammar of
 * spec/cluster 1.3, or from `parseAddress`, which checks the same grammar. So no address holds a slash, a dot too
 * many or a blank, and the paths that are made from its parts stay below the storage root (W35). Ledger keys are
 * foreign input: they go through `parseAddress` like everything else.
 */
import { assert } from "../digest/assert.ts";
import type { Brand } from "../digest/digest.ts";
import { type GraphId, isResourceId } from "../digest/ids.ts";

export type Address = Brand<"Address">;

export type ResourceKind = "graph" | "schema" | "query" | "policy" | "embedding_provider";

/** The parts of an address. */
export type AddressParts =
  | { readonly kind: "graph" | "schema"; readonly address: Address; readonly graph: GraphId }
  | { readonly kind: "query"; readonly address: Address; readonly graph: GraphId; readonly name: string }
  | { readonly kind: "policy" | "embedding_provider"; readonly address: Address; readonly name: string };

/** What may be joined into an address: an id or a name that was checked. */
function join(prefix: string, ...names: readonly string[]): Address {
  for (const name of names)
    assert(isResourceId(name), `an address is made of checked names, not of "${name}"`);
  return (prefix + names.join(".")) as Address;
}

export function graphAddress(graph: GraphId): Address {
  return join("graph.", graph);
}

export function schemaAddress(graph: GraphId): Address {
  return join("schema.", graph);
}

export function queryAddress(graph: GraphId, name: string): Address {
  return join("query.", graph, name);
}

export function policyAddress(name: string): Address {
  return join("policy.", name);
}

export function providerAddress(name: string): Address {
  return join("provider.embedding.", name);
}

/** The parts of the address in `text`, or null if it is none: an unknown kind or a name that breaks the grammar. */
export function parseAddress(text: string): AddressParts | null {
  return (
    parseGraphPart(text, "graph", "graph.") ??
    parseGraphPart(text, "schema", "schema.") ??
    parseQuery(text) ??
    parseNamePart(text, "policy", "policy.") ??
    parseNamePart(text, "embedding_provider", "provider.embedding.")
  );
}

function parseGraphPart(text: string, kind: "graph" | "schema", prefix: string): AddressParts | null {
  const graph = rest(text, prefix);
  return graph !== null && isResourceId(graph)
    ? { kind, address: text as Address, graph: graph as GraphId }
    : null;
}

function parseNamePart(
  text: string,
  kind: "policy" | "embedding_provider",
  prefix: string,
): AddressParts | null {
  const name = rest(text, prefix);
  return name !== null && isResourceId(name) ? { kind, address: text as Address, name } : null;
}

function parseQuery(text: string): AddressParts | null {
  const both = rest(text, "query.");
  const dot = both?.indexOf(".") ?? -1;
  if (both === null || dot < 0) return null;
  const graph = both.slice(0, dot);
  const name = both.slice(dot + 1);
  if (!isResourceId(graph) || !isResourceId(name)) return null;
  return { kind: "query", address: text as Address, graph: graph as GraphId, name };
}

function rest(text: string, prefix: string): string | null {
  return text.startsWith(prefix) ? text.slice(prefix.length) : null;
}

/** The graph that `address` belongs to: of a graph, a schema or a query; null for what belongs to the cluster. */
export function graphOf(address: Address): GraphId | null {
  const parts = parseAddress(address);
  assert(parts !== null, "every Address parses");
  return "graph" in parts ? parts.graph : null;
}

/** The kind of `address`, spelt as in `resources[].kind`. */
export function kindOf(address: Address): ResourceKind {
  const parts = parseAddress(address);
  assert(parts !== null, "every Address parses");
  return parts.kind;
}
