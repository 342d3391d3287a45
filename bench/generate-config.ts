/**
 * Makes config folders of any size, the same for the same numbers: schemas of a dozen types as industry intelligence
 * uses them, and queries in the shapes that stored queries have (a look-up, a traversal, a search, an aggregate, writes).
 */

export interface ConfigSize {
  readonly graphs: number;
  readonly queries_per_graph: number;
  /** A file declares this many queries, at the most. */
  readonly queries_per_file: number;
}

/** About the size of a real cluster: one graph with 73 queries, one a file, and two policies. */
export const INDUSTRY_SIZE: ConfigSize = {
  graphs: 1,
  queries_per_graph: 73,
  queries_per_file: 1,
};

const NODES = ["Company", "Person", "Product", "Market", "Patent", "Article"] as const;
const EDGES = [
  ["WorksAt", "Person", "Company"],
  ["Sells", "Company", "Product"],
  ["Competes", "Company", "Company"],
  ["PlaysIn", "Product", "Market"],
  ["Holds", "Company", "Patent"],
  ["Mentions", "Article", "Company"],
] as const;

/** The files of a config folder, by path. */
export function generateConfig(size: ConfigSize): Map<string, Uint8Array> {
  const files = new Map<string, string>();
  const graphs = numbers(size.graphs).map((index) => `graph-${index}`);
  files.set("cluster.yaml", clusterYaml(graphs));
  for (const [index, graph] of graphs.entries()) {
    files.set(`schemas/${graph}.pg`, schema(index));
    for (const [path, text] of queryFiles(size, graph)) files.set(path, text);
  }
  files.set("policies/cluster.yaml", CLUSTER_POLICY);
  files.set("policies/graphs.yaml", GRAPHS_POLICY);
  return new Map([...files].map(([path, text]) => [path, new TextEncoder().encode(text)]));
}

/** The same files with the first `count` query files of a graph changed. */
export function changeQueries(
  files: ReadonlyMap<string, Uint8Array>,
  count: number,
  graph = 0,
): Map<string, Uint8Array> {
  const prefix = `queries/graph-${graph}/`;
  const changed = [...files.keys()].filter((path) => path.startsWith(prefix)).slice(0, count);
  return replaceIn(files, changed, (text) => `// Changed.\n${text}`);
}

/** The same files with one nullable property more in the schema of a graph. */
export function growSchema(files: ReadonlyMap<string, Uint8Array>, graph = 0): Map<string, Uint8Array> {
  return replaceIn(files, [`schemas/graph-${graph}.pg`], (text) =>
    text.replace("  founded: Date?\n", "  founded: Date?\n  listed: Date?\n"),
  );
}

function replaceIn(
  files: ReadonlyMap<string, Uint8Array>,
  paths: readonly string[],
  change: (text: string) => string,
): Map<string, Uint8Array> {
  const next = new Map(files);
  for (const path of paths) {
    const text = new TextDecoder().decode(files.get(path));
    next.set(path, new TextEncoder().encode(change(text)));
  }
  return next;
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function clusterYaml(graphs: readonly string[]): string {
  const declared = graphs.map(
    (graph) => `  ${graph}:\n    schema: schemas/${graph}.pg\n    queries: queries/${graph}/\n`,
  );
  return `version: 1
metadata:
  name: generated
graphs:
${declared.join("")}policies:
  cluster:
    file: policies/cluster.yaml
    applies_to: [cluster]
  graphs:
    file: policies/graphs.yaml
    applies_to: [${graphs.join(", ")}]
`;
}

function schema(index: number): string {
  return `// Graph ${index} of a generated cluster.
node Company {
  slug: String @key
  name: String @index
  country: String?
  employees: I64?
  stage: enum(seed, growth, public)
  founded: Date?
}
node Person {
  slug: String @key
  name: String @index
  title: String?
  seniority: I32?
}
node Product { slug: String @key  name: String @index  price: F64?  released: Date? }
node Market { slug: String @key  name: String @index  size: F64? }
node Patent { slug: String @key  name: String @index  filed: Date?  granted: Bool? }
node Article { slug: String @key  name: String @index  body: String @index  published: DateTime? }
edge WorksAt: Person -> Company { since: Date?  role: String? }
edge Sells: Company -> Product
edge Competes: Company -> Company { strength: F64? }
edge PlaysIn: Product -> Market { share: F64? }
edge Holds: Company -> Patent
edge Mentions: Article -> Company { count: I32? }
`;
}

function* queryFiles(size: ConfigSize, graph: string): Generator<readonly [string, string]> {
  const all = numbers(size.queries_per_graph);
  for (let start = 0; start < all.length; start += size.queries_per_file) {
    const texts = all.slice(start, start + size.queries_per_file).map((index) => query(index));
    yield [`queries/${graph}/file_${String(start).padStart(6, "0")}.gq`, texts.join("\n")];
  }
}

/** One of six shapes over one of six types. */
function query(index: number): string {
  const node = NODES[index % NODES.length]!;
  const [edge, from, to] = EDGES[Math.floor(index / SHAPES.length) % EDGES.length]!;
  return SHAPES[index % SHAPES.length]!({ name: `q_${index}`, index, node, edge, from, to });
}

interface Shape {
  readonly name: string;
  readonly index: number;
  readonly node: string;
  readonly edge: string;
  readonly from: string;
  readonly to: string;
}

function verb(edge: string): string {
  return `${edge.charAt(0).toLowerCase()}${edge.slice(1)}`;
}

const SHAPES: readonly ((shape: Shape) => string)[] = [
  ({ name, node, index }) => `query ${name}($slug: String) @description("Look-up number ${index}") {
  match { $n: ${node} { slug: $slug } }
  return { $n.slug, $n.name }
  limit 10
}
`,
  ({ name, edge, from, to }) => `query ${name}($name: String) @description("Who is connected how") {
  match {
    $a: ${from} { name: $name }
    $b: ${to}
    $a ${verb(edge)} $b
  }
  return { $a.name as source, $b.name as target, $b.slug }
  order { $b.name desc }
  limit 10
}
`,
  ({ name }) => `query ${name}($words: String, $since: DateTime) @instruction("Ask for recent articles") {
  match {
    $d: Article
    $d.published >= $since
    search($d.body, $words)
  }
  return { $d.slug, $d.name, $d.published }
  order { bm25($d.body, $words) }
  limit 10
}
`,
  ({ name, edge, from, to }) => `query ${name}($least: I64) {
  match {
    $a: ${from}
    $b: ${to}
    $a ${verb(edge)} $b
    $c: Company
    $c.employees >= $least
  }
  return { $a.name, count($b) as connections }
  order { connections desc }
  limit 10
}
`,
  ({ name, edge }) => `query ${name}($from: String, $to: String) {
  insert ${edge} { from: $from, to: $to }
}
`,
  ({ name, node }) => `query ${name}($slug: String, $name: String) @description("Renames one ${node}") {
  update ${node} set { name: $name } where slug = $slug
}
`,
];

const CLUSTER_POLICY = `version: 1
groups:
  operators: [ana, ben]
rules:
  - id: operators-list
    allow:
      actors: { group: operators }
      actions: [graph_list]
`;

const GRAPHS_POLICY = `version: 1
groups:
  analysts: [ana, ben, chloe]
  editors: [ana]
rules:
  - id: analysts-read
    allow:
      actors: { group: analysts }
      actions: [read, invoke_query]
  - id: editors-write
    allow:
      actors: { group: editors }
      actions: [change]
      branch_scope: any
`;
