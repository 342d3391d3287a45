/** Diagnostic codes of policy bundles (spec/policy 1.3). */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const POLICY_CODES = {} as const satisfies Record<string, CatalogueEntry>;
