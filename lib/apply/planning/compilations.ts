/**
 * Compilations: where a cluster keeps what earlier runs have compiled, so that a plan parses and checks only what
 * changed (design 12): `__graphform/compiled/graph.<id>-<compiler version>.json`, one object a graph.
 *
 * One object a graph, because a plan then reads a wave of few objects, and an apply that changed one query writes one
 * object again. It is a cache: losing it, or failing to read or write it, costs time and changes no answer, so nothing
 * here reports a problem. Content is used only under the digests of the schema and the file that it was made from.
 * Plans read it; only an apply that changed the ledger writes it.
 */

import { COMPILER_VERSION } from "../../desired/compiler-version.ts";
import type { Desired } from "../../desired/desired.ts";
import type { KnownCompilations, KnownDeclaration } from "../../desired/known-compilations.ts";
import type { Digest } from "../../digest/digest.ts";
import type { GraphId } from "../../digest/ids.ts";
import { type ObjectStore, type StoreKey, storeKey, type Version } from "../../ports/object-store.ts";
import { inWaves } from "../wave.ts";
import { decodeCompilations, encodeCompilations, type GraphCompilations } from "./compilation-codec.ts";

type Files = ReadonlyMap<Digest, readonly KnownDeclaration[]>;

/** What the cluster knew when it was read, and the version of each object, on which it is replaced. */
export interface StoredCompilations extends KnownCompilations {
  /** The objects that are there, readable or not. */
  readonly objects: ReadonlyMap<GraphId, StoredObjectFacts>;
}

interface StoredObjectFacts {
  readonly version: Version;
  readonly compilations: GraphCompilations | null;
}

/** What a cluster without any kept compilation knows. */
export const NOTHING_STORED: StoredCompilations = {
  objects: new Map(),
  queryFile: () => undefined,
  schema: () => false,
};

function compilationsKey(graph: GraphId): StoreKey {
  return storeKey(`__graphform/compiled/graph.${graph}-${COMPILER_VERSION}.json`);
}

/** What is kept for `graphs`; what cannot be read or trusted is not known. */
export async function readCompilations(
  store: ObjectStore,
  graphs: readonly GraphId[],
): Promise<StoredCompilations> {
  const objects = new Map<GraphId, StoredObjectFacts>();
  const reads = await inWaves(graphs, (graph) => store.get(compilationsKey(graph)));
  for (const [index, read] of reads.entries()) {
    const graph = graphs[index]!;
    if (read.tag !== "found") continue;
    const compilations = decodeCompilations(read.bytes, graph);
    objects.set(graph, { version: read.version, compilations });
  }
  return knowing(objects);
}

/** Graphs with one schema share what is known of a file. */
function knowing(objects: ReadonlyMap<GraphId, StoredObjectFacts>): StoredCompilations {
  const schemas = new Set<Digest>();
  const files = new Map<string, readonly KnownDeclaration[]>();
  for (const { compilations } of objects.values()) {
    if (compilations === null) continue;
    if (compilations.schema_clean) schemas.add(compilations.schema);
    for (const [file, known] of compilations.files) files.set(pair(compilations.schema, file), known);
  }
  return {
    objects,
    schema: (digest) => schemas.has(digest),
    queryFile: (schema, file) => files.get(pair(schema, file)),
  };
}

function pair(schema: Digest, file: Digest): string {
  return `${schema}\0${file}`;
}

/**
 * Keeps what the loading of `desired` has compiled beyond what was `known` to it; null: whoever loaded it did not look.
 * Graphs without anything new are not written.
 */
export async function keepCompilations(
  store: ObjectStore,
  desired: Desired,
  known: StoredCompilations | null,
): Promise<void> {
  const { compiled } = desired;
  if (compiled.schemas.length === 0 && compiled.query_files.length === 0) return;
  const stored = known ?? (await readCompilations(store, graphsOf(desired)));
  const found = new Map(
    compiled.query_files.map((each) => [pair(each.schema, each.file), each.declarations]),
  );
  const schemas = new Set(compiled.schemas);
  const lookUp: KnownCompilations = {
    schema: (digest) => schemas.has(digest) || stored.schema?.(digest) === true,
    queryFile: (schema, file) => found.get(pair(schema, file)) ?? stored.queryFile(schema, file),
  };
  const stale = presentCompilations(desired, lookUp).filter((each) => isNews(each, stored));
  await inWaves(stale, (each) => write(store, each, stored));
}

function graphsOf(desired: Desired): readonly GraphId[] {
  return [...desired.resources.values()].flatMap((each) => (each.kind === "graph" ? each.graph : []));
}

/** What is known of every graph as it is declared now; what it no longer declares is forgotten. */
function presentCompilations(desired: Desired, known: KnownCompilations): readonly GraphCompilations[] {
  const schemas = new Map<GraphId, Digest>();
  const files = new Map<GraphId, Map<Digest, readonly KnownDeclaration[]>>();
  for (const resource of desired.resources.values()) {
    if (resource.kind === "schema") schemas.set(resource.graph, resource.digest);
  }
  for (const resource of desired.resources.values()) {
    const schema = resource.kind === "query" ? schemas.get(resource.graph) : undefined;
    if (resource.kind !== "query" || schema === undefined) continue;
    const ofGraph = files.get(resource.graph) ?? new Map<Digest, readonly KnownDeclaration[]>();
    files.set(resource.graph, ofGraph);
    const declarations = known.queryFile(schema, resource.digest);
    if (declarations !== undefined) ofGraph.set(resource.digest, declarations);
  }
  return [...schemas].map(([graph, schema]) => ({
    graph,
    schema,
    schema_clean: known.schema?.(schema) === true,
    files: files.get(graph) ?? new Map(),
  }));
}

/** True if the stored object of the graph lacks something. */
function isNews(present: GraphCompilations, stored: StoredCompilations): boolean {
  const before = stored.objects.get(present.graph)?.compilations;
  if (before == null || before.schema !== present.schema)
    return present.schema_clean || present.files.size > 0;
  if (present.schema_clean && !before.schema_clean) return true;
  return !isWithin(present.files, before.files);
}

function isWithin(present: Files, before: Files): boolean {
  return [...present.keys()].every((file) => before.has(file));
}

/** One try: whoever lost a race or met a store that does not answer leaves it to the next apply. */
async function write(
  store: ObjectStore,
  compilations: GraphCompilations,
  stored: StoredCompilations,
): Promise<void> {
  const bytes = encodeCompilations(compilations);
  if (bytes === null) return;
  const key = compilationsKey(compilations.graph);
  const present = stored.objects.get(compilations.graph);
  if (present === undefined) await store.putIfAbsent(key, bytes);
  else await store.replace(key, bytes, present.version);
}
