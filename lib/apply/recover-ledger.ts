/**
 * The ledger after a sweep (design 7, RFC D3). Roll-forward only: what landed is recorded as it is; nothing else of the
 * definition changes.
 */
import { graphAddress, parseAddress, schemaAddress } from "../desired/address.ts";
import type { Desired } from "../desired/desired.ts";
import type { GraphId } from "../digest/ids.ts";
import type { Engine, Observation } from "../engine/engine.ts";
import type { JsonValue, LedgerResource, LedgerState, StatusRecord } from "../ledger/state.ts";
import { liveObservation } from "./graph-observations.ts";
import { recomputeGraphs } from "./next-resources.ts";
import type { SettledGraph } from "./settle-graph.ts";

export interface RecoverInputs {
  readonly state: LedgerState;
  readonly desired: Desired;
  readonly settled: readonly SettledGraph[];
  readonly root: string;
  readonly at: string;
  readonly actor: string | null;
}

const PENDING = "actual_applied_state_pending";

/** The same object if nothing has to be recorded. */
export function recoverLedger(inputs: RecoverInputs): LedgerState {
  const resources: Record<string, LedgerResource> = { ...inputs.state.applied_revision.resources };
  const statuses: Record<string, StatusRecord> = { ...inputs.state.resource_statuses };
  const records: Record<string, JsonValue> = { ...inputs.state.recovery_records };
  const observations: Record<string, JsonValue> = { ...inputs.state.observations };
  let changed = false;
  const mark = (graph: GraphId, record: StatusRecord) => {
    for (const address of [graphAddress(graph), schemaAddress(graph)]) {
      if (JSON.stringify(statuses[address]) === JSON.stringify(record)) continue;
      statuses[address] = record;
      changed = true;
    }
  };
  for (const each of inputs.settled) {
    const { graph } = each;
    if (each.tag === "blocked") {
      mark(graph, {
        status: "error",
        conditions: [each.incomplete ? "graph_create_incomplete" : PENDING],
        message: `An interrupted operation cannot be settled: ${each.detail}.`,
      });
      continue;
    }
    if (each.verdicts.some(({ verdict }) => verdict === "overtaken" || verdict === "contradiction")) {
      mark(graph, {
        status: "drifted",
        conditions: [PENDING],
        message: "An interrupted operation was overtaken; refresh records what is there.",
      });
    }
    const landed = each.verdicts.filter(({ verdict }) => verdict === "landed");
    if (landed.length === 0 || each.observation.tag !== "live") continue;
    changed = true;
    resources[schemaAddress(graph)] = { digest: each.observation.schema.digest };
    resources[graphAddress(graph)] ??= { digest: "" };
    observations[graphAddress(graph)] = sighting(inputs, graph, each.observation);
    mark(graph, { status: "applied" });
    for (const { intent } of landed)
      records[intent.sidecar.operation_id] = recoveryRecord(intent.sidecar, inputs);
  }
  if (!changed) return inputs.state;
  return {
    ...inputs.state,
    applied_revision: {
      ...inputs.state.applied_revision,
      resources: recomputeGraphs(resources, inputs.desired, "all"),
    },
    resource_statuses: statuses,
    recovery_records: records,
    observations,
  };
}

function sighting(
  inputs: RecoverInputs,
  graph: GraphId,
  live: Extract<Observation, { tag: "live" }>,
): JsonValue {
  const desired_schema_digest = inputs.desired.resources.get(schemaAddress(graph))?.digest ?? null;
  const facts = { graph, root: inputs.root, observed_at: inputs.at, desired_schema_digest };
  return liveObservation(facts, live.head);
}

function recoveryRecord(
  sidecar: { readonly kind: string; readonly graph_id: string; readonly actor: string | null },
  inputs: RecoverInputs,
): JsonValue {
  const { kind, graph_id, actor } = sidecar;
  return { kind, graph_id, outcome: "rolled_forward", recovered_at: inputs.at, actor };
}

/**
 * Settles each `applying`, and each status that waits for an intent, that no open intent explains: `applied` if the
 * head is what the ledger records, else `drifted` (design 7). The same object if there is none.
 */
export async function settleApplying(
  engine: Engine,
  state: LedgerState,
  pending: ReadonlySet<GraphId>,
): Promise<LedgerState> {
  const graphs = new Set<GraphId>();
  for (const [address, record] of Object.entries(state.resource_statuses)) {
    const parts = parseAddress(address);
    const waits = record.status === "applying" || record.conditions?.includes(PENDING) === true;
    if (!waits || parts === null || !("graph" in parts)) continue;
    if (!pending.has(parts.graph)) graphs.add(parts.graph);
  }
  if (graphs.size === 0) return state;
  const statuses: Record<string, StatusRecord> = { ...state.resource_statuses };
  for (const graph of graphs) {
    const record = settledStatus(
      await engine.observe(graph),
      state.applied_revision.resources[schemaAddress(graph)],
    );
    for (const address of [graphAddress(graph), schemaAddress(graph)]) {
      if (record === null && !(address in state.applied_revision.resources)) delete statuses[address];
      else statuses[address] = record ?? { status: "applied" };
    }
  }
  return { ...state, resource_statuses: statuses };
}

/** Null: the graph is neither there nor recorded, so it needs no status. */
function settledStatus(observation: Observation, recorded: LedgerResource | undefined): StatusRecord | null {
  if (observation.tag === "unreadable" || observation.tag === "unavailable") {
    const message = observation.tag === "unreadable" ? observation.detail : observation.reason;
    return { status: "error", conditions: ["graph_observation_error"], message };
  }
  const live = observation.tag === "live" ? observation.schema.digest : undefined;
  if (live === recorded?.digest) return live === undefined ? null : { status: "applied" };
  const condition = live === undefined ? "graph_missing" : "schema_mismatch";
  return {
    status: "drifted",
    conditions: [condition],
    message: "The live graph is not what the ledger records.",
  };
}
