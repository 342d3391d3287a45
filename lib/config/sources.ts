/**
 * The files and folders that cluster.yaml names, so that an adapter fetches those and nothing else.
 *
 * Guarantees: pure; tolerant: a document that is wrong in one place still names its sources in the others, so that
 * one run can report everything. Never `.env`: secrets have no business in a bundle (design 11).
 */
import { sha256 } from "../digest/digest.ts";
import { type Bundle, type BundleFile, CLUSTER_FILE } from "./bundle.ts";
import { isSecretFile, resolveInside } from "./bundle-path.ts";
import { readQueryEntry } from "./query-entry.ts";
import { decodeUtf8 } from "./source-text.ts";
import { parseYaml } from "./yaml-document.ts";
import type { YamlValue } from "./yaml-value.ts";

export interface DeclaredSources {
  /** Schema, policy and named query files, as written; in file order, each once. */
  readonly files: readonly string[];
  /** Entries of `queries` that are a query file or a folder of query files. */
  readonly query_entries: readonly string[];
}

/** What the document in `clusterYaml` names; nothing if it is not YAML. */
export function declaredSources(clusterYaml: Uint8Array): DeclaredSources {
  const text = decodeUtf8(clusterYaml);
  return sourcesOfTree(text.tag === "text" ? parseYaml(text.text, CLUSTER_FILE).root : null);
}

/** What a parsed document names; nothing if there is none. */
export function sourcesOfTree(root: YamlValue | null): DeclaredSources {
  const files = new Set<string>();
  const queryEntries = new Set<string>();
  if (root !== null) {
    for (const graph of children(child(root, "graphs"))) {
      addText(files, child(graph, "schema"));
      addQueries(files, queryEntries, child(graph, "queries"));
    }
    for (const policy of children(child(root, "policies"))) addText(files, child(policy, "file"));
  }
  return { files: [...files], query_entries: [...queryEntries] };
}

function addQueries(files: Set<string>, entries: Set<string>, queries: YamlValue | null): void {
  switch (queries?.tag) {
    case "map":
      for (const query of children(queries)) addText(files, child(query, "file"));
      return;
    case "list":
      for (const item of queries.items) addText(entries, item);
      return;
    case "scalar":
      addText(entries, queries);
      return;
    case "empty":
    case undefined:
      return;
  }
}

function child(value: YamlValue, key: string): YamlValue | null {
  if (value.tag !== "map") return null;
  return value.entries.find((entry) => entry.key === key)?.value ?? null;
}

function children(value: YamlValue | null): readonly YamlValue[] {
  return value?.tag === "map" ? value.entries.map((entry) => entry.value) : [];
}

function addText(into: Set<string>, value: YamlValue | null): void {
  if (value?.tag === "scalar" && !isSecretFile(value.text)) into.add(value.text);
}

/**
 * Every file of the bundle that could be read: cluster.yaml and what it names; the input of `bundleDigest`. A caller
 * that has already parsed cluster.yaml hands in its `sources`.
 */
export function bundleFiles(bundle: Bundle, known?: DeclaredSources): readonly BundleFile[] {
  const cluster = bundle.read(CLUSTER_FILE);
  if (cluster.tag !== "file") return [];
  const sources = known ?? declaredSources(cluster.bytes);
  const found = sources.query_entries.flatMap((declared) => {
    const entry = readQueryEntry(bundle, declared);
    return entry.tag === "folder" ? entry.files : [declared];
  });
  const files = new Map<string, BundleFile>();
  for (const declared of [CLUSTER_FILE, ...sources.files, ...found]) {
    const resolved = resolveInside(declared, bundle.root ?? null);
    if (resolved.tag === "outside" || files.has(resolved.path)) continue;
    const read = bundle.read(declared);
    if (read.tag !== "file") continue;
    files.set(resolved.path, { path: resolved.path, bytes: read.bytes, digest: sha256(read.bytes) });
  }
  return [...files.values()];
}
