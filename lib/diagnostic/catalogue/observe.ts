/** Diagnostic codes of refresh, import, status and payload verification (spec/cluster 2.6). */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const OBSERVE_CODES = {} as const satisfies Record<string, CatalogueEntry>;
