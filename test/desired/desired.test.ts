/** What loading a bundle gives as a whole, and what happens to the files that it declares (spec/cluster 1, 3). */
import { describe, expect, it } from "vitest";
import { loadDesired } from "../../lib/desired/desired.ts";
import {
  codesOf,
  EXAMPLE_A,
  EXAMPLE_B,
  loadShop,
  PERSON_SCHEMA,
  queryText,
  sampleBundle,
} from "./sample-bundle.ts";

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
    const desired = loadShop(["queries: nowhere.gq"]);
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
    expect(codesOf(desired.diagnostics)).toEqual(["config_dir_not_found no/where"]);
  });

  it("is distinguished from a folder without cluster.yaml", () => {
    const desired = loadDesired(sampleBundle({ "other.yaml": "" }));
    expect(codesOf(desired.diagnostics)).toEqual(["cluster_config_read_error cluster.yaml"]);
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
    expect(codesOf(loadDesired(sampleBundle({ "cluster.yaml": yaml })).diagnostics)).toEqual([
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
      const found = loadDesired(sampleBundle({ "shop.pg": PERSON_SCHEMA, "cluster.yaml": yaml })).diagnostics;
      expect(codesOf(found)).toEqual(["source_path_outside graphs.g.schema"]);
      expect(found[0]?.source).toMatchObject({ file: "cluster.yaml", line: 2 });
    }
  });

  it("may climb inside the folder, and outputs keep the spelling", () => {
    const yaml = "version: 1\ngraphs: {g: {schema: ./x/../shop.pg}}\n";
    const desired = loadDesired(sampleBundle({ "shop.pg": PERSON_SCHEMA, "cluster.yaml": yaml }));
    expect(desired.diagnostics).toEqual([]);
    expect(desired.resources.get("schema.g" as never)).toMatchObject({ path: "demo/./x/../shop.pg" });
  });

  it("are never secrets, whatever names them", () => {
    const yaml = "version: 1\ngraphs: {g: {schema: .env}}\n";
    const desired = loadDesired(sampleBundle({ ".env": "KEY=1\n", "cluster.yaml": yaml }));
    expect(codesOf(desired.diagnostics)).toEqual(["schema_file_missing graphs.g.schema"]);
    expect(JSON.stringify(desired)).not.toContain("KEY=1");
  });

  it("must be UTF-8, and the place where they stop being it is told", () => {
    const bytes = Buffer.concat([Buffer.from(PERSON_SCHEMA), Buffer.from([0xc3, 0x28])]);
    const yaml = "version: 1\ngraphs: {g: {schema: s.pg}}\n";
    const found = loadDesired(sampleBundle({ "s.pg": bytes, "cluster.yaml": yaml })).diagnostics;
    expect(codesOf(found)).toEqual(["schema_file_missing graphs.g.schema"]);
    expect(found[0]?.source).toEqual({ file: "s.pg", line: 4, column: 1 });
  });

  it("are refused when they are folders", () => {
    const yaml = "version: 1\ngraphs: {g: {schema: sub}}\n";
    const desired = loadDesired(sampleBundle({ "sub/x": "", "cluster.yaml": yaml }));
    expect(desired.diagnostics[0]?.message).toContain("is a folder");
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
      expect(codesOf(desired.diagnostics)).toEqual(["invalid_storage_root storage"]);
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
    const text = `${queryText("good")}query bad() {\n  match { $p: Nobody }\n  return { $p.name }\n}\n`;
    const desired = loadShop(["queries: a.gq"], { "a.gq": text });
    expect(desired.ok).toBe(false);
    expect(desired.compiled.query_files).toEqual([]);
  });
});
