/** Diagnostic codes of plan and apply (spec/cluster 2.4, 2.5). */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const PLAN_CODES = {} as const satisfies Record<string, CatalogueEntry>;
