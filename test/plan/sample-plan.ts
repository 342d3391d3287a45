/** A plan with every field that a plan can have. */
import { type Address, parseAddress } from "../../lib/desired/address.ts";
import { diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import type { Digest } from "../../lib/digest/digest.ts";
import type { GraphId, IncarnationId, PlanId, RunId } from "../../lib/digest/ids.ts";
import type { PlanDocument } from "../../lib/plan/plan-document.ts";

function address(text: string): Address {
  const parts = parseAddress(text);
  if (parts === null) throw new Error(`${text}: no address`);
  return parts.address;
}

const BEFORE = "1".repeat(64);
const AFTER = "2".repeat(64);

/** One schema update with a migration that loses three values. */
export const SAMPLE_PLAN: PlanDocument = {
  format_version: 1,
  plan_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV" as PlanId,
  run_id: "01BX5ZZKBKACTAV9WEVGEMMVRZ" as RunId,
  created_at: "2026-01-02T03:04:05Z",
  actor: "ana",
  made_from: {
    config_digest: "3".repeat(64),
    bundle_digest: "4".repeat(64),
    state_revision: 7,
    state_cas: `sha256:${"5".repeat(64)}`,
  },
  targets: ["people" as GraphId],
  changes: [
    {
      resource: address("schema.people"),
      operation: "update",
      before_digest: BEFORE,
      after_digest: AFTER,
      disposition: "applied",
      migration: {
        supported: true,
        steps: [
          {
            kind: "drop_property",
            type_kind: "node",
            type_name: "Person",
            property_name: "age",
            mode: "soft",
          },
        ],
        impact: [
          {
            step: 0,
            type_kind: "node",
            type_name: "Person",
            rows: 4,
            values_lost: 3,
            violations: 0,
            violating_ids: [],
          },
        ],
      },
    },
  ],
  dependencies: [{ from: address("schema.people"), to: address("graph.people") }],
  blast_radius: [{ resource: address("schema.people"), affected: [address("query.people.find_person")] }],
  approvals_required: [],
  preconditions: [
    {
      address: address("schema.people"),
      ledger_digest: BEFORE,
      incarnation: "01BX5ZZKBKACTAV9WEVGEMMVS0" as IncarnationId,
      live_schema_digest: BEFORE as Digest,
      manifest_version: 5,
    },
  ],
  diagnostics: [],
};

/** The same with the fields that the other kinds of change have. */
export const FULL_PLAN: PlanDocument = {
  ...SAMPLE_PLAN,
  targets: null,
  changes: [
    {
      resource: address("graph.attic"),
      operation: "delete",
      before_digest: BEFORE,
      disposition: "blocked",
      reason: "approval_required",
      rows: 12,
    },
    {
      resource: address("policy.staff"),
      operation: "update",
      before_digest: BEFORE,
      after_digest: BEFORE,
      disposition: "applied",
      binding_change: true,
      metadata_change: "policy_bindings",
      access: {
        gains: [{ action: "read", scopes: ["graph.people"], branches: { kind: "any" }, actors: ["ana"] }],
        losses: [],
      },
    },
    ...SAMPLE_PLAN.changes,
  ],
  approvals_required: [
    {
      resource: address("graph.attic"),
      reason: "delete may remove deployed graph or schema definition",
      satisfied: false,
    },
  ],
  diagnostics: [
    diagnostic("policy_access_unknown", { path: "policy.other", message: "Who gains is not known." }),
  ],
};
