/** Config folders for tests, in a few words: graphs with schema and queries, policies, providers. */
import { bundleOfFiles } from "../../lib/config/bundle.ts";
import { type Desired, loadDesired } from "../../lib/desired/desired.ts";

export interface GraphFiles {
  readonly schema: string;
  /** Text of a `.gq` file by query name. */
  readonly queries?: Readonly<Record<string, string>>;
  readonly provider?: string;
  readonly blobs?: string;
}

export interface ClusterFiles {
  readonly graphs?: Readonly<Record<string, GraphFiles>>;
  /** `applies_to` by policy name. */
  readonly policies?: Readonly<Record<string, PolicyFile>>;
  /** Model by provider name. */
  readonly providers?: Readonly<Record<string, string>>;
  readonly lock?: boolean;
  readonly name?: string;
}

export interface PolicyFile {
  readonly applies_to: readonly string[];
  readonly readers?: readonly string[];
}

/** Texts by path. */
export type Files = Readonly<Record<string, string>>;

export const PERSON = "node Person {\n  name: String @key\n  age: I32?\n}\n";
export const PERSON_WITH_NOTE = "node Person {\n  name: String @key\n  age: I32?\n  note: String?\n}\n";
/** No step leads from `PERSON` to this. */
export const PERSON_UNSUPPORTED = "node Person {\n  name: String @key\n  age: String?\n}\n";

export const FIND_PERSON =
  "query find_person($name: String) {\n  match { $p: Person { name: $name } }\n  return { $p.name }\n}\n";
export const ALL_PEOPLE = "query all_people() {\n  match { $p: Person }\n  return { $p.name }\n}\n";
export const NOTES = "query notes() {\n  match { $p: Person }\n  return { $p.note }\n}\n";

export function filesOf(cluster: ClusterFiles): Files {
  const files: Record<string, string> = { "cluster.yaml": clusterYaml(cluster) };
  for (const [id, graph] of Object.entries(cluster.graphs ?? {})) {
    files[`${id}.pg`] = graph.schema;
    for (const [name, text] of Object.entries(graph.queries ?? {})) files[`${id}-${name}.gq`] = text;
  }
  for (const [name, policy] of Object.entries(cluster.policies ?? {})) {
    files[`${name}.policy.yaml`] = policyText(policy);
  }
  return files;
}

function clusterYaml(cluster: ClusterFiles): string {
  const graphs = Object.entries(cluster.graphs ?? {}).map(([id, graph]) => [id, graphEntry(id, graph)]);
  const policies = Object.entries(cluster.policies ?? {}).map(([name, { applies_to }]) => [
    name,
    { file: `${name}.policy.yaml`, applies_to },
  ]);
  const providers = Object.entries(cluster.providers ?? {}).map(([name, model]) => [
    name,
    { kind: "mock", model },
  ]);
  const document = {
    version: 1,
    metadata: { name: cluster.name ?? "demo" },
    state: { lock: cluster.lock ?? true },
    providers: { embedding: Object.fromEntries(providers) },
    graphs: Object.fromEntries(graphs),
    policies: Object.fromEntries(policies),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function graphEntry(id: string, graph: GraphFiles) {
  const queries = Object.keys(graph.queries ?? {}).map((name) => [name, { file: `${id}-${name}.gq` }]);
  return {
    schema: `${id}.pg`,
    queries: Object.fromEntries(queries),
    ...(graph.provider === undefined ? {} : { embedding_provider: graph.provider }),
    ...(graph.blobs === undefined
      ? {}
      : { external_blobs: { allow: [{ base: graph.blobs, scope: "server_safe" }] } }),
  };
}

function policyText({ readers = ["ana"], applies_to }: PolicyFile): string {
  const action = applies_to.includes("cluster") ? "graph_list" : "read";
  return [
    "version: 1",
    "groups:",
    `  people: [${readers.join(", ")}]`,
    "rules:",
    "  - id: people-may",
    "    allow:",
    "      actors: { group: people }",
    `      actions: [${action}]`,
    "",
  ].join("\n");
}

/** What the files declare; the folder is called `demo`. */
export function desiredOf(files: Files): Desired {
  const bytes = Object.entries(files).map(([path, text]) => [path, Buffer.from(text, "utf8")] as const);
  return loadDesired(bundleOfFiles("demo", new Map(bytes)));
}

export function desiredCluster(cluster: ClusterFiles): Desired {
  return desiredOf(filesOf(cluster));
}
