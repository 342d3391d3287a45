/**
 * Object store in memory, by the contract of lib/ports/object-store.
 *
 * Guarantees: every call takes effect in exactly one step, after one turn of the event loop, so that callers really
 * interleave; versions are content hashes as S3's ETags are, so equal bytes have equal versions; bodies are copied on
 * the way in and out. It is never unavailable and never ambiguous: tests wrap it to make it so.
 */
import { compareBytes, sha256 } from "../digest/digest.ts";
import type { ListOptions, ListOutcome, ObjectStore, StoreKey, Version } from "../ports/object-store.ts";
import type { MemoryBackend } from "./backend.ts";
import { LIST_KEYS_MAX } from "./limits.ts";

function versionOf(bytes: Uint8Array): Version {
  return sha256(bytes) as string as Version;
}

function listKeys(objects: ReadonlyMap<string, Uint8Array>, options: ListOptions): ListOutcome {
  const { prefix, after } = options;
  const below = [...objects.keys()].filter((key) => key.startsWith(prefix));
  const named = options.folders === true ? foldersIn(below, prefix) : below;
  const wanted = (key: string): boolean =>
    (after === undefined || compareBytes(key, after) > 0) &&
    !(options.shallow === true && key.slice(prefix.length).includes("/"));
  const keys = named.filter(wanted).sort(compareBytes);
  const page = keys.slice(0, Math.min(options.limit, LIST_KEYS_MAX));
  const next = page.length < keys.length ? (page.at(-1) ?? after ?? "") : null;
  const sizes = options.sizes === true ? page.map((key) => objects.get(key)?.length ?? null) : undefined;
  return { tag: "listed", keys: page as StoreKey[], next, sizes };
}

function foldersIn(keys: readonly string[], prefix: string): readonly string[] {
  const folders = keys.flatMap((key) => {
    const end = key.indexOf("/", prefix.length);
    return end < 0 ? [] : [key.slice(0, end + 1)];
  });
  return [...new Set(folders)];
}

/** A client of `backend`. */
export function createMemoryObjectStore(backend: MemoryBackend): ObjectStore {
  const { objects } = backend;
  return {
    async get(key) {
      await Promise.resolve();
      const bytes = objects.get(key);
      if (bytes === undefined) return { tag: "absent" };
      return { tag: "found", bytes: Uint8Array.from(bytes), version: versionOf(bytes) };
    },
    async putIfAbsent(key, bytes) {
      const body = Uint8Array.from(bytes);
      await Promise.resolve();
      const present = objects.get(key);
      if (present !== undefined) {
        return { tag: "refused", current: { tag: "found", version: versionOf(present) } };
      }
      objects.set(key, body);
      return { tag: "done", value: versionOf(body) };
    },
    async replace(key, bytes, version) {
      const body = Uint8Array.from(bytes);
      await Promise.resolve();
      const present = objects.get(key);
      if (present === undefined) return { tag: "refused", current: { tag: "absent" } };
      const current = versionOf(present);
      if (current !== version) return { tag: "refused", current: { tag: "found", version: current } };
      objects.set(key, body);
      return { tag: "done", value: versionOf(body) };
    },
    async remove(key, version) {
      await Promise.resolve();
      const present = objects.get(key);
      if (present === undefined) return { tag: "refused", current: { tag: "absent" } };
      const current = versionOf(present);
      if (current !== version) return { tag: "refused", current: { tag: "found", version: current } };
      objects.delete(key);
      return { tag: "done", value: null };
    },
    async list(options) {
      await Promise.resolve();
      return listKeys(objects, options);
    },
  };
}
