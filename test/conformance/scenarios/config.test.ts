/** Configs that validate refuses or warns of, command against folder (spec/cluster 1, 2.1, 14.1). */
import { describe, expect, test } from "vitest";
import { sha256 } from "../../../lib/digest/digest.ts";
import { clusterFolder, LIBRARY } from "./cluster-folder.ts";

const YAML = LIBRARY["cluster.yaml"]!;
const bare = (graph: string, rest = "") =>
  `version: 1\ngraphs:\n  books:\n    schema: books.pg\n${graph}${rest}`;
const policies = (applies_to: string, text: string) =>
  ({
    "cluster.yaml": bare("", `policies: { p: { file: p.yaml, applies_to: ${applies_to} } }\n`),
    "p.yaml": text,
  }) as const;
const rule = (lines: string) =>
  `version: 1\ngroups: { team: [ann] }\nrules:\n  - id: r\n    allow:\n      actors: { group: team }\n${lines}`;
const GRAPH_RULE = rule("      actions: [read]\n");
const SERVER_RULE = rule("      actions: [graph_list]\n");
const provider = (text: string, ref = "maker") =>
  bare(`    embedding_provider: ${ref}\n`, `providers: { embedding: { maker: ${text} } }\n`);
const blobs = (allow: string) => bare(`    external_blobs: { allow: ${allow} }\n`);

describe("a small config", () => {
  test("is valid and shows its digests, resources and edges", async () => {
    const validated = await clusterFolder().run("validate");

    expect(validated.ok).toBe(true);
    expect(validated.at('resource_digests["schema.books"]')).toBe(sha256(LIBRARY["books.pg"]!));
    expect(validated.at("resource_digests")).toHaveProperty(["graph.books"]);
    expect(validated.at("dependencies")).toContainEqual({ from: "policy.readers", to: "graph.books" });
    expect(validated.diagnostics).toMatchObject([
      {
        code: "external_blob_ingress_default_deny",
        severity: "warning",
        path: "graphs.books.external_blobs",
      },
    ]);
  });

  test("with a bound provider has the provider, the edge, and another composite", async () => {
    const plain = await clusterFolder({ "cluster.yaml": bare("") }).run("validate");

    const bound = await clusterFolder({ "cluster.yaml": provider("{ kind: mock }") }).run("validate");

    expect(bound.ok).toBe(true);
    expect(bound.at("resource_digests")).toHaveProperty(["provider.embedding.maker"]);
    expect(bound.at("dependencies")).toContainEqual({
      from: "graph.books",
      to: "provider.embedding.maker",
    });
    expect(bound.at('resource_digests["graph.books"]')).not.toBe(plain.at('resource_digests["graph.books"]'));
  });

  test("may allow blobs from S3 and, embedded only, from a folder", async () => {
    const folder = clusterFolder();
    const bases = `[{ base: "S3://Pictures/covers", scope: server_safe }, { base: "file://${folder.path}", scope: embedded_only }]`;
    folder.write("cluster.yaml", blobs(bases));

    const validated = await folder.run("validate");

    expect(validated.ok).toBe(true);
    expect(validated.codes).not.toContain("external_blob_ingress_default_deny");
  });
});

describe("a config is refused with", () => {
  test.each<[string, Readonly<Record<string, string>>, string, string]>([
    ["an unknown key", { "cluster.yaml": `${YAML}surprise: 1\n` }, "invalid_cluster_yaml", "cluster.yaml"],
    ["a reserved key", { "cluster.yaml": `${YAML}pipelines: {}\n` }, "future_phase_field", "pipelines"],
    ["a key that is there twice", { "cluster.yaml": `${YAML}version: 1\n` }, "duplicate_yaml_key", "version"],
    [
      "the removed streaming key",
      { "cluster.yaml": bare("    streaming: null\n") },
      "removed_streaming_declaration",
      "graphs.books.streaming",
    ],
    [
      "version 2",
      { "cluster.yaml": YAML.replace("version: 1", "version: 2") },
      "unsupported_cluster_config_version",
      "version",
    ],
    [
      "a blank name",
      { "cluster.yaml": YAML.replace("name: books", 'name: " "') },
      "empty_metadata_name",
      "metadata.name",
    ],
    [
      "a bucketless storage",
      { "cluster.yaml": `${YAML}storage: "s3://"\n` },
      "invalid_storage_root",
      "storage",
    ],
    [
      "an id with a dot",
      { "cluster.yaml": "version: 1\ngraphs: { a.b: { schema: books.pg } }\n" },
      "invalid_resource_id",
      "graphs.a.b",
    ],
    ["a schema that does not parse", { "books.pg": "node {" }, "schema_parse_error", "graphs.books.schema"],
    [
      "a schema without sense",
      { "books.pg": "edge E: Book -> Book" },
      "schema_catalog_error",
      "graphs.books.schema",
    ],
    [
      "a query under another name",
      { "books.gq": LIBRARY["books.gq"]!.replace("find_book", "other") },
      "query_key_mismatch",
      "graphs.books.queries.find_book",
    ],
    [
      "a query that does not type",
      { "books.gq": LIBRARY["books.gq"]!.replaceAll("pages", "weight") },
      "query_typecheck_error",
      "graphs.books.queries.find_book",
    ],
    [
      "a query that does not parse",
      { "books.gq": "query {" },
      "query_parse_error",
      "graphs.books.queries.find_book",
    ],
    [
      "a scope on an action that has none",
      policies("[books]", rule("      actions: [admin]\n      branch_scope: any\n")),
      "policy_invalid",
      "policies.p.file",
    ],
    [
      "a misspelt policy key",
      policies("[books]", rule("      actions: [read]\n      branch_scop: any\n")),
      "policy_invalid",
      "policies.p.file",
    ],
    [
      "a server action bound to a graph",
      policies("[books]", SERVER_RULE),
      "policy_invalid",
      "policies.p.file",
    ],
    [
      "a graph action bound to the cluster",
      policies("[cluster]", GRAPH_RULE),
      "policy_invalid",
      "policies.p.file",
    ],
    [
      "bindings of both kinds",
      policies("[cluster, books]", "version: 1\nrules: []\n"),
      "policy_mixed_binding_kinds",
      "policies.p.applies_to",
    ],
    [
      "no binding",
      policies("[]", "version: 1\nrules: []\n"),
      "policy_missing_applies_to",
      "policies.p.applies_to",
    ],
    [
      "a binding of another kind",
      policies("[schema.books]", "version: 1\nrules: []\n"),
      "wrong_kind_reference",
      "policies.p.applies_to[0]",
    ],
    [
      "a binding to nothing",
      policies("[attic]", "version: 1\nrules: []\n"),
      "dangling_graph_reference",
      "policies.p.applies_to[0]",
    ],
    [
      "a key written into the config",
      { "cluster.yaml": provider("{ kind: openai, api_key: sk-123 }") },
      "embedding_api_key_inline",
      "providers.embedding.maker.api_key",
    ],
    [
      "a provider without its key",
      { "cluster.yaml": provider("{ kind: openai }") },
      "embedding_api_key_required",
      "providers.embedding.maker.api_key",
    ],
    [
      "an unknown provider kind",
      { "cluster.yaml": provider("{ kind: magic }") },
      "invalid_embedding_provider",
      "providers.embedding.maker",
    ],
    [
      "a provider of another kind",
      { "cluster.yaml": provider("{ kind: mock }", "graph.books") },
      "wrong_kind_reference",
      "graphs.books.embedding_provider",
    ],
    [
      "a provider that is not declared",
      { "cluster.yaml": provider("{ kind: mock }", "other") },
      "dangling_embedding_provider_reference",
      "graphs.books.embedding_provider",
    ],
    [
      "a blob base with a secret in it",
      { "cluster.yaml": blobs("[{ base: 's3://u:p@b/x', scope: server_safe }]") },
      "invalid_external_blob_base",
      "graphs.books.external_blobs.allow[0].base",
    ],
    [
      "blob bases that overlap",
      {
        "cluster.yaml": blobs(
          "[{ base: 's3://b/x', scope: server_safe }, { base: 's3://b/x/y', scope: server_safe }]",
        ),
      },
      "invalid_external_blob_policy",
      "graphs.books.external_blobs.allow",
    ],
    [
      "a query name that is there twice",
      { "cluster.yaml": bare("    queries: [books.gq, again.gq]\n"), "again.gq": LIBRARY["books.gq"]! },
      "duplicate_query_name",
      "graphs.books.queries.find_book",
    ],
  ])("%s", async (_what, files, code, path) => {
    const validated = await clusterFolder(files).run("validate");

    expect(validated.ok).toBe(false);
    expect(validated.diagnostics).toContainEqual(expect.objectContaining({ code, path, severity: "error" }));
  });

  test("every source that is missing at once", async () => {
    const folder = clusterFolder();
    for (const name of ["books.pg", "books.gq", "readers.yaml"]) folder.remove(name);

    const validated = await folder.run("validate");

    expect(validated.ok).toBe(false);
    expect(validated.diagnostics).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ code: "schema_file_missing", path: "graphs.books.schema" }),
        expect.objectContaining({
          code: "query_file_missing",
          path: "graphs.books.queries.find_book.file",
        }),
        expect.objectContaining({ code: "policy_file_missing", path: "policies.readers.file" }),
      ]),
    );
  });

  test.each(["[books]", "[cluster]"])("two policies for %s", async (scope) => {
    const text = bare(
      "",
      `policies:\n  one: { file: readers.yaml, applies_to: ${scope} }\n  two: { file: readers.yaml, applies_to: ${scope} }\n`,
    );

    const validated = await clusterFolder({ "cluster.yaml": text }).run("validate");

    expect(validated.diagnostics).toContainEqual(
      expect.objectContaining({ code: "duplicate_policy_binding", path: "policies.two.applies_to" }),
    );
  });

  test.each(["validate", "plan", "apply", "refresh", "import", "status", "force_unlock"])(
    "a foreign state backend, by %s",
    async (command) => {
      const folder = clusterFolder({ "cluster.yaml": `${YAML}state: { backend: "s3://elsewhere" }\n` });

      const refused = await folder.run(command, "01LOCK");

      expect(refused.ok).toBe(false);
      expect(refused.diagnostics).toContainEqual(
        expect.objectContaining({ code: "unsupported_state_backend", path: "state.backend" }),
      );
      if (command !== "validate") expect(refused.at("state_observations.locked")).toBe(false);
      if (command === "force_unlock") expect(refused.at("lock_removed")).toBe(false);
      expect(folder.exists("__cluster")).toBe(false);
    },
  );
});
