/** Diagnostic codes of the graph engine: loads, exports, graphs on disk. */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const ENGINE_CODES = {} as const satisfies Record<string, CatalogueEntry>;
