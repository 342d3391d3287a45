/** The file adapters obey the contracts of their ports. */

import { openFileRoot } from "../../lib/file/open-root.ts";
import { createFileWorkQueue } from "../../lib/file/work-queue.ts";
import { createManualClock, createSteppedClock } from "../../lib/memory/clock.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import { leaseTableContract } from "../contract/lease-table.contract.ts";
import { ledgerStoreContract } from "../contract/ledger-store.contract.ts";
import { objectPartsContract } from "../contract/object-parts.contract.ts";
import { objectStoreContract } from "../contract/object-store.contract.ts";
import { workQueueContract } from "../contract/work-queue.contract.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const START_MS = Date.UTC(2026, 0, 1);

async function openTwo() {
  const folder = await temporaryFolder();
  const clock = createManualClock(START_MS);
  return {
    a: openFileRoot(folder.path, clock),
    b: openFileRoot(folder.path, clock),
    clock,
    close: folder.remove,
  };
}

objectStoreContract("a folder", async () => {
  const { a, b, close } = await openTwo();
  return { a: a.store, b: b.store, close };
});

objectPartsContract("a folder", async () => {
  const { a, b, close } = await openTwo();
  return { a: a.parts, b: b.parts, store: a.store, close };
});

ledgerStoreContract("a folder", async () => {
  const { a, b, close } = await openTwo();
  return { a: a.ledger, b: b.ledger, close };
});

leaseTableContract("a folder", async () => {
  const { a, b, clock, close } = await openTwo();
  return { a: a.lease, b: b.lease, advance: clock.advance, close };
});

workQueueContract("a folder", async () => {
  const folder = await temporaryFolder();
  const clock = createSteppedClock(START_MS);
  const options = { clock, ids: createCountingIds(), visibility_ms: 30_000 };
  return {
    a: createFileWorkQueue(folder.path, options),
    b: createFileWorkQueue(folder.path, options),
    visibilityMs: options.visibility_ms,
    pass: async (durationMs) => clock.advance(durationMs),
    timeIsFree: true,
    close: folder.remove,
  };
});
