/** examples/company-brain shows the language broadly and its data fits (issue 2: what the example must hold). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { openDesired } from "../../cli/open-config.ts";
import type { Desired, DesiredQuery } from "../../lib/desired/desired.ts";
import { EXAMPLE } from "./command.ts";

const QUERIES_MIN = 20;
const ROWS_MIN = 300;

describe("examples/company-brain", () => {
  let desired: Desired;
  let schemas = "";
  let queries: readonly DesiredQuery[] = [];
  const ofKind = (kind: string) => [...desired.resources.values()].filter((each) => each.kind === kind);
  const queryText = () => queries.map((each) => each.source).join("\n");
  beforeAll(async () => {
    desired = await openDesired(EXAMPLE);
    const resources = [...desired.resources.values()];
    schemas = resources.flatMap((each) => (each.kind === "schema" ? [each.source] : [])).join("\n");
    queries = resources.flatMap((each) => (each.kind === "query" ? [each] : []));
  });

  it("validates without a single diagnostic", () => {
    expect({ ok: desired.ok, diagnostics: desired.diagnostics }).toEqual({ ok: true, diagnostics: [] });
  });

  it("declares two graphs, a graph policy, a cluster policy and an embedding provider", () => {
    expect(ofKind("graph")).toHaveLength(2);
    const scopes = ofKind("policy").flatMap((each) => (each.kind === "policy" ? each.applies_to : []));
    expect(scopes).toEqual(expect.arrayContaining(["cluster"]));
    expect(scopes.some((scope) => scope !== "cluster")).toBe(true);
    expect(desired.resources.has("provider.embedding.default" as never)).toBe(true);
  });

  it.each([
    ["an interface", /^interface \w+/m],
    ["a type that implements it", /implements \w+/],
    ["an enum", /enum\(/],
    ["an edge with properties", /^edge \w+: \w+ -> \w+[^\n]*\{\s*\w+:/m],
    ["cardinality", /@card\(\d+\.\.\d+\)/],
    ["a key", /@key/],
    ["uniqueness", /@unique/],
    ["an index", /@index/],
    ["a range", /@range\(/],
    ["a check", /@check\(/],
    ["an embedding", /@embed\(/],
  ])("shows %s in a schema", (_name, pattern) => {
    expect(schemas).toMatch(pattern);
  });

  it("has queries of every kind over several files, each of which checks", () => {
    expect(queries.length).toBeGreaterThanOrEqual(QUERIES_MIN);
    expect(new Set(queries.map((each) => each.path)).size).toBeGreaterThan(2);
    expect(queries.filter((each) => each.facts === null)).toEqual([]);
    const kinds = new Set(queries.map((each) => each.facts?.kind));
    expect(kinds).toEqual(new Set(["read", "mutation"]));
  });

  it.each([
    ["insertion", /insert \w+/],
    ["update", /update \w+ set/],
    ["deletion", /delete \w+ where/],
    ["aggregation", /count\(/],
    ["several hops", /\{1,\d\}/],
    ["negation", /not \{/],
    ["order and limit", /order \{[^}]*\}\s*limit/],
    ["nearest neighbours", /nearest\(/],
    ["text search", /(search|match_text|bm25|fuzzy)\(/],
  ])("shows a query with %s", (_name, pattern) => {
    expect(queryText()).toMatch(pattern);
  });

  it("brings rows for both graphs, each with a type or an edge of its schema", () => {
    const files = ["knowledge", "crm"].map((graph) =>
      readFileSync(join(EXAMPLE, "data", `${graph}.jsonl`), "utf8")
        .trim()
        .split("\n"),
    );
    const rows = files.flat().map((line) => JSON.parse(line) as { type?: string; edge?: string });
    expect(rows.length).toBeGreaterThanOrEqual(ROWS_MIN);
    expect(rows.filter((row) => (row.type === undefined) === (row.edge === undefined))).toEqual([]);
    for (const row of rows)
      expect(schemas).toMatch(new RegExp(`^(node ${row.type}|edge ${row.edge})\\b`, "m"));
  });
});
