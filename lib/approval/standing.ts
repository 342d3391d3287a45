/**
 * Standing: how an approval stands, as people need it: whether it can be used, who holds it, what became of it. It says
 * nothing of whether the approved change is still what a plan would do; that a plan tells. Pure.
 */
import type { OperationId, RunId } from "../digest/ids.ts";
import type { Evidence, Revocation } from "./evidence.ts";
import { hasExpired, type SeenArtifact } from "./match.ts";

export type Standing =
  | { readonly state: "open" }
  | { readonly state: "expired" }
  /** Its artifact is missing or unreadable: giving it did not finish, and it does not count. */
  | { readonly state: "incomplete" }
  | { readonly state: "reserved"; readonly run_id: RunId; readonly operation_id: OperationId }
  /** `operation_id` null: the evidence missed its use, and ledger or artifact tell of it. */
  | { readonly state: "consumed"; readonly operation_id: OperationId | null; readonly at: string | null }
  | ({ readonly state: "revoked" } & Revocation)
  /** Another tool gave it, without evidence; it never counts here. */
  | { readonly state: "foreign" };

/** What else is known of an approval. */
export interface StandingFacts {
  readonly artifact: SeenArtifact;
  /** The ledger records its use. */
  readonly recorded: boolean;
  /** Milliseconds since the Unix epoch. */
  readonly now_ms: number;
}

export function standingOf(evidence: Evidence, facts: StandingFacts): Standing {
  const { state } = evidence;
  switch (state.tag) {
    case "reserved": {
      const { run_id, operation_id } = state.reservation;
      return { state: "reserved", run_id, operation_id };
    }
    case "consumed":
      return { state: "consumed", operation_id: state.operation_id, at: state.at };
    case "revoked":
      return { state: "revoked", by: state.by, at: state.at, reason: state.reason };
    case "open":
      return openStanding(evidence, facts);
  }
}

function openStanding(evidence: Evidence, { artifact, recorded, now_ms }: StandingFacts): Standing {
  const at = artifact.tag === "found" ? artifact.artifact.consumed_at : null;
  if (recorded || at !== null) return { state: "consumed", operation_id: null, at };
  if (artifact.tag !== "found") return { state: "incomplete" };
  return hasExpired(evidence, now_ms) ? { state: "expired" } : { state: "open" };
}

/** True if it has had its use or was taken back. */
export function isOver({ state }: Standing): boolean {
  return state === "consumed" || state === "revoked";
}
