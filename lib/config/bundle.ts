/**
 * Bundle: what a config folder gave, as a snapshot (design 2).
 *
 * Guarantees: `read` is pure: the same path always gives the same answer, and nothing outside the folder can be
 * read. A path is what a person wrote in cluster.yaml: relative to the folder, or absolute and inside it (W35).
 * Absence is proven: "missing" means that the folder was asked and has no such entry; everything that went wrong is
 * "unreadable" with the reason. Bytes are as stored: a byte order mark and CRLF are kept (spec/cluster 1.5).
 */
import { compareBytes, type Digest, sha256 } from "../digest/digest.ts";
import { isSecretFile, joinPath, resolveInside } from "./bundle-path.ts";

export type SourceRead =
  | { readonly tag: "file"; readonly bytes: Uint8Array }
  /** Names of the direct children, in byte order. */
  | { readonly tag: "directory"; readonly entries: readonly string[] }
  | { readonly tag: "missing" }
  /** `folder` is true if the path is known to be a folder that cannot be listed. */
  | { readonly tag: "unreadable"; readonly reason: string; readonly folder?: boolean }
  /** The path leaves the config folder, by itself or through a symbolic link. */
  | { readonly tag: "outside"; readonly reason: string };

export interface Bundle {
  /** The config folder as the caller wrote it; paths in outputs begin with it. */
  readonly config_dir: string;
  /** The absolute path of the folder; absent where there is no folder, as in an archive: no absolute path is inside. */
  readonly root?: string;
  read(path: string): SourceRead;
}

/** The name of the document that declares the cluster. */
export const CLUSTER_FILE = "cluster.yaml";

/** The folder itself, as a path to read: a missing one is reported as `config_dir_not_found`. */
export const CONFIG_FOLDER = ".";

export interface BundleSnapshot {
  readonly config_dir: string;
  readonly root?: string;
  /** By path from the folder, with single slashes and without dot segments; the folder itself is the empty path. */
  readonly entries: ReadonlyMap<string, SourceRead>;
}

/** A bundle over facts that an adapter has already read. What the snapshot does not list is missing. */
export function snapshotBundle(snapshot: BundleSnapshot): Bundle {
  const { config_dir, root } = snapshot;
  return {
    config_dir,
    ...(root === undefined ? {} : { root }),
    read(path) {
      const resolved = resolveInside(path, root ?? null);
      if (resolved.tag === "outside") return resolved;
      if (isSecretFile(resolved.path)) return { tag: "unreadable", reason: "a .env file is never read" };
      return snapshot.entries.get(resolved.path) ?? { tag: "missing" };
    },
  };
}

/** A bundle over the files of an archive or of a test; folders follow from the paths of the files. */
export function bundleOfFiles(configDir: string, files: ReadonlyMap<string, Uint8Array>): Bundle {
  const entries = new Map<string, SourceRead>();
  const children = new Map<string, Set<string>>([["", new Set()]]);
  for (const [path, bytes] of files) {
    entries.set(path, { tag: "file", bytes });
    const segments = path.split("/");
    for (let depth = 0; depth < segments.length; depth += 1) {
      const folder = segments.slice(0, depth).join("/");
      const names = children.get(folder) ?? new Set();
      names.add(segments[depth]!);
      children.set(folder, names);
    }
  }
  for (const [folder, names] of children) {
    entries.set(folder, { tag: "directory", entries: [...names].sort(compareBytes) });
  }
  return snapshotBundle({ config_dir: configDir, entries });
}

/** One file of a bundle: its path from the folder, normalised. */
export interface BundleFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly digest: Digest;
}

/**
 * The digest of a bundle: of its files' paths and digests, sorted by path. Packing the same files again, in another
 * order or with other times, changes nothing (design 2).
 */
export function bundleDigest(files: readonly BundleFile[]): Digest {
  const sorted = [...files].sort((a, b) => compareBytes(a.path, b.path));
  return sha256(sorted.map((file) => `${file.path}\0${file.digest}\0`).join(""));
}

/** A declared path as outputs show it: the folder as typed, joined with the path as typed (spec/cluster 1.5). */
export function displayPath(bundle: Bundle, declared: string): string {
  return joinPath(bundle.config_dir, declared);
}
