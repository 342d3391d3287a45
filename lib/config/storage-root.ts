/**
 * The storage root that cluster.yaml names (spec/cluster 1.6).
 *
 * Guarantees: pure. Stricter than the reference where it loses data in silence: another scheme than `s3` and `file` is
 * refused instead of becoming a folder, and a relative path is taken from the config folder, not from wherever the
 * process happens to run (W20). What follows `file://` is a path, not a URL: nothing is decoded, so `%`, `#` and `?`
 * are ordinary letters (W21).
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { joinPath } from "./bundle-path.ts";
import type { Located } from "./cluster-config.ts";

type StorageRoot =
  | { readonly tag: "root"; readonly text: string }
  | { readonly tag: "invalid"; readonly reason: string };

const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//;

function parseStorageRoot(raw: string): StorageRoot {
  const text = raw.trim();
  if (text === "") return { tag: "invalid", reason: "it is blank" };
  if (text.includes("\0")) return { tag: "invalid", reason: "it holds a NUL character" };
  const scheme = SCHEME.exec(text)?.[1];
  if (scheme === undefined) return { tag: "root", text };
  const rest = text.slice(scheme.length + "://".length);
  if (scheme === "s3") {
    const path = rest.replace(/\/+$/, "");
    if (path === "" || path.startsWith("/")) return { tag: "invalid", reason: "it names no bucket" };
    return { tag: "root", text: `s3://${path}` };
  }
  if (scheme !== "file") return { tag: "invalid", reason: `the scheme \`${scheme}\` is not supported` };
  if (!rest.startsWith("/"))
    return { tag: "invalid", reason: "a file root needs an absolute path and no host" };
  return { tag: "root", text: rest };
}

/** What is wrong with the declared root. */
export function checkStorageRoot(storage: Located<string>): readonly Diagnostic[] {
  const root = parseStorageRoot(storage.value);
  if (root.tag === "root") return [];
  // The text itself is not repeated: a URI may hold a password.
  const message = `The storage root is not valid: ${root.reason}.`;
  return [diagnostic("invalid_storage_root", { path: "storage", message, source: storage.at })];
}

/**
 * The storage root as `s3://bucket/prefix` or as a path, which is absolute if `configDir` is; null if none is
 * declared, which means the config folder, or if it is not valid.
 */
export function resolveStorageRoot(storage: Located<string> | null, configDir: string): string | null {
  if (storage === null) return null;
  const root = parseStorageRoot(storage.value);
  if (root.tag === "invalid") return null;
  return root.text.startsWith("s3://") ? root.text : joinPath(configDir, root.text);
}
