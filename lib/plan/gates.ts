/**
 * Gates: which changes need a recorded human approval (spec/cluster 7.5, design 8, axiom 8). Pure.
 *
 * Always gated: deleting a graph, and purging what soft drops have hidden. Gated where the deployment asks for it: a
 * policy change by which somebody gains access. Gated once somebody has asked for it: a schema change whose drops are
 * to destroy data (`approve --data-loss`); without that, its drops only hide, and it needs no approval.
 */
import { type Address, parseAddress } from "../desired/address.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { GraphId } from "../digest/ids.ts";
import { type AccessDiff, widens } from "../policy/diff.ts";
import type { Change, RawChange } from "./change.ts";
import type { GraphFinding } from "./graph-finding.ts";

/** OmniGraph's fixed text; approval artifacts carry it. */
export const DELETE_GATE_REASON = "delete may remove deployed graph or schema definition";
/** Also of an approval that asks for it, before the plan has the gate. */
export const DATA_LOSS_REASON = "the dropped data is destroyed for good, in earlier versions too";
const PURGE_REASON = "what earlier changes hid is destroyed for good, in earlier versions too";
const ACCESS_REASON = "somebody gains access";

export interface ApprovalRequired {
  readonly resource: Address;
  readonly reason: string;
  readonly satisfied: boolean;
}

export type GateKind = "delete" | "data_loss" | "purge" | "access";

/** One change with a gate, as an approval has to name it. */
export interface Gate {
  readonly resource: Address;
  readonly operation: GateKind;
  readonly before_digest: string | null;
  readonly after_digest: string | null;
  /** Null for a policy. */
  readonly graph: GraphId | null;
}

/** What was found of the approvals of gated changes; an address is in at most one of the sets. */
export interface GateStates {
  /** An approval counts: the gate is open. */
  readonly usable: ReadonlySet<Address>;
  /** Somebody approved exactly this change, and that approval does not count (any more). */
  readonly unusable: ReadonlySet<Address>;
}

export const NO_APPROVALS: GateStates = { usable: new Set(), unusable: new Set() };

export interface GateInputs {
  readonly changes: readonly RawChange[];
  readonly graphs: ReadonlyMap<GraphId, GraphFinding>;
  /** Who gains and loses access by each policy change; a change that is not here could not be compared. */
  readonly access: ReadonlyMap<Address, AccessDiff>;
  readonly access_widening: "free" | "gated";
}

/** Every gate that a change of the plan has or, for a schema change with drops, may be given. */
export function gatesOf(inputs: GateInputs): readonly Gate[] {
  return inputs.changes.flatMap((change) => {
    const operation = gateKind(change, inputs);
    if (operation === null) return [];
    const address = parseAddress(change.resource);
    return {
      resource: change.resource,
      operation,
      before_digest: change.before_digest ?? null,
      after_digest: change.after_digest ?? null,
      graph: address !== null && "graph" in address ? address.graph : null,
    };
  });
}

function gateKind(change: RawChange, inputs: GateInputs): GateKind | null {
  const address = parseAddress(change.resource);
  switch (address?.kind) {
    case "graph":
      return change.operation === "delete" ? "delete" : null;
    case "schema":
      if (change.purge === true) return "purge";
      return drops(inputs.graphs.get(address.graph)) && change.operation === "update" ? "data_loss" : null;
    case "policy": {
      if (inputs.access_widening === "free") return null;
      const access = inputs.access.get(change.resource);
      return access === undefined || widens(access) ? "access" : null;
    }
    default:
      return null;
  }
}

function drops(finding: GraphFinding | undefined): boolean {
  return (finding?.migration?.steps ?? []).some(
    (step) => step.kind === "drop_property" || step.kind === "drop_type",
  );
}

/** The gates as the plan shows them: those that are closed, and those that an approval has opened. */
export function approvalsRequired(gates: readonly Gate[], states: GateStates): readonly ApprovalRequired[] {
  return gates.flatMap(({ resource, operation }) => {
    const satisfied = states.usable.has(resource);
    const asked = operation !== "data_loss" || satisfied || states.unusable.has(resource);
    return asked ? [{ resource, reason: REASONS[operation], satisfied }] : [];
  });
}

const REASONS: Readonly<Record<GateKind, string>> = {
  delete: DELETE_GATE_REASON,
  data_loss: DATA_LOSS_REASON,
  purge: PURGE_REASON,
  access: ACCESS_REASON,
};

/** One error for each change that is about to run although its gate is closed: a defect, caught before any effect (C1). */
export function gateViolations(
  changes: readonly Change[],
  gates: readonly ApprovalRequired[],
): readonly Diagnostic[] {
  const closed = new Set(gates.filter((gate) => !gate.satisfied).map((gate) => gate.resource));
  return changes
    .filter((change) => change.disposition === "applied" && closed.has(change.resource))
    .map(({ resource, operation }) => {
      const message = `${resource} was about to be ${operation}d without an approval.`;
      return diagnostic("apply_approval_invariant_violation", { path: "changes", message });
    });
}
