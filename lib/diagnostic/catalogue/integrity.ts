/** Diagnostic codes of what keeps a deployment whole: protection, mass deletes, records that were lost. */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const INTEGRITY_CODES = {
  protection_target_unknown: {
    severity: "error",
    summary: "The graph that was named is not there",
    why: "Protecting a graph that does not exist would leave the one that was meant open to deletion.",
    fix: "Check the id: `graphform status` lists the graphs of the ledger and those that are protected.",
  },
  mass_delete_refused: {
    severity: "error",
    summary: "The run would delete more graphs than it may",
    why: "A config that suddenly declares fewer graphs is more often the wrong folder or a broken generator than a wish.",
    fix: "Check --config and the graphs of cluster.yaml. If it is meant, run `graphform apply --allow-mass-delete`, or delete a part with --target.",
  },
} as const satisfies Record<string, CatalogueEntry>;
