/** Diagnostic codes of graphs on their storage: what stands at a root, and why a writing verb did not happen. */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const GRAPH_CODES = {
  graph_busy: {
    severity: "error",
    summary: "Another writer has been working on the graph for too long.",
    why: "Writers of one graph take turns; nothing of this request was attempted.",
    fix: "Repeat the command when the other load or migration has ended.",
  },
  graph_not_live: {
    severity: "error",
    summary: "The graph does not exist, or has been deleted.",
    why: "Only a live graph has a schema and rows.",
    fix: "Create the graph by applying a config that declares it, or restore it if it was deleted.",
  },
  graph_foreign_format: {
    severity: "error",
    summary: "Something that Graphform did not write stands at the graph's root.",
    why: "Writing there could destroy another tool's graph.",
    fix: "Choose another graph id, or move what is there away with the tool that wrote it.",
  },
  graph_newer_format: {
    severity: "error",
    summary: "The graph was written by a newer version of Graphform.",
    why: "This version cannot know what the newer format means, so it leaves the graph alone.",
    fix: "Update Graphform on this machine.",
  },
  graph_corrupt: {
    severity: "error",
    summary: "The graph's manifests or schema record cannot be read.",
    why: "Nothing is guessed about a graph whose history is damaged, and nothing of it is touched.",
    fix: "Restore the named object from a version or backup of the storage, then refresh.",
  },
  graph_unavailable: {
    severity: "error",
    summary: "The graph's storage did not answer.",
    why: "A failed read is not proof of absence, so nothing was decided from it.",
    fix: "Check the storage and the credentials, then repeat the command.",
  },
  graph_moved: {
    severity: "error",
    summary: "The graph changed after the operation was decided on.",
    why: "Every operation is bound to the version that it was decided on, so that nothing is overwritten.",
    fix: "Plan again, and apply the new plan.",
  },
  graph_outcome_unknown: {
    severity: "error",
    summary: "The storage did not say whether the graph's next version was published.",
    why: "It may still appear, so it is neither a success nor a failure.",
    fix: "Refresh: the sweep reads the graph back and settles the operation.",
  },
  graph_version_unreadable: {
    severity: "error",
    summary: "The graph has no such version that can be read.",
    why: "The version was never published, or its data was removed by a hard drop or at the end of its window.",
    fix: "Choose another version of the graph's history.",
  },
  graph_migration_unsupported: {
    severity: "error",
    summary: "The schema change is not one that can be made to stored rows.",
    why: "It would need values that are not there, or give stored values another meaning.",
    fix: "Change the schema in supported steps: add a nullable property, load it, drop the old one.",
  },
} as const satisfies Record<string, CatalogueEntry>;
