/** The file adapters obey the contracts of their ports. */

import { openFileRoot } from "../../lib/file/open-root.ts";
import { createManualClock } from "../../lib/memory/clock.ts";
import { leaseTableContract } from "../contract/lease-table.contract.ts";
import { ledgerStoreContract } from "../contract/ledger-store.contract.ts";
import { objectStoreContract } from "../contract/object-store.contract.ts";
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

ledgerStoreContract("a folder", async () => {
  const { a, b, close } = await openTwo();
  return { a: a.ledger, b: b.ledger, close };
});

leaseTableContract("a folder", async () => {
  const { a, b, clock, close } = await openTwo();
  return { a: a.lease, b: b.lease, advance: clock.advance, close };
});
