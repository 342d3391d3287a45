/**
 * Object store on a folder, by the contract of lib/ports/object-store.
 *
 * Guarantees: see plain-objects.ts for keys that other tools share and chained-objects.ts for keys below
 * `__graphform/`. Content and name are synced before a write is `done`. A key that would leave the root is refused
 * as `unavailable` and touches nothing (W35).
 */
import type { ObjectStore } from "../ports/object-store.ts";
import { putChained, readChained, removeChained, replaceChained } from "./chained-objects.ts";
import { listObjects } from "./list-objects.ts";
import { putPlain, readPlain, removePlain, replacePlain } from "./plain-objects.ts";
import { keyPath, OWN_PREFIX } from "./root-folder.ts";
import type { FileContext } from "./staging.ts";

interface IllegalKey {
  readonly tag: "unavailable";
  readonly reason: string;
}

function illegal(key: string): IllegalKey {
  return { tag: "unavailable", reason: `${JSON.stringify(key)} is not a legal key` };
}

/** A client of the folder. */
export function createFileObjectStore(context: FileContext): ObjectStore {
  const isOwn = (key: string): boolean => key.startsWith(OWN_PREFIX);
  return {
    async get(key) {
      const path = keyPath(context.root, key);
      if (path === null) return illegal(key);
      return isOwn(key) ? readChained(context, { key, path }) : readPlain(context, path);
    },
    async putIfAbsent(key, bytes) {
      const path = keyPath(context.root, key);
      if (path === null) return illegal(key);
      const body = Uint8Array.from(bytes);
      return isOwn(key) ? putChained(context, { key, path }, body) : putPlain(context, path, body);
    },
    async replace(key, bytes, version) {
      const path = keyPath(context.root, key);
      if (path === null) return illegal(key);
      const body = Uint8Array.from(bytes);
      return isOwn(key)
        ? replaceChained(context, { key, path }, body, version)
        : replacePlain(context, path, body, version);
    },
    async remove(key, version) {
      const path = keyPath(context.root, key);
      if (path === null) return illegal(key);
      return isOwn(key)
        ? removeChained(context, { key, path }, version)
        : removePlain(context, path, version);
    },
    list: (options) => listObjects(context, options),
  };
}
