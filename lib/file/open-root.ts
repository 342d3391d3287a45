/** The stores of one cluster in a folder. */
import type { Clock } from "../ports/clock.ts";
import type { LeaseTable } from "../ports/lease-table.ts";
import type { LedgerStore } from "../ports/ledger-store.ts";
import type { ObjectParts } from "../ports/object-parts.ts";
import type { ObjectStore } from "../ports/object-store.ts";
import { SYSTEM_CLOCK } from "./clock.ts";
import { type FileCalls, NODE_FILE_CALLS } from "./file-calls.ts";
import { createFileLeaseTable } from "./lease-table.ts";
import { createFileLedgerStore } from "./ledger-store.ts";
import { createFileObjectParts } from "./object-parts.ts";
import { createFileObjectStore } from "./object-store.ts";
import { rootFolder } from "./root-folder.ts";
import { fileContext } from "./staging.ts";

export interface FileRoot {
  readonly store: ObjectStore;
  readonly parts: ObjectParts;
  readonly ledger: LedgerStore;
  readonly lease: LeaseTable;
}

/** Opens a folder, which need not exist; opening and reading create nothing. Tests hand in their own calls. */
export function openFileRoot(
  folder: string,
  clock: Clock = SYSTEM_CLOCK,
  calls: FileCalls = NODE_FILE_CALLS,
): FileRoot {
  const context = fileContext(rootFolder(folder), calls);
  return {
    store: createFileObjectStore(context),
    parts: createFileObjectParts(context),
    ledger: createFileLedgerStore(context),
    lease: createFileLeaseTable(context, clock),
  };
}
