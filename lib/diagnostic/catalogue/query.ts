/** Diagnostic codes of the query language (spec/query 5.13, 8). */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const QUERY_CODES = {} as const satisfies Record<string, CatalogueEntry>;
