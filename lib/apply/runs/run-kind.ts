/** What people call a run, and what it is to them. Pure. */
import type { RunRecord } from "./run-record.ts";

/** What people call the run: one that only plans is no apply to them. */
export function runKind({ operation, mode }: Pick<RunRecord, "operation" | "mode">): string {
  return operation === "apply" && mode === "plan" ? "plan" : operation;
}

/** True for an apply of which nothing was applied: its plan was left to people, because something newer had overtaken it. */
export function isOnlyPlanned({ mode, outcome }: Pick<RunRecord, "mode" | "outcome">): boolean {
  return mode === "auto" && outcome === "planned";
}
