/** Names, providers, policies and what they refer to (spec/cluster 1.3, 1.7, 1.9). */
import { describe, expect, it } from "vitest";
import { loadDesired } from "../../lib/desired/desired.ts";
import { codesOf, EMPTY_POLICY, PERSON_SCHEMA, queryText, sampleBundle } from "./sample-bundle.ts";

/** Loads graphs `a` and `b` and the policies declared by `policies`. */
function guarded(policies: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const yaml = ["version: 1", "graphs:", "  a: {schema: s.pg}", "  b: {schema: s.pg}", "policies:"];
  const text = [...yaml, ...policies.map((line) => `  ${line}`), ""].join("\n");
  return loadDesired(
    sampleBundle({ "s.pg": PERSON_SCHEMA, "p.yaml": EMPTY_POLICY, ...more, "cluster.yaml": text }),
  );
}

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
    const files = {
      "s.pg": PERSON_SCHEMA,
      "q.gq": queryText("q"),
      "p.yaml": EMPTY_POLICY,
      "cluster.yaml": yaml,
    };
    const desired = loadDesired(sampleBundle(files));
    expect(codesOf(desired.diagnostics).filter((each) => each.startsWith("invalid_resource_id"))).toEqual([
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
      const desired = loadDesired(sampleBundle({ "s.pg": PERSON_SCHEMA, "cluster.yaml": yaml }));
      expect(desired.ok).toBe(true);
      const expected = id === "fine-1" ? [] : [`graph_id_not_servable graphs.${id}`];
      expect(codesOf(desired.diagnostics)).toEqual(expected);
    }
  });
});

describe("the list of diagnostics", () => {
  it("begins with what OmniGraph says too, whatever Graphform adds", () => {
    const yaml =
      "version: 1\ngraphs: {a_b: {schema: none.pg}}\npolicies: {p: {file: none, applies_to: []}}\n";
    expect(codesOf(loadDesired(sampleBundle({ "cluster.yaml": yaml })).diagnostics)).toEqual([
      "schema_file_missing graphs.a_b.schema",
      "policy_missing_applies_to policies.p.applies_to",
      "policy_file_missing policies.p.file",
      "graph_id_not_servable graphs.a_b",
    ]);
  });
});

describe("embedding providers (spec/cluster 1.7)", () => {
  const provider = (body: string, bound = "default") =>
    codesOf(
      loadDesired(
        sampleBundle({
          "s.pg": PERSON_SCHEMA,
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
    expect(codesOf(desired.diagnostics)).toEqual([
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
    expect(codesOf(desired.diagnostics)).toEqual([
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
    expect(new Set(codesOf(desired.diagnostics))).toEqual(
      new Set(["policy_invalid policies.bad.file", "policy_invalid policies.wrong.file"]),
    );
    expect(desired.diagnostics.every((each) => each.source?.file.endsWith(".yaml"))).toBe(true);
    expect(desired.resources.get("policy.server" as never)).toMatchObject({ bundle: { version: 1 } });
    expect(desired.resources.get("policy.wrong" as never)).toMatchObject({ bundle: null });
  });
});
