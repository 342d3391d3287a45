/** Diagnostic codes of approvals (spec/cluster 2.5, design 8). */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const APPROVAL_CODES = {
  invalid_approval_evidence: {
    severity: "warning",
    summary: "The evidence of an approval cannot be read",
    why: "An approval counts only with its evidence, so this one does not; the file is left in place.",
    fix: "Use the newest Graphform; if the file is damaged, approve again and ask who can write to the storage root.",
  },
} as const satisfies Record<string, CatalogueEntry>;
