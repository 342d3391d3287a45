/** Diagnostic codes of the command line. */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const CLI_CODES = {
  init_file_exists: {
    severity: "error",
    summary: "A starter file is already there",
    why: "init never replaces what somebody wrote.",
    fix: "Choose an empty folder, or move the file away.",
  },
  storage_backend_unsupported: {
    severity: "error",
    summary: "The storage root is on a backend that this command cannot use",
    why: "Nothing is read or written on a root that cannot be locked and committed safely.",
    fix: "Use a local path for `storage:`, or leave it out to use the config folder.",
  },
  source_file_unreadable: {
    severity: "error",
    summary: "A file given on the command line cannot be read",
    why: "Nothing was done.",
    fix: "Check the path and the permissions of the file.",
  },
  output_file_unwritable: {
    severity: "error",
    summary: "A file could not be written",
    why: "What the command made would be lost.",
    fix: "Check the path and the permissions of its folder.",
  },
  target_unknown: {
    severity: "error",
    summary: "--target names a graph that is not there",
    why: "A plan of nothing would look like a cluster without changes.",
    fix: "Name a graph that cluster.yaml declares or the ledger records; `graphform status` lists those.",
  },
  graph_version_unknown: {
    severity: "error",
    summary: "The graph has no such version",
    why: "Every load and every change of a graph makes one version, and versions are removed when their retention ends.",
    fix: "Choose another version with --at, or leave it out for the newest.",
  },
  graph_not_applied: {
    severity: "error",
    summary: "The graph is not in the ledger",
    why: "Only a graph that was applied can be loaded and exported.",
    fix: "Apply the config that declares it, or check the id: `graphform status` lists the graphs.",
  },
} as const satisfies Record<string, CatalogueEntry>;
