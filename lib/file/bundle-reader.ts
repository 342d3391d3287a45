/**
 * Reads a config folder into a Bundle: cluster.yaml and what it names, nothing else (design 2, 11).
 *
 * Guarantees: everything that can go wrong becomes a fact of the bundle, so that config loading can report all of it
 * at once. Nothing outside the folder is read: paths are confined by their text and, after symbolic links are
 * followed, by where they really lie (W35). A `.env` file is never read, whatever name leads to it. Sizes and counts
 * have limits, and one that is exceeded is a fact too.
 */
import { constants } from "node:fs";
import { open, readdir, realpath, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";
import { type Bundle, CLUSTER_FILE, type SourceRead, snapshotBundle } from "../config/bundle.ts";
import { isSecretFile, resolveInside } from "../config/bundle-path.ts";
import {
  BUNDLE_BYTES_MAX,
  BUNDLE_ENTRIES_MAX,
  BUNDLE_READS_AT_ONCE_MAX,
  CONFIG_BYTES_MAX,
  SOURCE_BYTES_MAX,
} from "../config/limits.ts";
import { parseClusterYaml } from "../config/parse.ts";
import { isQueryFile } from "../config/query-entry.ts";
import { compareBytes } from "../digest/digest.ts";

/** The bundle of the folder `configDir`, which need not exist. */
export async function readBundle(configDir: string): Promise<Bundle> {
  const root = resolve(configDir);
  const entries = new Map<string, SourceRead>();
  const bundle = snapshotBundle({ config_dir: configDir, root, entries });
  const folder = await folderAt(root);
  if (folder.tag !== "folder") {
    if (folder.tag === "problem") entries.set(CLUSTER_FILE, folder.read);
    return bundle;
  }
  entries.set("", { tag: "directory", entries: [] });
  const cluster = await readPath(root, folder.real, CLUSTER_FILE, CONFIG_BYTES_MAX);
  entries.set(CLUSTER_FILE, cluster);
  if (cluster.tag === "file") await fetchSources(root, folder.real, cluster.bytes, entries);
  return bundle;
}

type Folder =
  | { readonly tag: "folder"; readonly real: string }
  | { readonly tag: "absent" }
  | { readonly tag: "problem"; readonly read: SourceRead };

async function folderAt(root: string): Promise<Folder> {
  try {
    const real = await realpath(root);
    return (await stat(real)).isDirectory() ? { tag: "folder", real } : { tag: "absent" };
  } catch (error) {
    const read = failure(error);
    return read.tag === "missing" ? { tag: "absent" } : { tag: "problem", read };
  }
}

async function fetchSources(
  root: string,
  real: string,
  clusterYaml: Uint8Array,
  entries: Map<string, SourceRead>,
): Promise<void> {
  const { sources } = parseClusterYaml(clusterYaml);
  const budget = new Budget(clusterYaml.byteLength);
  const inside = (declared: string): readonly string[] => {
    const resolved = resolveInside(declared, root);
    return resolved.tag === "inside" ? [resolved.path] : [];
  };
  const fetch = async (paths: readonly string[]): Promise<void> => {
    const wanted = [...new Set(paths)].filter((path) => !entries.has(path));
    for (let at = 0; at < wanted.length; at += BUNDLE_READS_AT_ONCE_MAX) {
      const wave = wanted.slice(at, at + BUNDLE_READS_AT_ONCE_MAX);
      const reads = await Promise.all(
        wave.map((path) => budget.refusal() ?? readPath(root, real, path, SOURCE_BYTES_MAX)),
      );
      for (const [index, read] of reads.entries()) entries.set(wave[index]!, budget.take(read));
    }
  };
  await fetch(sources.files.flatMap(inside));
  const queryEntries = sources.query_entries.flatMap(inside);
  await fetch(queryEntries);
  const children = queryEntries.flatMap((path) => {
    const read = entries.get(path);
    if (read?.tag !== "directory") return [];
    return read.entries.filter(isQueryFile).map((name) => (path === "" ? name : `${path}/${name}`));
  });
  await fetch(children);
}

/** What may still be read. The order of reads is fixed, so the same folder always exceeds it at the same file. */
class Budget {
  #bytes: number;
  #entries = 1;

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  /** The fact for whatever comes after a limit was reached. */
  refusal(): SourceRead | null {
    if (this.#entries >= BUNDLE_ENTRIES_MAX) {
      return unreadable(`the config names more than ${BUNDLE_ENTRIES_MAX} files and folders`);
    }
    if (this.#bytes >= BUNDLE_BYTES_MAX) {
      return unreadable(`the files of the config have more than ${BUNDLE_BYTES_MAX} bytes together`);
    }
    return null;
  }

  take(read: SourceRead): SourceRead {
    const refusal = this.refusal();
    if (refusal !== null) return refusal;
    this.#entries += 1;
    if (read.tag === "file") this.#bytes += read.bytes.byteLength;
    return read;
  }
}

/** What lies at `path`, which is normalised and below `root`. */
async function readPath(root: string, realRoot: string, path: string, bytesMax: number): Promise<SourceRead> {
  try {
    const real = await realpath(join(root, path));
    if (real !== realRoot && !real.startsWith(realRoot === sep ? sep : realRoot + sep)) {
      return { tag: "outside", reason: "a symbolic link leads out of the config folder" };
    }
    if (isSecretFile(path) || isSecretFile(real)) return unreadable("a .env file is never read");
    const found = await stat(real);
    if (found.isDirectory()) return await listFolder(real);
    if (!found.isFile()) return unreadable("it is neither a file nor a folder");
    return await readFile(real, bytesMax);
  } catch (error) {
    return failure(error);
  }
}

async function readFile(real: string, bytesMax: number): Promise<SourceRead> {
  const handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const { size } = await handle.stat();
    if (size > bytesMax) return unreadable(`it has ${size} bytes; at most ${bytesMax} are read`);
    return { tag: "file", bytes: await handle.readFile() };
  } finally {
    await handle.close();
  }
}

async function listFolder(real: string): Promise<SourceRead> {
  try {
    const names = await readdir(real);
    if (names.length > BUNDLE_ENTRIES_MAX) {
      const reason = `it has ${names.length} entries; at most ${BUNDLE_ENTRIES_MAX} are listed`;
      return { tag: "unreadable", reason, folder: true };
    }
    return { tag: "directory", entries: names.sort(compareBytes) };
  } catch (error) {
    const read = failure(error);
    return read.tag === "unreadable" ? { ...read, folder: true } : read;
  }
}

function unreadable(reason: string): Extract<SourceRead, { readonly tag: "unreadable" }> {
  return { tag: "unreadable", reason };
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  ELOOP: "its symbolic links go in circles",
  ENAMETOOLONG: "its path is too long",
  EMFILE: "too many files are open",
  EIO: "the disk reports an error",
};

/** Only what the system proves to be absent is missing; every other failure is a reason. */
function failure(error: unknown): Extract<SourceRead, { readonly tag: "missing" | "unreadable" }> {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  if (code === "ENOENT" || code === "ENOTDIR") return { tag: "missing" };
  return unreadable(REASONS[code] ?? `the system reports ${code}`);
}
