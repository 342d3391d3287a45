/**
 * CommitMarker: the identity of a commit inside the ledger that it made, `observations["graphform"]` (design 4.5). An
 * own write is recognised by it, never by content, and it ties the ledger to its receipt.
 *
 * A ledger whose marker is missing or older than its revision was written by another tool (design 4.6, foreign).
 */
import { z } from "zod";
import type { Digest } from "../digest/digest.ts";
import { type CommitId, isUlid, type RunId } from "../digest/ids.ts";
import { REVISION_MAX } from "./limits.ts";
import type { LedgerState } from "./state.ts";
import { firstIssue } from "./typed-document.ts";

/** The key below `observations`. */
export const MARKER_KEY = "graphform";

export interface CommitMarker {
  readonly kind: "commit";
  readonly state_revision: number;
  readonly commit_id: CommitId;
  /** Null for the first commit of a cluster. */
  readonly parent_commit_id: CommitId | null;
  readonly run_id: RunId;
  /** Fencing token of the lease under which the commit was made. */
  readonly token: number;
  /** SHA-256 of the receipt's bytes. */
  readonly receipt_digest: Digest;
}

export type MarkerReading =
  | { readonly tag: "marked"; readonly marker: CommitMarker }
  | { readonly tag: "unmarked" }
  | { readonly tag: "malformed"; readonly problem: string };

const ulid = z.string().refine(isUlid, "is not a ULID");
const commitId = ulid.transform((text) => text as CommitId);

const shape = z.strictObject({
  kind: z.literal("commit"),
  state_revision: z.int().min(1).max(REVISION_MAX),
  commit_id: commitId,
  parent_commit_id: commitId.nullable(),
  run_id: ulid.transform((text) => text as RunId),
  token: z.int().nonnegative(),
  receipt_digest: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "is not a SHA-256")
    .transform((text) => text as Digest),
});

/** The marker of a ledger. */
export function readMarker(state: Pick<LedgerState, "observations">): MarkerReading {
  if (!Object.hasOwn(state.observations, MARKER_KEY)) return { tag: "unmarked" };
  const parsed = shape.safeParse(state.observations[MARKER_KEY]);
  if (parsed.success) return { tag: "marked", marker: parsed.data };
  return { tag: "malformed", problem: firstIssue(parsed.error) };
}

/** The same state with `marker` in it and the marker's revision. */
export function withMarker(state: LedgerState, marker: CommitMarker): LedgerState {
  const value = {
    kind: marker.kind,
    state_revision: marker.state_revision,
    commit_id: marker.commit_id,
    parent_commit_id: marker.parent_commit_id,
    run_id: marker.run_id,
    token: marker.token,
    receipt_digest: marker.receipt_digest,
  };
  return {
    ...state,
    state_revision: marker.state_revision,
    observations: { ...state.observations, [MARKER_KEY]: value },
  };
}
