/** The three stores of one cluster in memory, as one client sees them. */
import type { Clock } from "../ports/clock.ts";
import type { LeaseTable } from "../ports/lease-table.ts";
import { createLedgerStoreOver } from "../ports/ledger-over-objects.ts";
import type { LedgerStore } from "../ports/ledger-store.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import type { MemoryBackend } from "./backend.ts";
import { createMemoryLeaseTable } from "./lease-table.ts";
import { createMemoryObjectStore } from "./object-store.ts";

export interface MemoryRoot {
  readonly store: ObjectStore;
  readonly ledger: LedgerStore;
  readonly lease: LeaseTable;
}

/** A client of `backend`; several may be open at once. */
export function openMemoryRoot(backend: MemoryBackend, clock: Clock): MemoryRoot {
  const store = createMemoryObjectStore(backend);
  return {
    store,
    ledger: createLedgerStoreOver(store),
    lease: createMemoryLeaseTable(backend, clock),
  };
}
