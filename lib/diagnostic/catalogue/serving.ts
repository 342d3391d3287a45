/** Diagnostic codes of the serving snapshot (spec/cluster 2.7). */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const SERVING_CODES = {
  cluster_state_missing: {
    severity: "error",
    summary: "The cluster has no ledger to serve",
    why: "A server serves what was applied, and only the ledger says what that is.",
    fix: "Check the storage root. If it is right, run `graphform import` and `graphform apply` first.",
  },
  cluster_recovery_unattributed: {
    severity: "error",
    summary: "An intent file does not say which graph it concerns",
    why: "Any graph could be the one that it left half changed, so none is served.",
    fix: "Look at the file. Once you know that its operation is over, move it away.",
  },
  catalog_payload_digest_mismatch: {
    severity: "error",
    summary: "A payload of the catalog is not what was applied",
    why: "Serving it would run a query or enforce a policy that nobody applied.",
    fix: "Run `graphform refresh`, which notes it, then `graphform apply`, which replaces it.",
  },
  policy_bindings_missing: {
    severity: "error",
    summary: "The ledger does not say what a policy applies to",
    why: "A policy without bindings protects nothing, which nobody would notice.",
    fix: "Run `graphform apply`, which records the bindings of the config.",
  },
  embedding_provider_profile_missing: {
    severity: "error",
    summary: "The ledger does not hold the profile of an embedding provider",
    why: "Graphs that are bound to it cannot embed anything.",
    fix: "Run `graphform apply`, which records the profile of the config.",
  },
  embedding_provider_digest_mismatch: {
    severity: "error",
    summary: "The recorded profile of an embedding provider is not the one that was applied",
    why: "Text would be sent to a service that nobody approved.",
    fix: "Find out who changed the ledger, then run `graphform apply`.",
  },
  embedding_provider_missing: {
    severity: "error",
    summary: "A graph is bound to an embedding provider that cannot be used",
    why: "Its vectors would be made by another model, or not at all.",
    fix: "Run `graphform apply` with a config that declares the provider.",
  },
  cluster_no_healthy_graphs: {
    severity: "error",
    summary: "Every graph of the cluster waits for recovery",
    why: "There is nothing left to serve until an earlier operation is settled.",
    fix: "Run `graphform apply` or `graphform refresh`: both settle what is open before they do anything else.",
  },
  cluster_empty: {
    severity: "error",
    summary: "The cluster has no graph",
    why: "There is nothing to serve.",
    fix: "Declare a graph in cluster.yaml and run `graphform apply`.",
  },
} as const satisfies Record<string, CatalogueEntry>;
