/** What a receipt says that its commit changed (U1). */
import { describe, expect, it } from "vitest";
import type { RunCommit } from "../../lib/apply/apply-run.ts";
import { ledgerChanges } from "../../lib/apply/ledger-changes.ts";
import type { Address } from "../../lib/desired/address.ts";
import type { OperationId } from "../../lib/digest/ids.ts";
import type { ReadyLedger } from "../../lib/ledger/reading.ts";
import type { LedgerResource, LedgerState } from "../../lib/ledger/state.ts";
import { emptyLedger } from "../../lib/observe/empty-ledger.ts";
import type { Change } from "../../lib/plan/change.ts";

const OPERATION = "01ARZ3NDEKTSV4RRFFQ69G5FAV" as OperationId;

function state(resources: Record<string, LedgerResource>): LedgerState {
  return { ...emptyLedger(), applied_revision: { config_digest: null, resources } };
}

function base(resources: Record<string, LedgerResource>) {
  return { tag: "ready", state: state(resources) } as ReadyLedger;
}

function commit(kind: RunCommit["kind"], changes: readonly Change[]): RunCommit {
  const operations = new Map([["schema.a" as Address, OPERATION]]);
  return { kind, changes, operations, recovered: [], approvals: [], graphs: new Map() };
}

const BLOCKED: readonly Change[] = [
  {
    resource: "graph.a" as Address,
    operation: "update",
    before_digest: "1",
    after_digest: "2",
    disposition: "derived",
  },
  {
    resource: "schema.a" as Address,
    operation: "update",
    before_digest: "3",
    after_digest: "4",
    disposition: "blocked",
  },
];

describe("the changes of a receipt", () => {
  it("are what the resources differ in, whatever was planned (U1)", () => {
    const before = { "graph.a": { digest: "1" }, "query.a.q": { digest: "5" }, "schema.a": { digest: "3" } };
    const after = {
      "graph.a": { digest: "9" },
      "policy.p": { digest: "7", applies_to: ["cluster"] },
      "schema.a": { digest: "4" },
    };

    const changes = ledgerChanges(base(before), state(after), commit("final", []));

    expect(
      changes.map((each) => [each.address, each.operation, each.before_digest, each.after_digest]),
    ).toEqual([
      ["graph.a", "update", "1", "9"],
      ["policy.p", "create", null, "7"],
      ["query.a.q", "delete", "5", null],
      ["schema.a", "update", "3", "4"],
    ]);
    expect(changes.map((each) => each.operation_id)).toEqual([null, null, null, OPERATION]);
  });

  it("leave out a derived change whose parts did not change after all", () => {
    const same = { "graph.a": { digest: "1" }, "schema.a": { digest: "3" } };

    expect(ledgerChanges(base(same), state(same), commit("final", BLOCKED))).toEqual([]);
  });

  it("count new bindings under the same digest", () => {
    const before = { "policy.p": { digest: "7", applies_to: ["cluster"] } };
    const after = { "policy.p": { digest: "7", applies_to: ["graph.a"] } };

    expect(ledgerChanges(base(before), state(after), commit("final", []))).toMatchObject([
      { address: "policy.p", operation: "update", before_digest: "7", after_digest: "7" },
    ]);
  });

  it("of a begin commit are those that its effects are about to make", () => {
    const planned: Change = { ...BLOCKED[1]!, disposition: "applied" };

    const changes = ledgerChanges(base({}), state({}), commit("begin", [BLOCKED[0]!, planned]));

    expect(changes).toMatchObject([{ address: "schema.a", operation: "update", operation_id: OPERATION }]);
  });
});
