/** Small bundles for tests: texts by path. */
import { type Bundle, bundleOfFiles } from "../../lib/config/bundle.ts";
import { type Desired, loadDesired } from "../../lib/desired/desired.ts";
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";

/** A bundle over `files`; the folder is called `demo`. */
export function sampleBundle(files: Readonly<Record<string, string | Uint8Array>>): Bundle {
  const bytes = Object.entries(files).map(
    ([path, content]) =>
      [path, typeof content === "string" ? Buffer.from(content, "utf8") : content] as const,
  );
  return bundleOfFiles("demo", new Map(bytes));
}

/** The inputs of the worked example A (spec/cluster 3.6), made from its byte descriptions. */
export const EXAMPLE_A = {
  "people.pg": "node Person {\n  name: String @key\n}\n",
  "people.gq":
    "query find_person($name: String) {\n  match { $p: Person { name: $name } }\n  return { $p.name }\n}\n",
  "base.policy.yaml": "version: 1\nrules: []\n",
  "cluster.yaml": [
    "version: 1",
    "metadata:",
    "  name: demo",
    "graphs:",
    "  knowledge:",
    "    schema: people.pg",
    "    queries:",
    "      find_person: {file: people.gq}",
    "policies:",
    "  base:",
    "    file: base.policy.yaml",
    "    applies_to: [knowledge]",
    "",
  ].join("\n"),
};

/** The inputs of the worked example B (spec/cluster 3.7). */
export const EXAMPLE_B = {
  "people.pg": EXAMPLE_A["people.pg"],
  "queries/people.gq": EXAMPLE_A["people.gq"],
  "base.policy.yaml": EXAMPLE_A["base.policy.yaml"],
  "cluster.yaml": [
    "version: 1",
    "metadata: {name: demo}",
    "providers:",
    "  embedding:",
    "    default:",
    "      kind: mock",
    "      model: cluster-mock",
    "graphs:",
    "  knowledge:",
    "    schema: people.pg",
    "    queries: queries/",
    "    embedding_provider: default",
    "    external_blobs:",
    "      allow:",
    "        - base: S3://Assets-Bucket/knowledge",
    "          scope: server_safe",
    "policies:",
    "  base:",
    "    file: base.policy.yaml",
    "    applies_to: [knowledge]",
    "",
  ].join("\n"),
};

export const PERSON_SCHEMA = "node Person {\n  name: String @key\n}\n";
export const EMPTY_POLICY = "version: 1\nrules: []\n";

/** A file with one query called `name`, which suits `PERSON_SCHEMA`. */
export function queryText(name: string): string {
  return `query ${name}() {\n  match { $p: Person }\n  return { $p.name }\n}\n`;
}

/** Code and config path of each diagnostic, as one line. */
export function codesOf(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map((each) => `${each.code} ${each.path}`);
}

/** Loads one graph `shop` declared by the lines in `graph`, with `more` files beside its schema. */
export function loadShop(graph: readonly string[], more: Readonly<Record<string, string>> = {}): Desired {
  const lines = [
    "version: 1",
    "graphs:",
    "  shop:",
    "    schema: shop.pg",
    ...graph.map((line) => `    ${line}`),
    "",
  ];
  return loadDesired(sampleBundle({ "shop.pg": PERSON_SCHEMA, ...more, "cluster.yaml": lines.join("\n") }));
}
