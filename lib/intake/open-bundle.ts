/**
 * Opens a kept bundle, and only as what it was kept as: its files have the digest that names it, or it is not opened.
 */
import { type Bundle, bundleDigest, bundleOfFiles } from "../config/bundle.ts";
import { bundleFiles } from "../config/sources.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { Digest } from "../digest/digest.ts";
import { readObjectRetrying, type StorePorts } from "../ledger/retry.ts";
import { readArchive } from "./archive.ts";
import { bundleKey, bundleName } from "./bundle-key.ts";

export type OpenedBundle =
  | { readonly tag: "opened"; readonly bundle: Bundle }
  /** `unavailable`: the store did not answer, so asking again may help. */
  | { readonly tag: "refused" | "unavailable"; readonly diagnostics: readonly Diagnostic[] };

export async function openBundle(ports: StorePorts, digest: Digest): Promise<OpenedBundle> {
  const path = bundleKey(digest);
  const read = await readObjectRetrying(ports, path);
  if (read.tag === "unavailable") {
    const message = `The config folder ${digest} could not be read: ${read.reason}.`;
    return { tag: "unavailable", diagnostics: [diagnostic("bundle_read_error", { path, message })] };
  }
  if (read.tag === "absent") {
    const message = `No config folder is kept under the digest ${digest}.`;
    return { tag: "refused", diagnostics: [diagnostic("bundle_not_found", { path, message })] };
  }
  const archive = await readArchive(read.bytes);
  if (archive.tag === "refused") return archive;
  const bundle = bundleOfFiles(bundleName(digest), archive.files);
  if (bundleDigest(bundleFiles(bundle)) === digest) return { tag: "opened", bundle };
  const message = `What is stored at ${path} is not the config folder of that digest.`;
  return { tag: "refused", diagnostics: [diagnostic("bundle_damaged", { path, message })] };
}
