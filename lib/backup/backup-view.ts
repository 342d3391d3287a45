/**
 * BackupView: a backup as the object store of a cluster, read only, so that whatever reads a cluster reads the copy and
 * not the original. What is read is held to its digest.
 */
import { compareBytes } from "../digest/digest.ts";
import type { StorePorts } from "../ledger/retry.ts";
import type { ListOptions, ListOutcome, ObjectStore, StoreKey, Version } from "../ports/object-store.ts";
import { readStored } from "./backup-place.ts";
import type { InventoryEntry } from "./backup-record.ts";

const READ_ONLY = { tag: "unavailable", reason: "a backup is never changed" } as const;

export function createBackupView(
  place: StorePorts,
  inventory: ReadonlyMap<string, InventoryEntry>,
): ObjectStore {
  const keys = [...inventory.keys()].sort(compareBytes);
  return {
    async get(key) {
      const entry = inventory.get(key);
      if (entry === undefined) return { tag: "absent" };
      const stored = await readStored(place, entry.digest);
      if (stored.tag === "stopped")
        return { tag: "unavailable", reason: stored.diagnostics[0]?.message ?? "" };
      return { tag: "found", bytes: stored.value, version: entry.digest as string as Version };
    },
    list: async (options) => withSizes(listKeys(keys, options), options, inventory),
    putIfAbsent: async () => READ_ONLY,
    replace: async () => READ_ONLY,
    remove: async () => READ_ONLY,
  };
}

function withSizes(
  listed: ListOutcome,
  options: ListOptions,
  inventory: ReadonlyMap<string, InventoryEntry>,
): ListOutcome {
  if (listed.tag !== "listed" || options.sizes !== true) return listed;
  return { ...listed, sizes: listed.keys.map((key) => inventory.get(key)?.bytes ?? null) };
}

function listKeys(keys: readonly string[], options: ListOptions): ListOutcome {
  const { prefix, limit, after, shallow, folders } = options;
  const shown = new Set<string>();
  for (const key of keys) {
    if (!key.startsWith(prefix)) continue;
    const slash = key.indexOf("/", prefix.length);
    if (folders === true ? slash < 0 : shallow === true && slash >= 0) continue;
    const name = folders === true ? key.slice(0, slash + 1) : key;
    if (after === undefined || compareBytes(name, after) > 0) shown.add(name);
  }
  const all = [...shown];
  const page = all.slice(0, limit);
  return {
    tag: "listed",
    keys: page as StoreKey[],
    next: page.length < all.length ? (page.at(-1) ?? null) : null,
  };
}
