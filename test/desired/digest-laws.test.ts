/** Laws of the digests, and the output of validate (spec/cluster 3.5, 11.5; design 2). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bundleOfFiles } from "../../lib/config/bundle.ts";
import { loadDesired } from "../../lib/desired/desired.ts";
import { validateOutput } from "../../lib/desired/validate-output.ts";
import { EXAMPLE_A, sampleBundle } from "./sample-bundle.ts";

interface Shape {
  readonly name: string;
  readonly lock: boolean;
  readonly graphs: readonly string[];
}

const shape = fc.record({
  name: fc.stringMatching(/^[A-Za-z][A-Za-z ]{0,8}[A-Za-z]$/),
  lock: fc.boolean(),
  graphs: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 4 }),
});

const SCHEMA = "node Person {\n  name: String @key\n}\n";

/** The same cluster as text in three styles. */
const STYLES: readonly ((shape: Shape) => string)[] = [
  ({ name, lock, graphs }) =>
    [
      "version: 1",
      "metadata:",
      `  name: ${name}`,
      "state:",
      `  lock: ${lock}`,
      "graphs:",
      ...graphs.flatMap((id) => [`  ${id}:`, "    schema: s.pg"]),
      "",
    ].join("\n"),
  ({ name, lock, graphs }) =>
    `# flow\n{graphs: {${graphs.map((id) => `"${id}": {schema: 's.pg'}`).join(", ")}}, state: {lock: ${lock}}, metadata: {name: "${name}"}, version: 1}\n`,
  ({ name, lock, graphs }) =>
    [
      "--- # anchored, reversed, with CRLF",
      `graphs: # ${graphs.length}`,
      ...[...graphs]
        .reverse()
        .map((id, index) => (index === 0 ? `    ${id}: &g {schema: s.pg}` : `    ${id}: *g`)),
      "",
      `state: {lock: ${lock ? "TRUE" : "False"}, backend: ~}`,
      "metadata:",
      `     name: ${name}   # a label`,
      "version: 1",
      "policies:",
      "",
    ].join("\r\n"),
];

const load = (text: string) => loadDesired(sampleBundle({ "s.pg": SCHEMA, "cluster.yaml": text }));

describe("the config digest (spec/cluster 3.5)", () => {
  it("does not depend on comments, formatting, order, anchors or line ends", () => {
    fc.assert(
      fc.property(shape, (sample) => {
        const digests = STYLES.map((style) => load(style(sample)).config_digest);
        expect(digests[0]).toMatch(/^[0-9a-f]{64}$/);
        expect(new Set(digests).size).toBe(1);
      }),
      { numRuns: 60 },
    );
  });

  it("depends on every value and on every byte of a source", () => {
    const base = { name: "a b", lock: true, graphs: ["one"] };
    const style = STYLES[0]!;
    const digests = [
      load(style(base)),
      load(style({ ...base, name: "a c" })),
      load(style({ ...base, lock: false })),
      load(style({ ...base, graphs: ["one", "two"] })),
      loadDesired(sampleBundle({ "s.pg": `${SCHEMA}\n`, "cluster.yaml": style(base) })),
      loadDesired(sampleBundle({ "s.pg": SCHEMA.replaceAll("\n", "\r\n"), "cluster.yaml": style(base) })),
    ].map((desired) => desired.config_digest);
    expect(new Set(digests).size).toBe(digests.length);
  });
});

describe("desired", () => {
  it("is the same for the same bundle, whatever the order of its files", () => {
    const files = Object.entries(EXAMPLE_A).map(([path, text]) => [path, Buffer.from(text)] as const);
    const forward = loadDesired(bundleOfFiles("demo", new Map(files)));
    const backward = loadDesired(bundleOfFiles("demo", new Map([...files].reverse())));
    expect(backward).toEqual(forward);
  });
});

describe("the bundle digest (design 2)", () => {
  const digest = (files: Readonly<Record<string, string>>) => loadDesired(sampleBundle(files)).bundle_digest;

  it("covers what cluster.yaml names and nothing else", () => {
    const before = digest(EXAMPLE_A);
    expect(digest({ ...EXAMPLE_A, "notes.md": "x", ".env": "KEY=1" })).toBe(before);
    expect(digest({ ...EXAMPLE_A, "people.gq": `${EXAMPLE_A["people.gq"]}\n` })).not.toBe(before);
    expect(digest({ ...EXAMPLE_A, "cluster.yaml": `${EXAMPLE_A["cluster.yaml"]}# note\n` })).not.toBe(before);
  });

  it("stays the same for ever", () => {
    expect(digest(EXAMPLE_A)).toMatchInlineSnapshot(
      `"c97e3a41db010f715b6c3971aef822a09a0cba67950fbc22db169d039a1a3123"`,
    );
  });
});

describe("the output of validate (spec/cluster 11.5)", () => {
  it("has its keys in the order of the format, with a path only where there is a file", () => {
    const output = validateOutput(loadDesired(sampleBundle(EXAMPLE_A)));
    expect(Object.keys(output)).toEqual([
      "format_version",
      "ok",
      "config_dir",
      "config_file",
      "resource_digests",
      "resources",
      "dependencies",
      "diagnostics",
    ]);
    expect(output).toMatchObject({ format_version: 1, config_dir: "demo", config_file: "demo/cluster.yaml" });
    expect(output.resources.map((each) => [each.address, each.kind, each.path])).toEqual([
      ["graph.knowledge", "graph", undefined],
      ["policy.base", "policy", "demo/base.policy.yaml"],
      ["query.knowledge.find_person", "query", "demo/people.gq"],
      ["schema.knowledge", "schema", "demo/people.pg"],
    ]);
    expect(Object.keys(output.resources[0]!)).toEqual(["address", "kind", "digest"]);
  });
});
