/** Builds a plan from everything that was read: diff, classification, gates, blast radius, preconditions. Pure. */
import { type Address, parseAddress } from "../desired/address.ts";
import type { Desired } from "../desired/desired.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { GraphId, PlanId, RunId } from "../digest/ids.ts";
import type { LedgerState } from "../ledger/state.ts";
import type { AccessDiff } from "../policy/diff.ts";
import { blastRadius } from "./blast-radius.ts";
import type { Change, RawChange } from "./change.ts";
import { classify } from "./classify.ts";
import { ledgerEdges } from "./edges.ts";
import { approvalsRequired, type Gate, type GateStates } from "./gates.ts";
import type { GraphFinding } from "./graph-finding.ts";
import { PLAN_FORMAT_VERSION, type PlanDocument, type Precondition } from "./plan-document.ts";

export interface PlanInputs {
  readonly plan_id: PlanId;
  readonly run_id: RunId;
  readonly created_at: string;
  readonly actor: string | null;
  readonly desired: Desired;
  readonly state: LedgerState | null;
  readonly state_cas: string | null;
  /** The diff of `desired` and `state`; made first, because it says which graphs had to be observed. */
  readonly changes: readonly RawChange[];
  readonly pending: ReadonlySet<GraphId>;
  /** The gates of `changes`, and what was found of their approvals. */
  readonly gates: readonly Gate[];
  readonly approvals: GateStates;
  readonly protected: ReadonlySet<GraphId>;
  readonly graphs: ReadonlyMap<GraphId, GraphFinding>;
  readonly access: ReadonlyMap<Address, AccessDiff>;
  /** Updated queries whose own text is as applied. */
  readonly untouched: ReadonlySet<Address>;
  readonly targets: ReadonlySet<GraphId> | null;
  readonly diagnostics: readonly Diagnostic[];
}

export function buildPlan(inputs: PlanInputs): PlanDocument {
  const { desired, state, changes } = inputs;
  const classified = classify({ ...inputs, edges: desired.dependencies });
  return {
    format_version: PLAN_FORMAT_VERSION,
    plan_id: inputs.plan_id,
    run_id: inputs.run_id,
    created_at: inputs.created_at,
    actor: inputs.actor,
    made_from: {
      config_digest: desired.config_digest ?? "",
      bundle_digest: desired.bundle_digest,
      state_revision: state?.state_revision ?? 0,
      state_cas: inputs.state_cas,
    },
    targets: inputs.targets === null ? null : [...inputs.targets].sort(),
    changes: classified.map((change) => withFindings(change, inputs)),
    dependencies: desired.dependencies,
    blast_radius: blastRadius(changes, [...desired.dependencies, ...ledgerEdges(state)]),
    approvals_required: approvalsRequired(inputs.gates, inputs.approvals),
    preconditions: changes.map((change) => precondition(change, inputs)),
    diagnostics: inputs.diagnostics,
  };
}

/** What was found out about one change beyond its disposition. */
function withFindings(change: Change, inputs: PlanInputs): Change {
  const access = inputs.access.get(change.resource);
  if (inputs.untouched.has(change.resource)) return { ...change, only_file_changed: true };
  return access === undefined ? change : { ...change, access };
}

function precondition(change: RawChange, inputs: PlanInputs): Precondition {
  const address = parseAddress(change.resource);
  const finding = address !== null && "graph" in address ? inputs.graphs.get(address.graph) : undefined;
  return {
    address: change.resource,
    ledger_digest: change.before_digest ?? null,
    incarnation: finding?.incarnation ?? null,
    live_schema_digest: finding?.schema_digest ?? null,
    manifest_version: finding?.version ?? null,
  };
}
