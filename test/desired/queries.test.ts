/** Schemas and queries of a bundle: discovery, checks against the desired schema, digests (spec/cluster 1.4). */
import { describe, expect, it } from "vitest";
import { codesOf, loadShop, PERSON_SCHEMA, queryText } from "./sample-bundle.ts";

describe("schemas", () => {
  it("give every inner error under the schema's path, with its place in the file", () => {
    const found = loadShop([], { "shop.pg": "node Person {\n  name String\n}\nnode {\n}\n" }).diagnostics;
    expect(found.length).toBeGreaterThan(1);
    expect(new Set(codesOf(found))).toEqual(new Set(["schema_parse_error graphs.shop.schema"]));
    expect(found[0]).toMatchObject({ source: { file: "shop.pg", line: 2 } });
    expect(found[0]?.rule).toBeDefined();
  });

  it("that parse but make no sense are told apart", () => {
    const found = loadShop([], { "shop.pg": `${PERSON_SCHEMA}edge Knows: Person -> Nobody\n` }).diagnostics;
    expect(codesOf(found)).toEqual(["schema_catalog_error graphs.shop.schema"]);
  });

  it("that are invalid leave queries unchecked with a warning, and syntax errors still count", () => {
    const broken = { "shop.pg": "node {", "a.gq": queryText("a"), "b.gq": "query {" };
    const desired = loadShop(["queries: {a: {file: a.gq}, b: {file: b.gq}}"], broken);
    expect(new Set(codesOf(desired.diagnostics))).toEqual(
      new Set([
        "schema_parse_error graphs.shop.schema",
        "query_typecheck_skipped graphs.shop.queries.a",
        "query_parse_error graphs.shop.queries.b",
      ]),
    );
  });
});

describe("queries (spec/cluster 1.4)", () => {
  it("are found in a folder's direct children that end in .gq with a name before it", () => {
    const files = {
      "q/b.gq": queryText("two"),
      "q/a.gq": queryText("one"),
      "q/.gq": queryText("no_extension"),
      "q/c.GQ": queryText("wrong_case"),
      "q/d.gq.txt": queryText("wrong_end"),
      "q/deep/e.gq": queryText("too_deep"),
    };
    const desired = loadShop(["queries: q"], files);
    expect(desired.diagnostics).toEqual([]);
    expect([...desired.resources.keys()]).toEqual([
      "graph.shop",
      "query.shop.one",
      "query.shop.two",
      "schema.shop",
    ]);
    expect(desired.resources.get("query.shop.one" as never)).toMatchObject({ path: "demo/q/a.gq" });
  });

  it("give the first of a name precedence and report every other, whether in two files or listed twice", () => {
    const files = { "a.gq": queryText("same"), "b.gq": queryText("same") };
    const desired = loadShop(["queries: [a.gq, b.gq, a.gq]"], files);
    expect(codesOf(desired.diagnostics)).toEqual([
      "duplicate_query_name graphs.shop.queries.same",
      "duplicate_query_name graphs.shop.queries.same",
    ]);
    expect(desired.resources.get("query.shop.same" as never)).toMatchObject({ path: "demo/a.gq" });
  });

  it("are warned about when a folder holds none", () => {
    const desired = loadShop(["queries: q"], { "q/readme.md": "" });
    expect(codesOf(desired.diagnostics)).toEqual(["query_dir_empty graphs.shop.queries"]);
    expect(desired.ok).toBe(true);
  });

  it("are reported under the whole key when a found file does not parse", () => {
    const desired = loadShop(["queries: a.gq"], { "a.gq": "query broken( {" });
    expect(new Set(codesOf(desired.diagnostics))).toEqual(new Set(["query_parse_error graphs.shop.queries"]));
    expect(desired.diagnostics[0]?.source?.file).toBe("a.gq");
  });

  it("may be none in a file without declarations, in an empty list and in an empty mapping", () => {
    expect(loadShop(["queries: a.gq"], { "a.gq": "// nothing\n" }).diagnostics).toEqual([]);
    expect(loadShop(["queries: []"]).diagnostics).toEqual([]);
    expect(loadShop(["queries: {}"]).diagnostics).toEqual([]);
    expect(loadShop(["queries: []"]).config_digest).not.toBe(loadShop(["queries: {}"]).config_digest);
    expect(loadShop(["queries: {}"]).config_digest).toBe(loadShop([]).config_digest);
  });

  it("must be declared in their file under the name of their key", () => {
    const found = loadShop(["queries: {al: {file: a.gq}}"], { "a.gq": queryText("all") }).diagnostics;
    expect(codesOf(found)).toEqual(["query_key_mismatch graphs.shop.queries.al"]);
    expect(found[0]?.message).toContain("Did you mean `all`?");
  });

  it("are checked against the desired schema, with the place of the error in the file", () => {
    const text = "query a() {\n  match { $p: Nobody }\n  return { $p.name }\n}\n";
    const found = loadShop(["queries: {a: {file: a.gq}}"], { "a.gq": text }).diagnostics;
    expect(found[0]).toMatchObject({
      code: "query_typecheck_error",
      path: "graphs.shop.queries.a",
      source: { file: "a.gq", line: 2 },
    });
  });

  it("share one explanation of a broken file", () => {
    const desired = loadShop(["queries: {a: {file: x.gq}, b: {file: x.gq}}"], {
      "x.gq": "query {\nquery {\n",
    });
    const last = desired.diagnostics.at(-1);
    expect(last).toMatchObject({ code: "query_parse_error", path: "graphs.shop.queries.b" });
    expect(last?.message).toContain("as said for the query `a`");
  });

  it("carry the digest of their own declaration beside their file's (W37)", () => {
    const digest = (text: string) => {
      const resource = loadShop(["queries: a.gq"], { "a.gq": text }).resources.get("query.shop.one" as never);
      if (resource?.kind !== "query") throw new Error("the query is missing");
      return resource;
    };
    const alone = digest(queryText("one"));
    const commented = digest(`// why\n${queryText("one").replace("$p:", "$p :")}\n${queryText("two")}`);
    expect(commented.declaration_digest).toBe(alone.declaration_digest);
    expect(commented.digest).not.toBe(alone.digest);
    const changed = digest(queryText("one").replaceAll("$p", "$q"));
    expect(changed.declaration_digest).not.toBe(alone.declaration_digest);
  });
});
