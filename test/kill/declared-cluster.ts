/**
 * What the config folder of a killed cluster declares, as a value: graphs with nodes and edges, queries and a policy
 * each. Every round changes it a little and writes it to the folder.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "./random.ts";

const GRAPHS_MAX = 4;
const PROPERTIES_MAX = 4;

/** `key` is its identity through all renames; a property that was dropped never comes back under its key. */
export interface DeclaredProperty {
  readonly key: string;
  readonly name: string;
  /** The name that it has where it is deployed; null for a new one. */
  readonly deployed: string | null;
}

export interface DeclaredGraph {
  readonly id: string;
  readonly properties: readonly DeclaredProperty[];
  /** Counts the changes of its queries and of its policy, which stand in their texts. */
  readonly queries: number;
  readonly policy: number;
}

export interface DeclaredCluster {
  readonly graphs: readonly DeclaredGraph[];
  /** The next number for a name that nothing had before. */
  readonly next: number;
}

export interface DeclaredChange {
  readonly cluster: DeclaredCluster;
  readonly what: string;
  /** The graph of which a property is dropped, or null. */
  readonly drops: string | null;
}

export const FIRST_CLUSTER: DeclaredCluster = { graphs: [newGraph(0)], next: 1 };

function newGraph(number: number): DeclaredGraph {
  return { id: `g${number}`, properties: [property(number)], queries: 0, policy: 0 };
}

function property(number: number): DeclaredProperty {
  return { key: `k${number}`, name: `k${number}`, deployed: null };
}

function withGraph(cluster: DeclaredCluster, graph: DeclaredGraph): DeclaredCluster {
  return {
    graphs: cluster.graphs.map((each) => (each.id === graph.id ? graph : each)),
    next: cluster.next + 1,
  };
}

/** One change at random. */
export function changedCluster(cluster: DeclaredCluster, random: Random): DeclaredChange {
  const { next } = cluster;
  if (cluster.graphs.length < GRAPHS_MAX && random.chance(0.25)) {
    const added = newGraph(next);
    const graphs = [...cluster.graphs, added];
    return { cluster: { graphs, next: next + 1 }, what: `add graph ${added.id}`, drops: null };
  }
  const graph = random.pick(cluster.graphs);
  const changed = (facts: Partial<DeclaredGraph>, what: string, drops = false): DeclaredChange => ({
    cluster: withGraph(cluster, { ...graph, ...facts }),
    what: `${what} of ${graph.id}`,
    drops: drops ? graph.id : null,
  });
  const { properties } = graph;
  const one = properties.length === 0 ? null : random.pick(properties);
  switch (random.below(6)) {
    case 0:
      return changed({ queries: next }, "change the queries");
    case 1:
      return changed({ policy: next }, "change the policy");
    case 2:
    case 3:
      if (one === null) break;
      return changed(
        {
          properties: properties.map((each) => (each === one ? { ...each, name: `n${next}` } : each)),
        },
        `rename ${one.name} to n${next}`,
      );
    default:
      if (one !== null && (properties.length >= PROPERTIES_MAX || random.chance(0.4))) {
        return changed(
          { properties: properties.filter((each) => each !== one) },
          `drop ${one.name}`,
          one.deployed !== null,
        );
      }
  }
  return changed({ properties: [...properties, property(next)] }, `add k${next}`);
}

/** The same cluster once it is deployed. */
export function deployedCluster(cluster: DeclaredCluster): DeclaredCluster {
  const graphs = cluster.graphs.map((graph) => ({
    ...graph,
    properties: graph.properties.map((each) => ({ ...each, deployed: each.name })),
  }));
  return { ...cluster, graphs };
}

/** Writes the whole config folder anew. */
export function writeConfig(folder: string, { graphs }: DeclaredCluster): void {
  for (const part of ["schemas", "queries", "policies"]) {
    rmSync(join(folder, part), { recursive: true, force: true });
    mkdirSync(join(folder, part), { recursive: true });
  }
  writeFileSync(join(folder, "cluster.yaml"), clusterYaml(graphs));
  for (const graph of graphs) {
    writeFileSync(join(folder, "schemas", `${graph.id}.pg`), schemaOf(graph));
    writeFileSync(join(folder, "queries", `${graph.id}.gq`), queriesOf(graph));
    writeFileSync(join(folder, "policies", `${graph.id}.policy.yaml`), policyOf(graph));
  }
}

function clusterYaml(graphs: readonly DeclaredGraph[]): string {
  const declared = graphs.map(
    ({ id }) => `  ${id}:\n    schema: schemas/${id}.pg\n    queries: [queries/${id}.gq]\n`,
  );
  const policies = graphs.map(
    ({ id }) => `  ${id}:\n    file: policies/${id}.policy.yaml\n    applies_to: [${id}]\n`,
  );
  return `version: 1\nmetadata:\n  name: killed\ngraphs:\n${declared.join("")}policies:\n${policies.join("")}`;
}

function schemaOf({ properties }: DeclaredGraph): string {
  const lines = properties.map(({ name, deployed }) => {
    const hint = deployed === null || deployed === name ? "" : ` @rename_from("${deployed}")`;
    return `  ${name}: String?${hint}\n`;
  });
  return `node Item {\n  slug: String @key\n  n: I32\n${lines.join("")}}\n\nedge Next: Item -> Item {\n  n: I32\n}\n`;
}

function queriesOf({ properties, queries }: DeclaredGraph): string {
  const returned = ["$i.n", ...properties.map(({ name }) => `$i.${name}`)].join(", ");
  return [
    `// ${queries}`,
    `query find_item($slug: String) { match { $i: Item { slug: $slug } } return { ${returned} } }`,
    `query query_${queries}() { match { $i: Item } return { $i.slug } }`,
    "",
  ].join("\n");
}

function policyOf({ policy }: DeclaredGraph): string {
  return `version: 1
groups:
  members: [ana, member-${policy}]
rules:
  - id: members-read
    allow:
      actors: { group: members }
      actions: [read, invoke_query]
`;
}

/**
 * Somebody changes their mind while the change of `before` into `after` is on its way: some of what was added is not
 * wanted any more. What was renamed or dropped stays so, because values would be lost with the name.
 */
export function secondThoughts(
  before: DeclaredCluster,
  after: DeclaredCluster,
  random: Random,
): DeclaredCluster {
  const graphs = after.graphs.flatMap((graph) => {
    const deployed = before.graphs.find((each) => each.id === graph.id);
    if (deployed === undefined) return random.chance(0.5) ? [] : [graph];
    const { queries, policy } = random.chance(0.5) ? deployed : graph;
    const properties = graph.properties.filter((each) => each.deployed !== null || random.chance(0.5));
    return [{ ...graph, queries, policy, properties }];
  });
  return { ...after, graphs };
}
