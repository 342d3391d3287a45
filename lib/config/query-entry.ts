/** Query entries: what one path under `queries` stands for, a file or every query file of a folder (spec/cluster 1.4). */
import type { Bundle, SourceRead } from "./bundle.ts";
import { joinPath } from "./bundle-path.ts";

export type QueryEntry =
  /** Declared paths of the query files of a folder, in byte order. */
  | { readonly tag: "folder"; readonly files: readonly string[] }
  /** One file, which may turn out to be missing. */
  | { readonly tag: "file"; readonly read: Exclude<SourceRead, { readonly tag: "directory" }> };

const EXTENSION = ".gq";

/** True for direct children that count as query files: exactly `.gq`, with a name before it. */
export function isQueryFile(name: string): boolean {
  return name.endsWith(EXTENSION) && name.length > EXTENSION.length;
}

/** Looks up `declared` in the bundle. */
export function readQueryEntry(bundle: Bundle, declared: string): QueryEntry {
  const read = bundle.read(declared);
  if (read.tag !== "directory") return { tag: "file", read };
  const files = read.entries.filter(isQueryFile).map((name) => joinPath(declared, name));
  return { tag: "folder", files };
}
