/** Diagnostic codes of plan and apply (spec/cluster 2.4, 2.5). */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const PLAN_CODES = {
  schema_preview_unavailable: {
    severity: "warning",
    summary: "The effect of a schema change on the live graph cannot be shown",
    why: "The change is blocked: a migration that cannot be previewed is never applied.",
    fix: "Read the message: change the schema so that every step is supported, or repair access to the graph, and plan again.",
  },
  policy_access_unknown: {
    severity: "warning",
    summary: "Who gains and loses access cannot be shown",
    why: "A reviewer cannot see from this plan what the policy change means for people.",
    fix: "Run `graphform refresh` and plan again, or compare the policy files by hand.",
  },
  query_broken_by_schema: {
    severity: "error",
    summary: "A schema change breaks a stored query",
    why: "A query that no longer fits its schema would fail for everyone who calls it, so the whole plan is refused.",
    fix: "Change the query in the same plan, or keep what it uses in the schema.",
  },
  plan_stale: {
    severity: "error",
    summary: "The world moved since the plan was made",
    why: "A reviewed plan runs exactly as reviewed or not at all.",
    fix: "Make and review a new plan, then apply that one.",
  },
  plan_invalid: {
    severity: "error",
    summary: "This is not a plan that can be applied",
    why: "A damaged or foreign plan could make apply do something that nobody reviewed.",
    fix: "Make a new plan with `graphform plan --out FILE` and apply that file.",
  },
  plan_already_used: {
    severity: "error",
    summary: "The plan has been used",
    why: "A plan is applied once; what it promised may no longer be what would happen.",
    fix: "Make a new plan. `graphform status` shows what the first run left.",
  },
  plan_not_found: {
    severity: "error",
    summary: "There is no such plan",
    why: "Apply runs only what was planned and stored.",
    fix: "Give the file that `graphform plan --out FILE` wrote, or the id it printed.",
  },
  plan_write_error: {
    severity: "error",
    summary: "The plan could not be stored",
    why: "A plan that is not stored cannot be applied by its id.",
    fix: "Check that the storage root can be written, then plan again.",
  },
  apply_approval_invariant_violation: {
    severity: "error",
    summary: "A gated change was about to run without its approval",
    why: "This is a defect of the program, caught before anything irreversible happened.",
    fix: "Nothing was changed. Report it with the plan.",
  },
  graph_create_failed: {
    severity: "error",
    summary: "A graph could not be created",
    why: "Its queries and policies cannot be applied before it exists.",
    fix: "Read the message, remove the cause, and apply again; other graphs were not affected.",
  },
  graph_create_skipped: {
    severity: "warning",
    summary: "A graph was not created in this run",
    why: "The run stopped before it came to this graph.",
    fix: "Apply again.",
  },
  schema_apply_failed: {
    severity: "error",
    summary: "A schema change was not applied",
    why: "The graph keeps its old schema, and queries that need the new one wait.",
    fix: "Read the message, change the schema or the rows that stand in the way, and apply again.",
  },
  schema_apply_skipped: {
    severity: "warning",
    summary: "A schema change was not attempted in this run",
    why: "The run stopped before it came to this graph.",
    fix: "Apply again.",
  },
  resource_payload_write_error: {
    severity: "error",
    summary: "A payload could not be written to the catalog",
    why: "The resource is not recorded as applied until its payload is stored.",
    fix: "Check that the storage root can be written, then apply again.",
  },
  recovery_sidecar_write_error: {
    severity: "error",
    summary: "The intent of a graph change could not be written",
    why: "No graph is touched before its intent is durable.",
    fix: "Check that the storage root can be written, then apply again; nothing was changed.",
  },
  recovery_sidecar_cleanup_failed: {
    severity: "warning",
    summary: "A finished intent could not be removed",
    why: "It is harmless: the next apply recognises it as finished and removes it.",
    fix: "Nothing to do.",
  },
  apply_unsupported_change: {
    severity: "warning",
    summary: "A change is not executed by this run",
    why: "The cluster is not converged until it is.",
    fix: "Read the message for what it waits for.",
  },
  apply_dependency_blocked: {
    severity: "warning",
    summary: "A change is blocked",
    why: "The cluster is not converged until it is applied.",
    fix: "Read the message for what stands in the way.",
  },
  approval_required: {
    severity: "warning",
    summary: "A change needs a recorded human approval",
    why: "It cannot be undone after its grace period.",
    fix: "Nothing is deleted without it. To keep the graph, put it back into cluster.yaml.",
  },
  load_failed: {
    severity: "error",
    summary: "Rows were not loaded",
    why: "A load takes all rows of its source or none; nothing was changed.",
    fix: "Read the message, remove the cause, and load again.",
  },
  load_outcome_unknown: {
    severity: "error",
    summary: "It is not known whether a load landed",
    why: "The answer of the store was lost after the rows were sent.",
    fix: "Compare the row counts with `graphform export`, then load again with --mode merge if they are missing.",
  },
  apply_interrupted: {
    severity: "error",
    summary: "The run was interrupted",
    why: "What was done is recorded; what was not begun is untouched.",
    fix: "Apply again: it continues from what the ledger records.",
  },
  apply_declined: {
    severity: "error",
    summary: "The plan was not accepted",
    why: "Apply changes nothing without an answer of yes.",
    fix: "Run apply again, or give --auto-approve.",
  },
  apply_outcome_unknown: {
    severity: "error",
    summary: "It is not known whether the run was recorded",
    why: "The answer of the store was lost; intents stay in place, so nothing can be lost or done twice.",
    fix: "Run `graphform status`, then apply again: it settles what happened before it does anything else.",
  },
} as const satisfies Record<string, CatalogueEntry>;
