/**
 * Open reservations: approvals that some run has reserved and that no commit records as used (design 8). The sweep
 * judges each as the intent of the operation that holds it, whether or not its sidecar was ever written.
 */

import { consumed, type Evidence, reopened } from "../../approval/evidence.ts";
import type { ApprovalId } from "../../digest/ids.ts";
import type { ReadyLedger } from "../../ledger/reading.ts";
import { timestamp } from "../../ports/clock.ts";
import {
  type EvidenceRead,
  markArtifactConsumed,
  moveEvidence,
  readListedEvidence,
  type StoredEvidence,
} from "../approvals/approval-store.ts";
import type { ClusterPorts } from "../cluster-ports.ts";
import { RECORDED_LATELY_MAX } from "../limits.ts";
import type { KeyListing } from "../list-all.ts";
import { inWaves } from "../wave.ts";
import type { OpenIntent } from "./intents.ts";

/**
 * The evidence that a sweep has to look at: all but what the ledger records as consumed, unless a sidecar still names
 * it or it was recorded lately, by the newest commit for one: a policy change has no sidecar, so a run that died right
 * after its commit has left nothing but its reservation. Only the names were listed beside the sidecars; the files are
 * read after them, never before (design 7).
 */
export function sweptEvidence(
  ports: ClusterPorts,
  ledger: ReadyLedger,
  open: readonly OpenIntent[],
  listing: KeyListing,
): Promise<EvidenceRead> {
  const named = new Set<string>(open.flatMap((intent) => intent.approval_id ?? []));
  const recorded = Object.keys(ledger.state.approval_records).slice(0, -RECORDED_LATELY_MAX);
  for (const { approval_id } of ledger.receipt?.approvals_consumed ?? []) named.add(approval_id);
  return readListedEvidence(ports, listing, new Set(recorded.filter((id) => !named.has(id))));
}

type Held = StoredEvidence & {
  readonly evidence: { readonly state: Extract<Evidence["state"], { tag: "reserved" }> };
};

function isHeld(stored: StoredEvidence): stored is Held {
  return stored.evidence.state.tag === "reserved";
}

/** Reservations of graph operations whose sidecar is not there: the run died before it, or it has been removed. */
export function reservationIntents(
  evidence: readonly StoredEvidence[],
  open: readonly OpenIntent[],
): readonly OpenIntent[] {
  const written = new Set(open.map((intent) => intent.operation_id));
  return evidence.filter(isHeld).flatMap(({ key, evidence: { approval_id, operation, state } }) => {
    const { operation_id, graph, expect } = state.reservation;
    if (graph === null || expect === null || written.has(operation_id)) return [];
    const kind = operation === "delete" ? "graph_delete" : "schema_apply";
    const facts = { graph, operation_id, kind, expect, actor: null, approval_id } as const;
    return [{ key, written_in: "reservation", ...facts } as const];
  });
}

/** A reserved approval of a change that moves no graph. */
export interface CatalogReservation {
  readonly stored: StoredEvidence;
  /** The ledger records its use; else only a commit on that ledger could still use it. */
  readonly used: boolean;
}

export function catalogReservations(
  evidence: readonly StoredEvidence[],
  ledger: ReadyLedger,
): readonly CatalogReservation[] {
  return evidence
    .filter((stored) => isHeld(stored) && stored.evidence.state.reservation.graph === null)
    .map((stored) => {
      const used = Object.hasOwn(ledger.state.approval_records, stored.evidence.approval_id);
      return { stored, used };
    });
}

/** What became of a reserved approval. */
export interface EvidenceVerdict {
  readonly approval_id: ApprovalId;
  readonly operation_id: string;
  readonly used: boolean;
}

/**
 * Writes the verdicts into the evidence that the named operation still holds. Returns the operations for which that
 * may not have happened: their sidecars stay, and the next sweep does it again.
 */
export async function settleEvidence(
  ports: ClusterPorts,
  evidence: readonly StoredEvidence[],
  verdicts: readonly EvidenceVerdict[],
): Promise<ReadonlySet<string>> {
  const at = timestamp(ports.clock);
  const left = await inWaves(verdicts, async ({ approval_id, operation_id, used }) => {
    const stored = evidence.find((each) => each.evidence.approval_id === approval_id);
    const moved = stored === undefined ? null : await settleOne(ports, stored, operation_id, used, at);
    if (used) await markArtifactConsumed(ports, approval_id, at);
    return moved?.tag === "unknown" ? operation_id : null;
  });
  return new Set(left.filter((each) => each !== null));
}

async function settleOne(
  ports: ClusterPorts,
  stored: StoredEvidence,
  operationId: string,
  used: boolean,
  at: string,
) {
  if (!isHeld(stored) || stored.evidence.state.reservation.operation_id !== operationId) return null;
  const { operation_id } = stored.evidence.state.reservation;
  const change = ports.ids.next();
  const next = used ? consumed(stored.evidence, operation_id, at, change) : reopened(stored.evidence, change);
  return moveEvidence(ports, stored, next);
}
