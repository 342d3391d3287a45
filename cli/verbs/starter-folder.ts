/** The files that `graphform init` writes: a small config folder that validates, with comments that explain it. */
export interface StarterFile {
  readonly path: string;
  readonly text: string;
}

const CLUSTER = `# A cluster: graphs, their stored queries, and the policies that guard them.
# graphform validate   checks this folder
# graphform import     creates the ledger (once)
# graphform plan       shows what would change
# graphform apply      changes it
version: 1

metadata:
  name: my-cluster

# Where everything is stored. Without it: this folder.
# storage: /var/lib/graphform/my-cluster

graphs:
  knowledge:
    schema: schemas/knowledge.pg
    queries: queries/ # every .gq file of the folder

policies:
  members:
    file: policies/members.policy.yaml
    applies_to: [knowledge]
`;

const SCHEMA = `// Node types hold rows, edge types connect them. Names of types begin with a capital letter.

node Person {
  slug: String @key          // identity: unique, never null
  name: String @index
  email: String? @unique     // "?" means that it may be missing
  role: enum(engineer, designer, manager)
  joined: Date?
}

node Topic {
  slug: String @key
  name: String
}

edge Knows: Person -> Topic {
  level: I32?
}

edge WorksWith: Person -> Person
`;

const QUERIES = `// Stored queries. Each is checked against the schema before it can be applied.

query find_person($slug: String) @description("One person by slug") {
  match { $p: Person { slug: $slug } }
  return { $p.name, $p.role, $p.email }
}

query who_knows($topic: String) @description("People who know a topic, best first") {
  match {
    $t: Topic { slug: $topic }
    $p $k:knows $t
  }
  return { $p.slug, $p.name, $k.level as level }
  order { level desc }
}

query add_person($slug: String, $name: String, $role: String) {
  insert Person { slug: $slug, name: $name, role: $role }
}
`;

const POLICY = `# Who may do what with the graph. Everything that no rule allows is denied.
version: 1
groups:
  members: [you, a-colleague]
  editors: [you]
rules:
  - id: members-read
    allow:
      actors: { group: members }
      actions: [read, invoke_query]
  - id: editors-write
    allow:
      actors: { group: editors }
      actions: [change, export]
`;

const DATA = `{"type":"Person","data":{"slug":"ada","name":"Ada","role":"engineer","email":"ada@example.com"}}
{"type":"Person","data":{"slug":"bo","name":"Bo","role":"designer"}}
{"type":"Topic","data":{"slug":"graphs","name":"Graphs"}}
{"edge":"Knows","from":"ada","to":"graphs","data":{"level":3}}
{"edge":"WorksWith","from":"ada","to":"bo","data":{}}
`;

const IGNORE = `# Deployed state and rows are not config; secrets are never committed.
__cluster/
__graphform/
graphs/
.env
`;

export const STARTER_FILES: readonly StarterFile[] = [
  { path: "cluster.yaml", text: CLUSTER },
  { path: "schemas/knowledge.pg", text: SCHEMA },
  { path: "queries/people.gq", text: QUERIES },
  { path: "policies/members.policy.yaml", text: POLICY },
  { path: "data/seed.jsonl", text: DATA },
  { path: ".gitignore", text: IGNORE },
];
