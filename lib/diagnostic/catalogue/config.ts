/** Diagnostic codes of cluster.yaml and the files it names (spec/cluster 2.1). */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const CONFIG_CODES = {} as const satisfies Record<string, CatalogueEntry>;
