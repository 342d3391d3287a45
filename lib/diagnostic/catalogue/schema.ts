/** Diagnostic codes of the schema language and migrations (spec/schema 5, 7.4). */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const SCHEMA_CODES = {} as const satisfies Record<string, CatalogueEntry>;
