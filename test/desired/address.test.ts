/** Addresses: what is one, what is none, and in which order they come (spec/cluster 0.2; W35). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  graphAddress,
  graphOf,
  kindOf,
  parseAddress,
  policyAddress,
  providerAddress,
  queryAddress,
  schemaAddress,
} from "../../lib/desired/address.ts";
import { compareBytes } from "../../lib/digest/digest.ts";
import type { GraphId } from "../../lib/digest/ids.ts";

const id = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,9}$/);

describe("an address (spec/cluster 0.2)", () => {
  it("parses back into the parts that it was made of", () => {
    fc.assert(
      fc.property(id, id, (graph, name) => {
        const g = graph as GraphId;
        expect(parseAddress(graphAddress(g))).toMatchObject({ kind: "graph", graph });
        expect(parseAddress(schemaAddress(g))).toMatchObject({ kind: "schema", graph });
        expect(parseAddress(queryAddress(g, name))).toMatchObject({ kind: "query", graph, name });
        expect(parseAddress(policyAddress(name))).toMatchObject({ kind: "policy", name });
        expect(parseAddress(providerAddress(name))).toMatchObject({ kind: "embedding_provider", name });
      }),
    );
  });

  it("knows its kind and its graph", () => {
    expect(graphOf(queryAddress("g" as GraphId, "q"))).toBe("g");
    expect(graphOf(policyAddress("p"))).toBeNull();
    expect(kindOf(providerAddress("p"))).toBe("embedding_provider");
  });

  it.each([
    "graph.../x",
    "graph.a/b",
    "graph.a.b",
    "graph.",
    "graph.a b",
    "schema.1a",
    "query.g",
    "query.g.a.b",
    "query..q",
    "provider.a",
    "provider.embedding.a\n",
    "policy.a\u0000",
    "Graph.a",
    "cluster",
    "",
  ])("is not what a ledger key like %j is, so no path is ever made of it (W35)", (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  it("cannot be made of a name that breaks the grammar (W35)", () => {
    expect(() => graphAddress("../x" as GraphId)).toThrow("checked names");
    expect(() => queryAddress("g" as GraphId, "a.b")).toThrow("checked names");
  });
});

describe("byte order", () => {
  it("is the order of the UTF-8 bytes for every pair of texts", () => {
    const text = fc.string({ unit: "binary", maxLength: 12 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        const expected = Buffer.compare(Buffer.from(a, "utf8"), Buffer.from(b, "utf8"));
        expect(Math.sign(compareBytes(a, b))).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });
});
