/** Diagnostic codes of the ledger and the lock (spec/cluster 2.2, 2.3). */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const LEDGER_CODES = {} as const satisfies Record<string, CatalogueEntry>;
