/**
 * Keeps a config folder that arrives as a zip (design 3): cluster.yaml and what it names, nothing else, packed again
 * under the digest of its files, so that the same files are kept once whatever they were packed by.
 *
 * A config with errors is kept as well: what is wrong with it is for validate and plan to say. Only what could harm is
 * refused: an archive beyond the limits, or a `storage:` that is not the root of this cluster.
 */
import { type BundleFile, bundleDigest, bundleOfFiles, CLUSTER_FILE } from "../config/bundle.ts";
import { CONFIG_BYTES_MAX, SOURCE_BYTES_MAX } from "../config/limits.ts";
import { parseClusterYaml } from "../config/parse.ts";
import { bundleFiles } from "../config/sources.ts";
import { resolveStorageRoot } from "../config/storage-root.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { Digest } from "../digest/digest.ts";
import { putOnce, readObjectRetrying, type StorePorts } from "../ledger/retry.ts";
import { readArchive } from "./archive.ts";
import { bundleKey, bundleName } from "./bundle-key.ts";
import { noteBundleOrigin } from "./bundle-origin.ts";
import { openBundle } from "./open-bundle.ts";
import { packFiles } from "./pack.ts";

export type KeptBundle =
  | { readonly tag: "kept"; readonly bundle_digest: Digest; readonly diagnostics: readonly Diagnostic[] }
  /** `unavailable`: the store did not answer, so asking again may help. */
  | { readonly tag: "refused" | "unavailable"; readonly diagnostics: readonly Diagnostic[] };

export interface BundlePorts extends StorePorts {
  /** The storage root of the cluster. */
  readonly root: string;
}

/** `actor`: who brings it; null: nobody knows. */
export async function keepBundle(
  ports: BundlePorts,
  zip: Uint8Array,
  actor: string | null = null,
): Promise<KeptBundle> {
  const archive = await readArchive(zip);
  if (archive.tag === "refused") return archive;
  const { files } = archive;
  if (!files.has(CLUSTER_FILE)) return { tag: "refused", diagnostics: [withoutConfig([...files.keys()])] };
  const named = bundleFiles(bundleOfFiles("", files));
  const digest = bundleDigest(named);
  const problems = [...tooLarge(named), ...foreignRoot(ports.root, files.get(CLUSTER_FILE)!)];
  if (problems.length > 0) return { tag: "refused", diagnostics: problems };
  const unkept = await store(ports, digest, named, actor);
  if (unkept !== null) return { tag: "unavailable", diagnostics: [unkept] };
  return { tag: "kept", bundle_digest: digest, diagnostics: leftOut(files.size - named.length, digest) };
}

function withoutConfig(paths: readonly string[]): Diagnostic {
  const deeper = paths.filter((path) => path.endsWith(`/${CLUSTER_FILE}`));
  const where = deeper.length === 0 ? "" : ` There is one at ${deeper[0]}.`;
  const message = `The archive has no ${CLUSTER_FILE} at its top.${where}`;
  return diagnostic("archive_without_config", { path: CLUSTER_FILE, message });
}

/** The sizes that a folder is read within. */
function tooLarge(files: readonly BundleFile[]): readonly Diagnostic[] {
  return files.flatMap(({ path, bytes }) => {
    const most = path === CLUSTER_FILE ? CONFIG_BYTES_MAX : SOURCE_BYTES_MAX;
    if (bytes.length <= most) return [];
    const message = `${path} has ${bytes.length} bytes; at most ${most} are read.`;
    return [diagnostic("bundle_file_too_large", { path, message })];
  });
}

/** Another cluster's root would be changed by whoever may change this one. */
function foreignRoot(root: string, clusterYaml: Uint8Array): readonly Diagnostic[] {
  const parsed = parseClusterYaml(clusterYaml);
  if (parsed.tag === "invalid" || parsed.config.storage === null) return [];
  if (resolveStorageRoot(parsed.config.storage, ".") === root.replace(/\/+$/, "")) return [];
  const message = `The config names a storage root, and it is not ${root}, that of this cluster.`;
  const facts = { path: "storage", message, source: parsed.config.storage.at };
  return [diagnostic("storage_root_mismatch", facts)];
}

/** Null if the bundle is kept. */
async function store(
  ports: BundlePorts,
  digest: Digest,
  files: readonly BundleFile[],
  actor: string | null,
): Promise<Diagnostic | null> {
  const path = bundleKey(digest);
  const failed = (reason: string) => {
    const message = `The config folder could not be kept: ${reason}.`;
    return diagnostic("bundle_write_error", { path, message });
  };
  const unnoted = await noteBundleOrigin(ports, digest, actor);
  if (unnoted !== null) return failed(unnoted);
  const there = await readObjectRetrying(ports, path);
  if (there.tag === "unavailable") return failed(there.reason);
  if (there.tag === "absent") {
    const put = await putOnce(ports, path, await packFiles(files));
    switch (put.tag) {
      case "present":
        return null;
      case "other":
        break;
      case "unavailable":
      case "ambiguous":
        return failed(put.reason);
      default:
        return assertNever(put);
    }
  }
  // Packed by another version of the packer, perhaps; what counts is what comes out.
  const opened = await openBundle(ports, digest);
  return opened.tag === "opened"
    ? null
    : failed(`what is stored at ${path} is not the ${bundleName(digest)}`);
}

function leftOut(count: number, digest: Digest): readonly Diagnostic[] {
  if (count === 0) return [];
  const message = `${count} file${count === 1 ? "" : "s"} of the archive ${count === 1 ? "is" : "are"} not named by ${CLUSTER_FILE} and ${count === 1 ? "was" : "were"} left out.`;
  return [diagnostic("bundle_files_left_out", { path: bundleKey(digest), message })];
}
