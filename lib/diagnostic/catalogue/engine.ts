/** Diagnostic codes of the graph engine: loads, exports, graphs on disk. */
import type { CatalogueEntry } from "../catalogue-entry.ts";
import { GRAPH_CODES } from "./graph.ts";
import { LOAD_CODES } from "./load.ts";

export const ENGINE_CODES = { ...GRAPH_CODES, ...LOAD_CODES } as const satisfies Record<
  string,
  CatalogueEntry
>;
