/**
 * PlanDocument: what a reviewer reads and what `apply --plan` runs, as one immutable document (design 5).
 *
 * It names what it was made from and, for every address that it touches, what must still be true (`preconditions`).
 * Revision and CAS of the ledger are shown, not compared: a refresh or a load does not void a plan. It is used once.
 * Format: JSON, two-space indent, one trailing LF; changes only with `format_version`.
 */
import type { Address } from "../desired/address.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { type Digest, sha256 } from "../digest/digest.ts";
import type { GraphId, IncarnationId, PlanId, RunId } from "../digest/ids.ts";
import type { BlastRadius } from "./blast-radius.ts";
import type { Change } from "./change.ts";
import type { Edge } from "./edges.ts";
import type { ApprovalRequired } from "./gates.ts";

export const PLAN_FORMAT_VERSION = 1;

export interface PlanOrigin {
  readonly config_digest: string;
  readonly bundle_digest: string;
  readonly state_revision: number;
  readonly state_cas: string | null;
}

/** What must still hold for an address when the plan is applied. Nulls mean "not there". */
export interface Precondition {
  readonly address: Address;
  readonly ledger_digest: string | null;
  readonly incarnation: IncarnationId | null;
  readonly live_schema_digest: string | null;
  /** Shown, not compared: loads move it. */
  readonly manifest_version: number | null;
}

export interface PlanDocument {
  readonly format_version: typeof PLAN_FORMAT_VERSION;
  readonly plan_id: PlanId;
  readonly run_id: RunId;
  readonly created_at: string;
  readonly actor: string | null;
  readonly made_from: PlanOrigin;
  /** Graph ids of `--target`; null: everything. */
  readonly targets: readonly GraphId[] | null;
  readonly changes: readonly Change[];
  readonly dependencies: readonly Edge[];
  readonly blast_radius: readonly BlastRadius[];
  readonly approvals_required: readonly ApprovalRequired[];
  readonly preconditions: readonly Precondition[];
  readonly diagnostics: readonly Diagnostic[];
}

/** The document's bytes as text. */
export function encodePlan(plan: PlanDocument): string {
  return `${JSON.stringify(plan, exactNumbers, 2)}\n`;
}

/** What an approval binds: the digest of the changes and their preconditions, whatever id and time say. */
export function planDigest(plan: PlanDocument): Digest {
  const { made_from, targets, changes, preconditions } = plan;
  const bound = { config_digest: made_from.config_digest, targets, changes, preconditions };
  return sha256(JSON.stringify(bound, exactNumbers));
}

/** For `JSON.stringify`: bounds are exact integers; beyond 2^53 they are text, because JSON readers would lose them. */
export function exactNumbers(_key: string, value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
