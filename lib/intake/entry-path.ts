/**
 * The path of one archive entry: relative, with single slashes, inside the folder that it was packed from (I2).
 *
 * Guarantees: pure. What a name of another system would mean somewhere (a drive, a backslash, a dot segment) is refused
 * and never repaired, because two programs would repair it to two paths.
 */
import { ARCHIVE_NAME_BYTES_MAX } from "./limits.ts";

export type EntryPath =
  | { readonly tag: "file" | "folder"; readonly path: string }
  /** `shown`: the name as people may see it. `reason` completes "The entry ... ". */
  | { readonly tag: "refused"; readonly shown: string; readonly reason: string };

/** Characters that no name shows as they are: controls, and what turns the direction of text. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

export function entryPath(raw: Uint8Array): EntryPath {
  const name = decodeName(raw);
  if (name === null) {
    const shown = JSON.stringify(Buffer.from(raw.subarray(0, ARCHIVE_NAME_BYTES_MAX)).toString("latin1"));
    return { tag: "refused", shown, reason: "has a name that is not UTF-8" };
  }
  const shown = HIDDEN.test(name) ? JSON.stringify(name) : name;
  const reason = problemOf(name, raw.length);
  if (reason !== null) return { tag: "refused", shown: shown.slice(0, ARCHIVE_NAME_BYTES_MAX), reason };
  return name.endsWith("/") ? { tag: "folder", path: name.slice(0, -1) } : { tag: "file", path: name };
}

function decodeName(raw: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return null;
  }
}

function problemOf(name: string, bytes: number): string | null {
  if (name === "" || name === "/") return "has no name";
  if (bytes > ARCHIVE_NAME_BYTES_MAX) return `has a name of more than ${ARCHIVE_NAME_BYTES_MAX} bytes`;
  if (HIDDEN.test(name)) return "has a name with characters that cannot be seen";
  if (name.includes("\\")) return "has a name with a backslash";
  if (name.startsWith("/")) return "has an absolute path";
  if (/^[A-Za-z]:/.test(name)) return "has a path with a drive";
  const segments = (name.endsWith("/") ? name.slice(0, -1) : name).split("/");
  if (segments.includes("..")) return "leaves the folder through `..`";
  if (segments.some((segment) => segment === "" || segment === "."))
    return "has a path with empty or dot segments";
  return null;
}
