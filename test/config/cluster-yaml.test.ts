/** Reading cluster.yaml: keys, scalars, repeated keys, hostile text (spec/cluster 1.1, 1.2; W22). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CONFIG_BYTES_MAX } from "../../lib/config/limits.ts";
import { type ParsedCluster, parseClusterYaml } from "../../lib/config/parse.ts";
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";

const parse = (text: string): ParsedCluster => parseClusterYaml(Buffer.from(text, "utf8"));

function complaints(text: string): readonly Diagnostic[] {
  return parse(text).diagnostics;
}

/** Code, path and place of every complaint, as one line each. */
function lines(text: string): readonly string[] {
  return complaints(text).map(
    (each) => `${each.code} ${each.path} ${each.source?.line}:${each.source?.column}`,
  );
}

function config(text: string) {
  const parsed = parse(text);
  if (parsed.tag === "invalid") throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.config;
}

describe("unknown keys", () => {
  it("are all refused at once, at every level, each at its place", () => {
    const text = [
      "version: 1",
      "surprise: 1",
      "metadata: {label: x}",
      "state:",
      "  locking: true",
      "providers:",
      "  rerank: {}",
      "  embedding:",
      "    default: {kind: mock, region: eu}",
      "graphs:",
      "  shop:",
      "    schema: shop.pg",
      "    query: x",
      "    queries: {a: {file: a.gq, mode: r}}",
      "    external_blobs: {deny: []}",
      "policies:",
      "  base: {file: p.yaml, applies_to: [shop], note: x}",
    ].join("\n");
    const found = complaints(text);
    expect(lines(text)).toEqual([
      "invalid_cluster_yaml cluster.yaml 2:1",
      "invalid_cluster_yaml cluster.yaml 3:12",
      "invalid_cluster_yaml cluster.yaml 5:3",
      "invalid_cluster_yaml cluster.yaml 7:3",
      "invalid_cluster_yaml cluster.yaml 9:27",
      "invalid_cluster_yaml cluster.yaml 13:5",
      "invalid_cluster_yaml cluster.yaml 14:31",
      "invalid_cluster_yaml cluster.yaml 15:22",
      "invalid_cluster_yaml cluster.yaml 17:44",
    ]);
    expect(found.every((each) => each.message.includes("unknown field"))).toBe(true);
  });

  it("come with the nearest known name", () => {
    expect(complaints("version: 1\ngraph: {}\n")[0]?.message).toContain("Did you mean `graphs`?");
    expect(complaints("version: 1\nquite_different: {}\n")[0]?.message).toContain("Known here: version");
  });

  it("include merge keys, which are not merged", () => {
    const text = "version: 1\nmetadata: &m {name: a}\nstate:\n  <<: *m\n";
    expect(complaints(text)[0]?.message).toContain(
      "unknown field `<<` in `state`. Merge keys are not supported.",
    );
  });
});

describe("required keys", () => {
  it("are all reported when they are missing, at the mapping that lacks them", () => {
    const text = "graphs:\n  shop: {}\npolicies:\n  base: {}\n";
    expect(complaints(text).map((each) => each.message)).toEqual([
      "The document lacks the field `version`, which is required.",
      "`graphs.shop` lacks the field `schema`, which is required.",
      "`policies.base` lacks the field `file`, which is required.",
      "`policies.base` lacks the field `applies_to`, which is required.",
    ]);
  });

  it("are missing from an empty file and from one that holds only comments", () => {
    for (const text of ["", "# nothing\n"]) {
      expect(lines(text)).toEqual(["invalid_cluster_yaml cluster.yaml 1:1"]);
    }
  });
});

describe("scalars (spec/cluster 1.1)", () => {
  it("keep their source text in text fields, whatever YAML would make of them", () => {
    const read = config('version: 1\nmetadata: {name: 1.0}\ngraphs: {g: {schema: 0x1F}}\nstorage: "~"\n');
    expect(read.metadata.name?.value).toBe("1.0");
    expect(read.graphs[0]?.schema.value).toBe("0x1F");
    expect(read.storage?.value).toBe("~");
  });

  it("mean null in every spelling where null is allowed, and only there", () => {
    for (const word of ["", "~", "null", "Null", "NULL"]) {
      const read = config(
        `version: 1\nmetadata: {name: ${word}}\nstorage: ${word}\nstate: {backend: ${word}, lock: ${word}}\n`,
      );
      expect([read.metadata.name, read.storage, read.state.backend, read.state.lock]).toEqual([
        null,
        null,
        null,
        null,
      ]);
    }
    expect(config("version: 1\ngraphs: {g: {schema: ~}}\n").graphs[0]?.schema.value).toBe("~");
  });

  it("take nothing at all for an empty mapping or list, but not the words for null", () => {
    const text = (value: string) =>
      `version: 1\nmetadata: ${value}\nstate: ${value}\nproviders: ${value}\ngraphs: ${value}\npolicies: ${value}\n`;
    expect(config(text("")).graphs).toEqual([]);
    expect(lines(text("null"))).toHaveLength(5);
    expect(lines(text("~"))).toHaveLength(5);
    const policy = config("version: 1\npolicies: {p: {file: x, applies_to: }}\n").policies[0];
    expect(policy?.applies_to).toEqual([]);
  });

  it("are booleans only as true and false", () => {
    expect(config("version: 1\nstate: {lock: False}\n").state.lock).toBe(false);
    for (const word of ["yes", "no", "on", '"true"', "1"]) {
      expect(complaints(`version: 1\nstate: {lock: ${word}}\n`)[0]?.message).toContain(
        "`state.lock` must be true or false",
      );
    }
  });

  it("are versions only as plain whole numbers", () => {
    for (const word of ['"1"', "1.0", "01", "-1", "4294967296", "one", "[1]", "~", ""]) {
      expect(complaints(`version: ${word}\n`)[0]?.code).toBe("invalid_cluster_yaml");
    }
    expect(config("version: +1\n").version.value).toBe(1);
    expect(config("version: 0x1\n").version.value).toBe(1);
  });

  it("are resolved by type first under queries, where only texts are paths", () => {
    for (const value of ["1", "true", "~", "", "1e3", "[1]", "[a.gq, ~]", "{q: {file: 7}}", "{q: a.gq}"]) {
      expect(complaints(`version: 1\ngraphs: {g: {schema: s, queries: ${value}}}\n`)).not.toEqual([]);
    }
    const read = config("version: 1\ngraphs: {g: {schema: s, queries: ['1', 007]}}\n");
    expect(read.graphs[0]?.queries).toMatchObject({
      form: "list",
      paths: [{ value: "1" }, { value: "007" }],
    });
  });

  it("refuse lists and mappings where a text is expected", () => {
    const text =
      "version: 1\nmetadata: {name: [a]}\nstorage: {a: b}\npolicies: {p: {file: x, applies_to: [[a]]}}\n";
    expect(complaints(text).map((each) => each.message)).toEqual([
      "`metadata.name` must be a text, not a list.",
      "`storage` must be a text, not a mapping.",
      "`policies.p.applies_to[0]` must be a text, not a list.",
    ]);
  });
});

describe("providers", () => {
  it("take `provider` for `kind`, and refuse both together", () => {
    const read = config("version: 1\nproviders: {embedding: {a: {provider: mock}}}\n");
    expect(read.providers[0]?.profile).toEqual({ kind: "mock" });
    const both = complaints("version: 1\nproviders: {embedding: {a: {provider: mock, kind: mock}}}\n");
    expect(both[0]?.message).toContain("duplicate field");
  });
});

describe("repeated keys (W22)", () => {
  it("are found however they are written, with their dotted path and line", () => {
    const text = [
      "version: 1",
      "'graphs': {}",
      "graphs:",
      '  "shop": {schema: a.pg, schema: b.pg}',
      "  shop:",
      "    schema: c.pg",
      "    external_blobs:",
      "      allow:",
      "        - {base: x, scope: server_safe, scope: server_safe}",
    ].join("\n");
    const found = complaints(text).filter((each) => each.code === "duplicate_yaml_key");
    expect(found.map((each) => [each.path, each.source?.line])).toEqual([
      ["graphs", 3],
      ["graphs.shop.schema", 4],
      ["graphs.shop", 5],
      ["graphs.shop.external_blobs.allow[].scope", 9],
    ]);
    expect(found[0]?.message).toContain("line 3");
    expect(found[0]?.message).toContain("line 2");
  });

  it("are not invented for anchored mappings, list items or block scalars", () => {
    const text = [
      "version: 1",
      "metadata:",
      "  name: |",
      "    a: 1",
      "    a: 2",
      "graphs:",
      "  one: &x",
      "    schema: a.pg",
      "  two: &y",
      "    schema: a.pg",
      "  three: *x",
      "policies: {}",
    ].join("\n");
    expect(lines(text)).toEqual([]);
  });

  it("are reported together with reserved, removed and unknown keys", () => {
    const text =
      "version: 1\nui: {}\nui: {}\nsurprise: 1\ngraphs: {g: {schema: s, streaming: ~}}\napply: 1\n";
    expect(complaints(text).map((each) => `${each.code} ${each.path}`)).toEqual([
      "duplicate_yaml_key ui",
      "future_phase_field ui",
      "future_phase_field apply",
      "removed_streaming_declaration graphs.g.streaming",
      "invalid_cluster_yaml cluster.yaml",
    ]);
  });

  it("are still reported where they stand before a syntax error, and not where the parser guesses", () => {
    expect(complaints("a: 1\na: 2\nb: [\n").map((each) => each.code)).toEqual([
      "duplicate_yaml_key",
      "invalid_cluster_yaml",
    ]);
    expect(complaints("b: [1\na: 1\na: 2\n").map((each) => each.code)).not.toContain("duplicate_yaml_key");
  });
});

describe("reserved keys", () => {
  it("are refused one by one in file order", () => {
    const text =
      "version: 1\npipelines: {}\nenv_file: x\nembeddings: 1\naliases: []\nbindings: ~\nui: ''\napply: 2\n";
    expect(complaints(text).map((each) => `${each.code} ${each.path}`)).toEqual(
      ["pipelines", "env_file", "embeddings", "aliases", "bindings", "ui", "apply"].map(
        (key) => `future_phase_field ${key}`,
      ),
    );
  });
});

describe("the header", () => {
  it("is checked without stopping, each key under its own code", () => {
    const text = 'version: 2\nmetadata: {name: "  "}\nstate: {backend: s3}\nstorage: "s3:///"\n';
    const parsed = parse(text);
    expect(parsed.tag).toBe("parsed");
    expect(parsed.diagnostics.map((each) => `${each.code} ${each.path}`)).toEqual([
      "unsupported_cluster_config_version version",
      "empty_metadata_name metadata.name",
      "unsupported_state_backend state.backend",
      "invalid_storage_root storage",
    ]);
  });
});

describe("hostile documents", () => {
  it("are refused for deep nesting before a parser sees them, even a thousand times over", () => {
    const deep = `version: ${"[".repeat(1000)}`;
    expect(complaints(deep)[0]).toMatchObject({ code: "invalid_cluster_yaml", source: { line: 1 } });
    expect(complaints(deep)[0]?.message).toContain("levels deep");
  });

  it("are refused for their size", () => {
    expect(
      complaints(`version: 1\nmetadata: {name: ${"x".repeat(CONFIG_BYTES_MAX)}}\n`)[0]?.message,
    ).toContain("bytes");
  });

  it("are read while they are large but lawful, such as one scalar of nearly a mebibyte", () => {
    const name = "x".repeat(CONFIG_BYTES_MAX - 100);
    expect(config(`version: 1\nmetadata: {name: ${name}}\n`).metadata.name?.value).toBe(name);
  });

  it("are refused when their aliases unfold into too many values", () => {
    const level = (name: string, below: string) =>
      `${name}: &${name} [${Array(10).fill(`*${below}`).join(", ")}]`;
    const text = [`a: &a [${Array(10).fill("x").join(", ")}]`];
    for (const [name, below] of ["ba", "cb", "dc", "ed", "fe", "gf"].map(
      (pair) => [...pair] as [string, string],
    )) {
      text.push(level(name, below));
    }
    expect(complaints(text.join("\n")).some((each) => each.message.includes("aliases are followed"))).toBe(
      true,
    );
  });

  it("are refused when an alias names nothing or itself", () => {
    expect(complaints("version: *nowhere\n")[0]?.message).toContain("names no earlier anchor");
    expect(complaints("version: 1\ngraphs: &g\n  a: *g\n")[0]?.message).toContain("stands inside the value");
  });

  it("are refused for control characters, tags, lists as keys and further documents", () => {
    expect(complaints("version: 1\nmetadata: {name: a\u0000b}\n")[0]?.message).toContain("U+0000");
    expect(complaints("version: !!int 1\n")[0]?.message).toContain("tag");
    expect(complaints("version: 1\n? [a, b]\n: x\n")[0]?.message).toContain("A key must be a text");
    expect(complaints("version: 1\n---\nversion: 1\n")).toHaveLength(1);
    expect(complaints("version: 1\n---\nversion: 1\n")[0]?.message).toContain("second document");
    expect(complaints("- version\n")[0]?.message).toContain("must be a mapping, not a list");
  });

  it("are refused when they are not UTF-8, at the place where they stop being it", () => {
    const bytes = Buffer.concat([
      Buffer.from("version: 1\nstorage: a"),
      Buffer.from([0xff]),
      Buffer.from("b\n"),
    ]);
    expect(parseClusterYaml(bytes).diagnostics[0]).toMatchObject({
      code: "cluster_config_read_error",
      path: "cluster.yaml",
      source: { file: "cluster.yaml", line: 2, column: 11 },
    });
  });

  it("cannot reach the prototype of anything through their keys", () => {
    const read = config("version: 1\ngraphs: {__proto__: {schema: a}, constructor: {schema: b}}\n");
    expect(read.graphs.map((graph) => graph.id)).toEqual(["__proto__", "constructor"]);
    expect(Object.keys({})).toEqual([]);
  });

  it("never make the reader throw, and always leave either a document or a complaint", () => {
    const token = fc.constantFrom(
      "version",
      ":",
      " ",
      "\n",
      "  ",
      "- ",
      "1",
      "graphs",
      "{",
      "}",
      "[",
      "]",
      "&a",
      "*a",
      "'",
      '"',
      "|",
      "?",
      "#",
      "\t",
      "!x",
      "~",
      ",",
      "---\n",
      "<<",
    );
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), (parts) => {
        const parsed = parse(parts.join(""));
        if (parsed.tag === "invalid") expect(parsed.diagnostics.length).toBeGreaterThan(0);
        for (const each of parsed.diagnostics) expect(each.message.length).toBeGreaterThan(10);
      }),
      { numRuns: 300 },
    );
  });
});
