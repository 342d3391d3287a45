/**
 * Which queries a graph declares: by name in the map form, found in files and folders in the other two (spec/cluster
 * 1.4).
 *
 * Guarantees: every declared file is read once. A name that is found twice is reported and the first one counts, in
 * the order in which entries are declared and files are sorted.
 */
import type { Bundle } from "../config/bundle.ts";
import type { GraphDeclaration, Located } from "../config/cluster-config.ts";
import { readQueryEntry } from "../config/query-entry.ts";
import { type Diagnostic, diagnostic, type SourcePosition } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { compareBytes } from "../digest/digest.ts";
import type { Compiler } from "./compiler.ts";
import { placeInner } from "./inner-diagnostic.ts";
import { type Declaration, loadSource, readProblem, type SourceFile } from "./source-file.ts";

/** One query of a graph whose file could be read. */
export interface RegisteredQuery {
  readonly name: string;
  /** Where cluster.yaml names the query or the entry that led to it. */
  readonly at: SourcePosition;
  readonly source: SourceFile;
}

export interface DiscoveredQueries {
  /** In byte order of their names. */
  readonly queries: readonly RegisteredQuery[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The queries of `graph`; `schema` is null if the graph has no valid one. */
export function discoverQueries(
  bundle: Bundle,
  graph: GraphDeclaration,
  compiler: Compiler,
  schema: SourceFile | null,
): DiscoveredQueries {
  const { queries } = graph;
  switch (queries.form) {
    case "map":
      return readNamed(bundle, graph, queries.queries);
    case "path":
      return new Discovery(bundle, graph.id, compiler, schema).run([queries.path]);
    case "list":
      return new Discovery(bundle, graph.id, compiler, schema).run(queries.paths);
    default:
      return assertNever(queries);
  }
}

function readNamed(
  bundle: Bundle,
  graph: GraphDeclaration,
  named: readonly { readonly name: string; readonly at: SourcePosition; readonly file: Located<string> }[],
): DiscoveredQueries {
  const queries: RegisteredQuery[] = [];
  const diagnostics: Diagnostic[] = [];
  const files = new Map<string, SourceFile>();
  for (const { name, at, file } of named) {
    const path = `graphs.${graph.id}.queries.${name}.file`;
    const known = files.get(file.value);
    const loaded =
      known === undefined
        ? loadSource(bundle, { declared: file, path, missing: "query_file_missing", what: "query file" })
        : ({ tag: "source", source: known } as const);
    if (loaded.tag === "problem") diagnostics.push(loaded.problem);
    else {
      files.set(file.value, loaded.source);
      queries.push({ name, at, source: loaded.source });
    }
  }
  return { queries, diagnostics };
}

/** One run over the entries of the path or list form. */
class Discovery {
  readonly #bundle: Bundle;
  readonly #path: string;
  readonly #compiler: Compiler;
  readonly #schema: SourceFile | null;
  readonly #found = new Map<string, RegisteredQuery>();
  readonly #diagnostics: Diagnostic[] = [];

  constructor(bundle: Bundle, graph: string, compiler: Compiler, schema: SourceFile | null) {
    this.#bundle = bundle;
    this.#path = `graphs.${graph}.queries`;
    this.#compiler = compiler;
    this.#schema = schema;
  }

  run(entries: readonly Located<string>[]): DiscoveredQueries {
    for (const entry of entries) this.#visitEntry(entry);
    const queries = [...this.#found.values()].sort((a, b) => compareBytes(a.name, b.name));
    return { queries, diagnostics: this.#diagnostics };
  }

  #visitEntry(declared: Located<string>): void {
    const entry = readQueryEntry(this.#bundle, declared.value);
    if (entry.tag === "folder") {
      if (entry.files.length === 0) this.#reportEmpty(declared);
      for (const file of entry.files) this.#visitFile({ value: file, at: declared.at });
      return;
    }
    const { read } = entry;
    if (read.tag === "unreadable" && read.folder === true) {
      const facts = {
        ...this.#declaration(declared),
        missing: "query_dir_unreadable",
        what: "query folder",
      } as const;
      this.#diagnostics.push(readProblem(read, facts));
    } else this.#visitFile(declared);
  }

  #visitFile(declared: Located<string>): void {
    const loaded = loadSource(this.#bundle, this.#declaration(declared));
    if (loaded.tag === "problem") {
      this.#diagnostics.push(loaded.problem);
      return;
    }
    const { source } = loaded;
    const verdict = this.#compiler.queryFile(source, this.#schema);
    if (verdict.tag === "invalid") {
      this.#diagnostics.push(...placeInner(verdict.diagnostics, "query_parse_error", this.#path));
      return;
    }
    for (const name of [...verdict.declarations.keys(), ...verdict.repeated]) {
      this.#register({ name, at: declared.at, source });
    }
  }

  #register(query: RegisteredQuery): void {
    const first = this.#found.get(query.name);
    if (first === undefined) {
      this.#found.set(query.name, query);
      return;
    }
    const where =
      first.source.file === query.source.file
        ? `twice in \`${query.source.file}\``
        : `in \`${first.source.file}\` and in \`${query.source.file}\``;
    this.#diagnostics.push(
      diagnostic("duplicate_query_name", {
        path: `${this.#path}.${query.name}`,
        message: `The query \`${query.name}\` is found ${where}.`,
        source: query.at,
      }),
    );
  }

  #reportEmpty(declared: Located<string>): void {
    const message = `The query folder \`${declared.value}\` holds no .gq file.`;
    this.#diagnostics.push(diagnostic("query_dir_empty", { path: this.#path, message, source: declared.at }));
  }

  #declaration(declared: Located<string>): Declaration {
    return { declared, path: this.#path, missing: "query_file_missing", what: "query file" };
  }
}
