/**
 * What all receipts of a history say together of approvals and recoveries, in the shape of the ledger's records
 * (spec/cluster 4.1). Pure.
 */
import { graphAddress } from "../desired/address.ts";
import type { OperationId } from "../digest/ids.ts";
import type { PastCommit } from "../ledger/follow-history.ts";
import type { RecoveredOperation } from "../ledger/receipt.ts";
import type { JsonObject, JsonValue } from "../ledger/state.ts";

export interface HistoryRecords {
  /** By approval id: used up, when, by what. */
  readonly approvals: JsonObject;
  /** By operation id: landed, and recorded by a sweep. */
  readonly recoveries: JsonObject;
}

/** `history`: newest first. */
export function recordsOf(history: readonly PastCommit[]): HistoryRecords {
  const approvals: Record<string, JsonValue> = {};
  const recoveries: Record<string, JsonValue> = {};
  // Oldest first: what was recorded first stands.
  for (const receipt of [...history].reverse()) {
    for (const { approval_id, operation_id } of receipt.approvals_consumed) {
      const consumed_by_operation = receipt.kind === "recovery" ? operation_id : "apply";
      approvals[approval_id] ??= { consumed_at: receipt.at, consumed_by_operation };
    }
    for (const recovered of receipt.recovered) {
      if (recovered.outcome !== "rolled_forward") continue;
      recoveries[recovered.operation_id] ??= recoveryRecord(recovered, receipt, history);
    }
  }
  return { approvals, recoveries };
}

function recoveryRecord(
  { operation_id, graph, outcome }: RecoveredOperation,
  receipt: PastCommit,
  history: readonly PastCommit[],
): JsonObject {
  const begun = history.find((each) => each.kind === "begin" && names(each, operation_id));
  const kind = kindOf(begun ?? receipt, graphAddress(graph));
  return { kind, graph_id: graph, outcome, recovered_at: receipt.at, actor: (begun ?? receipt).actor };
}

function names(receipt: PastCommit, operation: OperationId): boolean {
  return receipt.changes.some((change) => change.operation_id === operation);
}

/** As OmniGraph calls the operation that makes these changes. */
function kindOf(receipt: PastCommit, graph: string): "graph_create" | "graph_delete" | "schema_apply" {
  const change = receipt.changes.find((each) => each.address === graph);
  if (change?.operation === "create") return "graph_create";
  return change?.operation === "delete" ? "graph_delete" : "schema_apply";
}
