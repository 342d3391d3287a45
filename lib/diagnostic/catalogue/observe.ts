/** Diagnostic codes of refresh, import, status, recovery and payload verification (spec/cluster 2.6). */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const OBSERVE_CODES = {
  recovery_sidecar_read_error: {
    severity: "warning",
    summary: "The intents of earlier runs cannot be listed",
    why: "An intent that is not seen could still take effect, so nothing that moves a graph runs now.",
    fix: "Restore access to the storage root and run the command again.",
  },
  invalid_recovery_sidecar: {
    severity: "warning",
    summary: "An intent file cannot be read",
    why: "Nobody can tell what it was about; if it names a graph, that graph is left alone.",
    fix: "Look at the file. Once you know that its operation is over, move it away.",
  },
  unsupported_recovery_sidecar_version: {
    severity: "warning",
    summary: "An intent file was written by a newer program",
    why: "Judging it by old rules would be a guess.",
    fix: "Run the command with the newer program.",
  },
  cluster_recovery_pending: {
    severity: "warning",
    summary: "An earlier operation on a graph is not settled",
    why: "Until it is, changes of that graph and of what depends on it do not run.",
    fix: "Run `graphform apply` or `graphform refresh`: both settle what can be settled before they do anything else.",
  },
  cluster_recovery_rolled_forward: {
    severity: "warning",
    summary: "An interrupted operation had landed and is now recorded",
    why: "The ledger was behind the graph; it is not any more.",
    fix: "Nothing to do. `graphform status` shows the recovery record.",
  },
  graph_create_incomplete: {
    severity: "error",
    summary: "A graph was left half created",
    why: "It cannot be opened, and nothing removes it by itself.",
    fix: "Look at the graph's folder, move it away, and apply again.",
  },
  graph_delete_incomplete: {
    severity: "warning",
    summary: "A graph was to be deleted and is still there",
    why: "The run that meant to delete it ended before it did.",
    fix: "Nothing to do: as long as the config does not declare the graph, the plan proposes its delete again.",
  },
  graph_observation_error: {
    severity: "error",
    summary: "Graphs could not be observed",
    why: "What cannot be seen is neither recorded as present nor as absent.",
    fix: "Read the observations in the output, restore access, and refresh again.",
  },
  catalog_payload_missing: {
    severity: "warning",
    summary: "A payload of the catalog is missing",
    why: "Whoever serves the resource cannot load it.",
    fix: "Run `graphform refresh`, which notes it, then `graphform apply`, which writes it again.",
  },
  catalog_payload_mismatch: {
    severity: "warning",
    summary: "A payload of the catalog is not what was applied",
    why: "Whoever serves the resource must refuse it.",
    fix: "Run `graphform refresh`, which notes it, then `graphform apply`, which replaces it.",
  },
  catalog_payload_read_error: {
    severity: "error",
    summary: "A payload of the catalog cannot be read",
    why: "It is neither known to be right nor known to be wrong.",
    fix: "Restore access to the storage root and run the command again.",
  },
  graph_drifted: {
    severity: "warning",
    summary: "A graph is not what the ledger recorded",
    why: "Somebody changed it without the control plane.",
    fix: "Run `graphform plan` to see how it differs from the config, and `graphform apply` to converge it.",
  },
  graph_undeclared: {
    severity: "warning",
    summary: "A graph exists that neither config nor ledger knows",
    why: "Nobody reconciles it and nobody is told when it changes.",
    fix: "Declare it in cluster.yaml, or plan and have its delete approved.",
  },
} as const satisfies Record<string, CatalogueEntry>;
