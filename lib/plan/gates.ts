/** Gates: which changes need a recorded human approval (spec/cluster 7.5, axiom 8). */
import { type Address, parseAddress } from "../desired/address.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { Change, RawChange } from "./change.ts";

/** OmniGraph's fixed text; approval artifacts carry it. */
export const DELETE_GATE_REASON = "delete may remove deployed graph or schema definition";

export interface ApprovalRequired {
  readonly resource: Address;
  readonly reason: string;
  readonly satisfied: boolean;
}

/** One gate for each graph delete; the approval of a graph carries its schema and queries. */
export function approvalsRequired(
  changes: readonly RawChange[],
  approved: ReadonlySet<Address>,
): readonly ApprovalRequired[] {
  return changes.filter(isGated).map((change) => gate(change.resource, approved));
}

/** An orphan schema entry has no gate: its graph is not deployed, so nothing is lost with it (W15). */
function isGated(change: RawChange): boolean {
  return change.operation === "delete" && parseAddress(change.resource)?.kind === "graph";
}

function gate(resource: Address, approved: ReadonlySet<Address>): ApprovalRequired {
  return { resource, reason: DELETE_GATE_REASON, satisfied: approved.has(resource) };
}

/** One error for each change that is about to run although its gate is closed: a defect, caught before any effect (C1). */
export function gateViolations(
  changes: readonly Change[],
  gates: readonly ApprovalRequired[],
): readonly Diagnostic[] {
  return changes
    .filter((change) => !isExecutableWithoutApproval(change, gates))
    .map(({ resource }) => {
      const message = `${resource} was about to be deleted without an approval.`;
      return diagnostic("apply_approval_invariant_violation", { path: "changes", message });
    });
}

function isExecutableWithoutApproval(
  change: RawChange & { readonly disposition: string },
  gates: readonly ApprovalRequired[],
): boolean {
  if (change.disposition !== "applied") return true;
  return gates.every((gate) => gate.resource !== change.resource || gate.satisfied);
}
