/**
 * Reservations: what a run does with the approvals of its gated changes (design 8).
 *
 * Before anything else of a gated change is written, its evidence goes from `open` to `reserved`, naming operation,
 * run, graph and P; from then on nobody can revoke it or use it a second time (C2). After the commit that records the
 * change it is `consumed`; if the change did not happen and never will, it is `open` again. Whatever a run leaves
 * behind is judged by the sweep as an intent of that P, with or without a sidecar.
 */

import { consumed, reopened, reserved } from "../../approval/evidence.ts";
import { hasExpired } from "../../approval/match.ts";
import type { Address } from "../../desired/address.ts";
import type { GraphId, OperationId, RunId } from "../../digest/ids.ts";
import type { ConsumedApproval } from "../../ledger/receipt.ts";
import type { ClusterPorts } from "../cluster-ports.ts";
import { inWaves } from "../wave.ts";
import { markArtifactConsumed, moveEvidence, type StoredEvidence } from "./approval-store.ts";

/** One approval in the hands of one operation. */
export interface ApprovalUse {
  readonly address: Address;
  readonly operation_id: OperationId;
  /** Null for a change that moves no graph (a policy). */
  readonly graph: GraphId | null;
  /** P of the effect; null without a graph. */
  readonly expect: number | null;
  readonly stored: StoredEvidence;
}

export type Reservation =
  | { readonly tag: "reserved"; readonly use: ApprovalUse }
  /** Nothing that depends on it may be sent. */
  | { readonly tag: "refused"; readonly use: ApprovalUse; readonly detail: string };

/** Reserves each approval for its operation, in the order given. */
export function reserveApprovals(
  ports: ClusterPorts,
  run_id: RunId,
  uses: readonly ApprovalUse[],
): Promise<readonly Reservation[]> {
  return inWaves(uses, async (use): Promise<Reservation> => {
    const { operation_id, graph, expect, stored } = use;
    // The plan may have waited for its consent since the approval was found.
    if (hasExpired(stored.evidence, ports.clock.nowMs())) {
      return { tag: "refused", use, detail: `its approval expired at ${stored.evidence.expires_at}` };
    }
    const reservation = { operation_id, run_id, graph, expect };
    const moved = await moveEvidence(ports, stored, reserved(stored.evidence, reservation, ports.ids.next()));
    switch (moved.tag) {
      case "moved":
        return { tag: "reserved", use: { ...use, stored: moved.stored } };
      case "refused":
        return { tag: "refused", use, detail: "its approval was revoked or taken by another run" };
      case "unknown":
        return { tag: "refused", use, detail: `its approval could not be reserved: ${moved.reason}` };
    }
  });
}

/** Gives reservations back whose operation did not happen and never will. The sweep does what this cannot. */
export async function reopenApprovals(ports: ClusterPorts, uses: readonly ApprovalUse[]): Promise<void> {
  const held = uses.filter(({ stored }) => stored.evidence.state.tag === "reserved");
  await inWaves(held, ({ stored }) =>
    moveEvidence(ports, stored, reopened(stored.evidence, ports.ids.next())),
  );
}

/**
 * Marks approvals as used, first the evidence, then the artifact for OmniGraph, after the commit that records it.
 * Returns the operations whose evidence may not say so: their sidecars must stay, so that the sweep tries again.
 */
export async function consumeApprovals(
  ports: ClusterPorts,
  uses: readonly ApprovalUse[],
  at: string,
): Promise<ReadonlySet<OperationId>> {
  const left = await inWaves(uses, async ({ stored, operation_id }) => {
    const { evidence } = stored;
    const next = consumed(evidence, operation_id, at, ports.ids.next());
    const moved = await moveEvidence(ports, stored, next);
    await markArtifactConsumed(ports, evidence.approval_id, at);
    return moved.tag === "unknown" ? operation_id : null;
  });
  return new Set(left.filter((each) => each !== null));
}

/** The approvals as the receipt of the consuming commit names them. */
export function consumedApprovals(uses: readonly ApprovalUse[]): readonly ConsumedApproval[] {
  return uses.map(({ address, operation_id, stored }) => ({
    approval_id: stored.evidence.approval_id,
    address,
    operation_id,
  }));
}
