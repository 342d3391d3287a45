/** Objects in parts in memory, by the contract of lib/ports/object-parts: the same objects as those of the object store. */
import { sha256 } from "../digest/digest.ts";
import type { ObjectParts, PartsWriting } from "../ports/object-parts.ts";
import type { StoreKey, Version } from "../ports/object-store.ts";
import type { MemoryBackend } from "./backend.ts";

function versionOf(bytes: Uint8Array): Version {
  return sha256(bytes) as string as Version;
}

function writingOf({ objects }: MemoryBackend, key: StoreKey): PartsWriting {
  const added: Uint8Array[] = [];
  return {
    async add(bytes) {
      added.push(Uint8Array.from(bytes));
      await Promise.resolve();
      return { tag: "added" };
    },
    async finish(over) {
      await Promise.resolve();
      const present = objects.get(key);
      const current = present === undefined ? null : versionOf(present);
      if (current !== over) {
        return current === null
          ? { tag: "refused", current: { tag: "absent" } }
          : { tag: "refused", current: { tag: "found", version: current } };
      }
      const body = Uint8Array.from(Buffer.concat(added));
      objects.set(key, body);
      return { tag: "done", value: versionOf(body) };
    },
    async abandon() {
      added.length = 0;
    },
  };
}

/** A client of `backend`. */
export function createMemoryObjectParts(backend: MemoryBackend): ObjectParts {
  return {
    async read(key, { from, bytes }, version) {
      await Promise.resolve();
      const whole = backend.objects.get(key);
      if (whole === undefined) return { tag: "absent" };
      const current = versionOf(whole);
      if ((version !== null && version !== current) || from > Math.max(0, whole.length - 1))
        return { tag: "changed" };
      const part = whole.slice(from, from + bytes);
      return { tag: "found", bytes: part, version: current, size: whole.length };
    },
    async begin(key) {
      await Promise.resolve();
      return { tag: "begun", writing: writingOf(backend, key) };
    },
  };
}
