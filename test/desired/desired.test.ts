import { describe, expect, it } from "vitest";
import { loadDesired } from "../../lib/desired/desired.ts";
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { EXAMPLE_A, EXAMPLE_B, sampleBundle } from "./sample-bundle.ts";

const SCHEMA = "node Person {\n  name: String @key\n}\n";
const QUERIES = (name: string) => `query ${name}() {\n  match { $p: Person }\n  return { $p.name }\n}\n`;
const POLICY = "version: 1\nrules: []\n";

function codes(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map((each) => `${each.code} ${each.path}`);
}

/** Loads one graph `shop` declared by the lines in `graph`, with `more` files beside its schema. */
function shop(graph: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const yaml = [
    "version: 1",
    "graphs:",
    "  shop:",
    "    schema: shop.pg",
    ...graph.map((line) => `    ${line}`),
    "",
  ];
  return loadDesired(sampleBundle({ "shop.pg": SCHEMA, ...more, "cluster.yaml": yaml.join("\n") }));
}

/** Loads graphs `a` and `b` and the policies declared by `policies`. */
function guarded(policies: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const yaml = ["version: 1", "graphs:", "  a: {schema: s.pg}", "  b: {schema: s.pg}", "policies:"];
  const text = [...yaml, ...policies.map((line) => `  ${line}`), ""].join("\n");
  return loadDesired(sampleBundle({ "s.pg": SCHEMA, "p.yaml": POLICY, ...more, "cluster.yaml": text }));
}

describe("the resources of a bundle", () => {
  it("carry all that a plan and an apply need", () => {
    const desired = loadDesired(sampleBundle(EXAMPLE_B));
    const query = desired.resources.get("query.knowledge.find_person" as never);
    expect(query).toMatchObject({
      kind: "query",
      graph: "knowledge",
      name: "find_person",
      source: EXAMPLE_B["queries/people.gq"],
      path: "demo/queries/people.gq",
      facts: { name: "find_person" },
    });
    expect(desired.resources.get("graph.knowledge" as never)).toMatchObject({
      schema: "schema.knowledge",
      embedding_provider: "provider.embedding.default",
      external_blob_policy: {
        mode: "allow",
        bases: [{ uri: "s3://assets-bucket/knowledge/", scope: "server_safe" }],
      },
    });
    expect(desired.resources.get("policy.base" as never)).toMatchObject({
      applies_to: ["graph.knowledge"],
      bundle: { version: 1, rules: [] },
    });
    expect(desired.settings).toEqual({ lock: true, storage: null, name: "demo" });
  });

  it("come in address order, with edges sorted by from and to (spec/cluster 1.11)", () => {
    const desired = loadDesired(sampleBundle(EXAMPLE_B));
    expect([...desired.resources.keys()]).toEqual([
      "graph.knowledge",
      "policy.base",
      "provider.embedding.default",
      "query.knowledge.find_person",
      "schema.knowledge",
    ]);
    expect(desired.dependencies.map(({ from, to }) => `${from} ${to}`)).toEqual([
      "graph.knowledge provider.embedding.default",
      "policy.base graph.knowledge",
      "query.knowledge.find_person graph.knowledge",
      "query.knowledge.find_person schema.knowledge",
      "schema.knowledge graph.knowledge",
    ]);
  });

  it("are there beside the errors of an invalid bundle, with the config digest", () => {
    const desired = shop(["queries: nowhere.gq"]);
    expect(desired.ok).toBe(false);
    expect([...desired.resources.keys()]).toEqual(["graph.shop", "schema.shop"]);
    expect(desired.config_digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it("are none when cluster.yaml cannot be typed, and there is no config digest", () => {
    const desired = loadDesired(sampleBundle({ "cluster.yaml": "version: 1\nwhat: 1\n" }));
    expect(desired).toMatchObject({ ok: false, config_digest: null, settings: null, resource_digests: {} });
  });
});

describe("the config folder", () => {
  it("is named as typed when it does not exist", () => {
    const desired = loadDesired({ config_dir: "no/where", read: () => ({ tag: "missing" }) });
    expect(codes(desired.diagnostics)).toEqual(["config_dir_not_found no/where"]);
  });

  it("is distinguished from a folder without cluster.yaml", () => {
    const desired = loadDesired(sampleBundle({ "other.yaml": "" }));
    expect(codes(desired.diagnostics)).toEqual(["cluster_config_read_error cluster.yaml"]);
  });
});

describe("declared files", () => {
  it("are all reported when they are missing, each under the code of its place", () => {
    const yaml = [
      "version: 1",
      "graphs:",
      "  a: {schema: none.pg, queries: {q: {file: none.gq}}}",
      "  b: {schema: none.pg, queries: [none.gq]}",
      "policies:",
      "  p: {file: none.yaml, applies_to: [a]}",
    ].join("\n");
    expect(codes(loadDesired(sampleBundle({ "cluster.yaml": yaml })).diagnostics)).toEqual([
      "schema_file_missing graphs.a.schema",
      "query_file_missing graphs.a.queries.q.file",
      "schema_file_missing graphs.b.schema",
      "query_file_missing graphs.b.queries",
      "policy_file_missing policies.p.file",
    ]);
  });

  it("are refused when their path leaves the folder, by climbing, as absolute or with a NUL (W35)", () => {
    const files = ["../shop.pg", "/etc/passwd", "a/../../shop.pg", '"shop.pg\\0"'];
    for (const file of files) {
      const yaml = `version: 1\ngraphs: {g: {schema: ${file}}}\n`;
      const found = loadDesired(sampleBundle({ "shop.pg": SCHEMA, "cluster.yaml": yaml })).diagnostics;
      expect(codes(found)).toEqual(["source_path_outside graphs.g.schema"]);
      expect(found[0]?.source).toMatchObject({ file: "cluster.yaml", line: 2 });
    }
  });

  it("may climb inside the folder, and outputs keep the spelling", () => {
    const yaml = "version: 1\ngraphs: {g: {schema: ./x/../shop.pg}}\n";
    const desired = loadDesired(sampleBundle({ "shop.pg": SCHEMA, "cluster.yaml": yaml }));
    expect(desired.diagnostics).toEqual([]);
    expect(desired.resources.get("schema.g" as never)).toMatchObject({ path: "demo/./x/../shop.pg" });
  });

  it("are never secrets, whatever names them", () => {
    const yaml = "version: 1\ngraphs: {g: {schema: .env}}\n";
    const desired = loadDesired(sampleBundle({ ".env": "KEY=1\n", "cluster.yaml": yaml }));
    expect(codes(desired.diagnostics)).toEqual(["schema_file_missing graphs.g.schema"]);
    expect(JSON.stringify(desired)).not.toContain("KEY=1");
  });

  it("must be UTF-8, and the place where they stop being it is told", () => {
    const bytes = Buffer.concat([Buffer.from(SCHEMA), Buffer.from([0xc3, 0x28])]);
    const yaml = "version: 1\ngraphs: {g: {schema: s.pg}}\n";
    const found = loadDesired(sampleBundle({ "s.pg": bytes, "cluster.yaml": yaml })).diagnostics;
    expect(codes(found)).toEqual(["schema_file_missing graphs.g.schema"]);
    expect(found[0]?.source).toEqual({ file: "s.pg", line: 4, column: 1 });
  });

  it("are refused when they are folders", () => {
    const yaml = "version: 1\ngraphs: {g: {schema: sub}}\n";
    const desired = loadDesired(sampleBundle({ "sub/x": "", "cluster.yaml": yaml }));
    expect(desired.diagnostics[0]?.message).toContain("is a folder");
  });
});

describe("schemas", () => {
  it("give every inner error under the schema's path, with its place in the file", () => {
    const found = shop([], { "shop.pg": "node Person {\n  name String\n}\nnode {\n}\n" }).diagnostics;
    expect(found.length).toBeGreaterThan(1);
    expect(new Set(codes(found))).toEqual(new Set(["schema_parse_error graphs.shop.schema"]));
    expect(found[0]).toMatchObject({ source: { file: "shop.pg", line: 2 } });
    expect(found[0]?.rule).toBeDefined();
  });

  it("that parse but make no sense are told apart", () => {
    const found = shop([], { "shop.pg": `${SCHEMA}edge Knows: Person -> Nobody\n` }).diagnostics;
    expect(codes(found)).toEqual(["schema_catalog_error graphs.shop.schema"]);
  });

  it("that are invalid leave queries unchecked with a warning, and syntax errors still count", () => {
    const broken = { "shop.pg": "node {", "a.gq": QUERIES("a"), "b.gq": "query {" };
    const desired = shop(["queries: {a: {file: a.gq}, b: {file: b.gq}}"], broken);
    expect(new Set(codes(desired.diagnostics))).toEqual(
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
      "q/b.gq": QUERIES("two"),
      "q/a.gq": QUERIES("one"),
      "q/.gq": QUERIES("no_extension"),
      "q/c.GQ": QUERIES("wrong_case"),
      "q/d.gq.txt": QUERIES("wrong_end"),
      "q/deep/e.gq": QUERIES("too_deep"),
    };
    const desired = shop(["queries: q"], files);
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
    const files = { "a.gq": QUERIES("same"), "b.gq": QUERIES("same") };
    const desired = shop(["queries: [a.gq, b.gq, a.gq]"], files);
    expect(codes(desired.diagnostics)).toEqual([
      "duplicate_query_name graphs.shop.queries.same",
      "duplicate_query_name graphs.shop.queries.same",
    ]);
    expect(desired.resources.get("query.shop.same" as never)).toMatchObject({ path: "demo/a.gq" });
  });

  it("are warned about when a folder holds none", () => {
    const desired = shop(["queries: q"], { "q/readme.md": "" });
    expect(codes(desired.diagnostics)).toEqual(["query_dir_empty graphs.shop.queries"]);
    expect(desired.ok).toBe(true);
  });

  it("are reported under the whole key when a found file does not parse", () => {
    const desired = shop(["queries: a.gq"], { "a.gq": "query broken( {" });
    expect(new Set(codes(desired.diagnostics))).toEqual(new Set(["query_parse_error graphs.shop.queries"]));
    expect(desired.diagnostics[0]?.source?.file).toBe("a.gq");
  });

  it("may be none in a file without declarations, in an empty list and in an empty mapping", () => {
    expect(shop(["queries: a.gq"], { "a.gq": "// nothing\n" }).diagnostics).toEqual([]);
    expect(shop(["queries: []"]).diagnostics).toEqual([]);
    expect(shop(["queries: {}"]).diagnostics).toEqual([]);
    expect(shop(["queries: []"]).config_digest).not.toBe(shop(["queries: {}"]).config_digest);
    expect(shop(["queries: {}"]).config_digest).toBe(shop([]).config_digest);
  });

  it("must be declared in their file under the name of their key", () => {
    const found = shop(["queries: {al: {file: a.gq}}"], { "a.gq": QUERIES("all") }).diagnostics;
    expect(codes(found)).toEqual(["query_key_mismatch graphs.shop.queries.al"]);
    expect(found[0]?.message).toContain("Did you mean `all`?");
  });

  it("are checked against the desired schema, with the place of the error in the file", () => {
    const text = "query a() {\n  match { $p: Nobody }\n  return { $p.name }\n}\n";
    const found = shop(["queries: {a: {file: a.gq}}"], { "a.gq": text }).diagnostics;
    expect(found[0]).toMatchObject({
      code: "query_typecheck_error",
      path: "graphs.shop.queries.a",
      source: { file: "a.gq", line: 2 },
    });
  });

  it("share one explanation of a broken file", () => {
    const desired = shop(["queries: {a: {file: x.gq}, b: {file: x.gq}}"], { "x.gq": "query {\nquery {\n" });
    const last = desired.diagnostics.at(-1);
    expect(last).toMatchObject({ code: "query_parse_error", path: "graphs.shop.queries.b" });
    expect(last?.message).toContain("as said for the query `a`");
  });

  it("carry the digest of their own declaration beside their file's (W37)", () => {
    const digest = (text: string) => {
      const resource = shop(["queries: a.gq"], { "a.gq": text }).resources.get("query.shop.one" as never);
      if (resource?.kind !== "query") throw new Error("the query is missing");
      return resource;
    };
    const alone = digest(QUERIES("one"));
    const commented = digest(`// why\n${QUERIES("one").replace("$p:", "$p :")}\n${QUERIES("two")}`);
    expect(commented.declaration_digest).toBe(alone.declaration_digest);
    expect(commented.digest).not.toBe(alone.digest);
    const changed = digest(QUERIES("one").replaceAll("$p", "$q"));
    expect(changed.declaration_digest).not.toBe(alone.declaration_digest);
  });
});

describe("names", () => {
  it("are refused when they break the grammar, everywhere, and become no resources (W35)", () => {
    const yaml = [
      "version: 1",
      "providers: {embedding: {1p: {kind: mock}}}",
      "graphs:",
      "  a.b: {schema: s.pg}",
      '  "../x": {schema: s.pg}',
      "  ok: {schema: s.pg, queries: {1q: {file: q.gq}}}",
      "policies: {'': {file: p.yaml, applies_to: [ok]}}",
    ].join("\n");
    const files = { "s.pg": SCHEMA, "q.gq": QUERIES("q"), "p.yaml": POLICY, "cluster.yaml": yaml };
    const desired = loadDesired(sampleBundle(files));
    expect(codes(desired.diagnostics).filter((each) => each.startsWith("invalid_resource_id"))).toEqual([
      "invalid_resource_id providers.embedding.1p",
      "invalid_resource_id graphs.../x",
      "invalid_resource_id graphs.a.b",
      "invalid_resource_id graphs.ok.queries.1q",
      "invalid_resource_id policies.",
    ]);
    expect([...desired.resources.keys()]).toEqual(["graph.ok", "schema.ok"]);
  });

  it("of graphs that a server would refuse are warned about (W23)", () => {
    const ids = ["snake_case", "x".repeat(65), "healthz", "graphs", "policies", "openapi"];
    for (const id of [...ids, "fine-1"]) {
      const yaml = `version: 1\ngraphs: {${id}: {schema: s.pg}}\n`;
      const desired = loadDesired(sampleBundle({ "s.pg": SCHEMA, "cluster.yaml": yaml }));
      expect(desired.ok).toBe(true);
      const expected = id === "fine-1" ? [] : [`graph_id_not_servable graphs.${id}`];
      expect(codes(desired.diagnostics)).toEqual(expected);
    }
  });
});

describe("embedding providers (spec/cluster 1.7)", () => {
  const provider = (body: string, bound = "default") =>
    codes(
      loadDesired(
        sampleBundle({
          "s.pg": SCHEMA,
          "cluster.yaml": `version: 1\nproviders: {embedding: {default: ${body}}}\ngraphs: {g: {schema: s.pg, embedding_provider: ${bound}}}\n`,
        }),
      ).diagnostics,
    );
  const key = `'$${"{KEY}"}'`;

  it("need a reference to a variable, except mock", () => {
    expect(provider("{}")).toEqual(["embedding_api_key_required providers.embedding.default.api_key"]);
    expect(provider("{kind: openai}")).toEqual([
      "embedding_api_key_required providers.embedding.default.api_key",
    ]);
    expect(provider("{kind: mock}")).toEqual([]);
    expect(provider(`{kind: gemini, api_key: ${key}}`)).toEqual([]);
    expect(provider(`{api_key: ' ${key.slice(1, -1)} '}`)).toEqual([]);
  });

  it("refuse a key that is written out, and never repeat it", () => {
    const inline = ["sk-1234567890", "$KEY", "'${ }'", "''"];
    for (const text of inline) {
      expect(provider(`{kind: mock, api_key: ${text}}`)).toEqual([
        "embedding_api_key_inline providers.embedding.default.api_key",
      ]);
    }
    const yaml = "version: 1\nproviders: {embedding: {p: {api_key: sk-1234567890}}}\n";
    const messages = loadDesired(sampleBundle({ "cluster.yaml": yaml })).diagnostics.map(
      (each) => each.message,
    );
    expect(messages.join("\n")).not.toContain("sk-1234567890");
  });

  it("refuse unknown kinds and still check the key", () => {
    expect(provider("{kind: magic}")).toEqual([
      "invalid_embedding_provider providers.embedding.default",
      "embedding_api_key_required providers.embedding.default.api_key",
    ]);
  });

  it("are bound by name or address, and nothing else", () => {
    expect(provider("{kind: mock}", "provider.embedding.default")).toEqual([]);
    expect(provider("{kind: mock}", "defalt")).toEqual([
      "dangling_embedding_provider_reference graphs.g.embedding_provider",
    ]);
    expect(provider("{kind: mock}", "graph.g")).toEqual(["wrong_kind_reference graphs.g.embedding_provider"]);
  });
});

describe("policies (spec/cluster 1.9)", () => {
  it("list what they apply to as cluster, address or bare id, sorted and each once", () => {
    const desired = guarded(["x: {file: p.yaml, applies_to: [b, graph.a, graph.b]}"]);
    expect(desired.diagnostics).toEqual([]);
    expect(desired.resources.get("policy.x" as never)).toMatchObject({ applies_to: ["graph.a", "graph.b"] });
    expect(desired.dependencies.filter((edge) => edge.from === "policy.x").map((edge) => edge.to)).toEqual([
      "graph.a",
      "graph.b",
    ]);
  });

  it("report empty, wrong, dangling and mixed bindings, all in one run", () => {
    const desired = guarded([
      "none: {file: p.yaml, applies_to: []}",
      "mixed: {file: p.yaml, applies_to: [cluster, a]}",
      "wild: {file: p.yaml, applies_to: [schema.a, c, graph.d]}",
    ]);
    expect(codes(desired.diagnostics)).toEqual([
      "policy_mixed_binding_kinds policies.mixed.applies_to",
      "policy_missing_applies_to policies.none.applies_to",
      "wrong_kind_reference policies.wild.applies_to[0]",
      "dangling_graph_reference policies.wild.applies_to[1]",
      "dangling_graph_reference policies.wild.applies_to[2]",
    ]);
  });

  it("own their scopes alone: the later by name is refused once for each scope", () => {
    const desired = guarded([
      "z: {file: p.yaml, applies_to: [a, b]}",
      "m: {file: p.yaml, applies_to: [b, a]}",
    ]);
    expect(codes(desired.diagnostics)).toEqual([
      "duplicate_policy_binding policies.z.applies_to",
      "duplicate_policy_binding policies.z.applies_to",
    ]);
    expect(desired.diagnostics[0]?.message).toContain("`m` and `z` both apply to `graph.a`");
  });

  it("must hold a valid bundle that suits their bindings", () => {
    const listing =
      "version: 1\ngroups: {all: [x]}\nrules:\n  - {id: r, allow: {actors: {group: all}, actions: [graph_list]}}\n";
    const desired = guarded(
      [
        "bad: {file: bad.yaml, applies_to: [b]}",
        "server: {file: listing.yaml, applies_to: [cluster]}",
        "wrong: {file: listing.yaml, applies_to: [a]}",
      ],
      { "listing.yaml": listing, "bad.yaml": "version: 9\nwhat: 1\n" },
    );
    expect(new Set(codes(desired.diagnostics))).toEqual(
      new Set(["policy_invalid policies.bad.file", "policy_invalid policies.wrong.file"]),
    );
    expect(desired.diagnostics.every((each) => each.source?.file.endsWith(".yaml"))).toBe(true);
    expect(desired.resources.get("policy.server" as never)).toMatchObject({ bundle: { version: 1 } });
    expect(desired.resources.get("policy.wrong" as never)).toMatchObject({ bundle: null });
  });
});

describe("the settings", () => {
  const settings = (text: string) =>
    loadDesired(sampleBundle({ "cluster.yaml": `version: 1\n${text}\n` })).settings;

  it("take a relative storage root from the config folder, not from the process (W20)", () => {
    expect(settings("storage: data/here")?.storage).toBe("demo/data/here");
    expect(settings("storage: /data/here")?.storage).toBe("/data/here");
    expect(settings("storage: file:///data/a%20b#c")?.storage).toBe("/data/a%20b#c");
    expect(settings('storage: "  s3://bucket/prefix//  "')?.storage).toBe("s3://bucket/prefix");
  });

  it("take the lock for on unless it is switched off", () => {
    expect(settings("")?.lock).toBe(true);
    expect(settings("state: {lock: true}")?.lock).toBe(true);
    expect(settings("state: {lock: false}")?.lock).toBe(false);
  });

  it("refuse storage schemes that would silently become folders (W20)", () => {
    for (const root of [
      "gs://bucket/x",
      "S3://bucket",
      "s3://",
      "s3:///x",
      "file://host/x",
      "' '",
      "https://x/y",
    ]) {
      const desired = loadDesired(sampleBundle({ "cluster.yaml": `version: 1\nstorage: ${root}\n` }));
      expect(codes(desired.diagnostics)).toEqual(["invalid_storage_root storage"]);
    }
  });
});

describe("what is already known to compile (design 12)", () => {
  it("is not compiled again and changes nothing but the list of what was compiled", () => {
    const bundle = sampleBundle(EXAMPLE_A);
    const cold = loadDesired(bundle);
    const { schemas, query_files } = cold.compiled;
    expect([schemas.length, query_files.length]).toEqual([1, 1]);
    const warm = loadDesired(bundle, {
      schema: (digest) => schemas.includes(digest),
      queryFile: (schema, file) =>
        query_files.find((each) => each.schema === schema && each.file === file)?.declarations,
    });
    expect(warm).toEqual({ ...cold, compiled: { schemas: [], query_files: [] } });
  });

  it("is never offered for keeping when anything had to be said about it", () => {
    const text = `${QUERIES("good")}query bad() {\n  match { $p: Nobody }\n  return { $p.name }\n}\n`;
    const desired = shop(["queries: a.gq"], { "a.gq": text });
    expect(desired.ok).toBe(false);
    expect(desired.compiled.query_files).toEqual([]);
  });
});
