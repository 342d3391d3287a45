/** Diagnostic codes of the command line. */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const CLI_CODES = {} as const satisfies Record<string, CatalogueEntry>;
