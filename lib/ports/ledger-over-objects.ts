/**
 * Ledger store over an object store whose `replace` is a true compare-and-set (memory, S3): the commit point is the
 * conditional write of `__cluster/state.json` (design 4.1, L3).
 *
 * Guarantees: nothing is ever half done, so `read` has nothing to complete and never answers `forked`. A refusal
 * reads back what is there, so that the caller can recognise its own write.
 */
import type { LedgerRead, LedgerStore } from "./ledger-store.ts";
import type { ObjectStore } from "./object-store.ts";
import { STATE_KEY } from "./state-key.ts";

/** A ledger store whose document is one object of `store`. */
export function createLedgerStoreOver(store: ObjectStore): LedgerStore {
  const read = (): Promise<LedgerRead> => store.get(STATE_KEY);
  return {
    read,
    async commit({ base, bytes }) {
      const outcome =
        base === null
          ? await store.putIfAbsent(STATE_KEY, bytes)
          : await store.replace(STATE_KEY, bytes, base);
      return outcome.tag === "refused" ? { tag: "refused", current: await read() } : outcome;
    },
  };
}
