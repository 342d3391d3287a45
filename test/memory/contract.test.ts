/** The memory adapters obey the contracts of their ports. */
import { createMemoryBackend } from "../../lib/memory/backend.ts";
import { createManualClock, createSteppedClock } from "../../lib/memory/clock.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import { createMemoryObjectParts } from "../../lib/memory/object-parts.ts";
import { openMemoryRoot } from "../../lib/memory/open-root.ts";
import { createMemoryQueueBackend, createMemoryWorkQueue } from "../../lib/memory/work-queue.ts";
import { leaseTableContract } from "../contract/lease-table.contract.ts";
import { ledgerStoreContract } from "../contract/ledger-store.contract.ts";
import { objectPartsContract } from "../contract/object-parts.contract.ts";
import { objectStoreContract } from "../contract/object-store.contract.ts";
import { workQueueContract } from "../contract/work-queue.contract.ts";

const START_MS = Date.UTC(2026, 0, 1);

function openTwo() {
  const backend = createMemoryBackend();
  const clock = createManualClock(START_MS);
  return { a: openMemoryRoot(backend, clock), b: openMemoryRoot(backend, clock), clock };
}

const close = async (): Promise<void> => undefined;

objectStoreContract("memory", async () => {
  const { a, b } = openTwo();
  return { a: a.store, b: b.store, close };
});

objectPartsContract("memory", async () => {
  const backend = createMemoryBackend();
  const parts = () => createMemoryObjectParts(backend);
  const { store } = openMemoryRoot(backend, createManualClock(START_MS));
  return { a: parts(), b: parts(), store, close };
});

ledgerStoreContract("memory", async () => {
  const { a, b } = openTwo();
  return { a: a.ledger, b: b.ledger, close };
});

leaseTableContract("memory", async () => {
  const { a, b, clock } = openTwo();
  return { a: a.lease, b: b.lease, advance: clock.advance, close };
});

workQueueContract("memory", async () => {
  const backend = createMemoryQueueBackend();
  const clock = createSteppedClock(START_MS);
  const options = { clock, ids: createCountingIds(), visibility_ms: 30_000 };
  return {
    a: createMemoryWorkQueue(backend, options),
    b: createMemoryWorkQueue(backend, options),
    visibilityMs: options.visibility_ms,
    pass: async (durationMs) => clock.advance(durationMs),
    timeIsFree: true,
    close,
  };
});
