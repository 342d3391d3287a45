/**
 * The ledger after a sweep (design 7, RFC D3). Roll-forward only: what landed is recorded as it is, once, up to the
 * head that was seen; an approval that was used is recorded as used; nothing else of the definition changes.
 */
import { isDeepStrictEqual } from "node:util";
import { graphAddress, parseAddress, schemaAddress } from "../../desired/address.ts";
import type { Desired } from "../../desired/desired.ts";
import type { GraphId } from "../../digest/ids.ts";
import type { Engine, Observation } from "../../engine/engine.ts";
import type { JsonValue, LedgerResource, LedgerState, StatusRecord } from "../../ledger/state.ts";
import { liveObservation, tombstone, wantedSchema } from "../graph-observations.ts";
import { recomputeGraphs } from "../next-resources.ts";
import { inWaves } from "../wave.ts";
import type { OpenIntent } from "./intents.ts";
import type { SettledGraph } from "./settle-graph.ts";

export interface RecoverInputs {
  readonly state: LedgerState;
  readonly desired: Desired;
  readonly settled: readonly SettledGraph[];
  readonly root: string;
  readonly at: string;
}

const PENDING = "actual_applied_state_pending";

type JudgedGraph = Extract<SettledGraph, { tag: "judged" }>;

/** The maps of the next ledger while it is put together; `changed` once one of them differs. */
interface Draft {
  readonly resources: Record<string, LedgerResource>;
  readonly statuses: Record<string, StatusRecord>;
  readonly approvals: Record<string, JsonValue>;
  readonly recoveries: Record<string, JsonValue>;
  readonly observations: Record<string, JsonValue>;
  changed: boolean;
}

/** The same object if nothing has to be recorded. */
export function recoverLedger(inputs: RecoverInputs): LedgerState {
  const { state, desired } = inputs;
  const draft: Draft = {
    resources: { ...state.applied_revision.resources },
    statuses: { ...state.resource_statuses },
    approvals: { ...state.approval_records },
    recoveries: { ...state.recovery_records },
    observations: { ...state.observations },
    changed: false,
  };
  for (const each of inputs.settled) {
    if (each.tag === "blocked") markBlocked(draft, each);
    else recordJudged(draft, each, inputs);
  }
  if (!draft.changed) return state;
  const resources = recomputeGraphs(draft.resources, desired, "all");
  return {
    ...state,
    applied_revision: { ...state.applied_revision, resources },
    resource_statuses: draft.statuses,
    approval_records: draft.approvals,
    recovery_records: draft.recoveries,
    observations: draft.observations,
  };
}

function mark(draft: Draft, graph: GraphId, record: StatusRecord): void {
  for (const address of [graphAddress(graph), schemaAddress(graph)]) {
    if (JSON.stringify(draft.statuses[address]) === JSON.stringify(record)) continue;
    draft.statuses[address] = record;
    draft.changed = true;
  }
}

function markBlocked(draft: Draft, blocked: Extract<SettledGraph, { tag: "blocked" }>): void {
  mark(draft, blocked.graph, {
    status: "error",
    conditions: [blocked.incomplete ? "graph_create_incomplete" : PENDING],
    message: `An interrupted operation cannot be settled: ${blocked.detail}.`,
  });
}

function recordJudged(draft: Draft, judged: JudgedGraph, inputs: RecoverInputs): void {
  const { graph, verdicts, observation } = judged;
  if (verdicts.some(({ verdict }) => verdict === "overtaken" || verdict === "contradiction")) {
    mark(draft, graph, {
      status: "drifted",
      conditions: [PENDING],
      message: "An interrupted operation was overtaken; refresh records what is there.",
    });
  }
  for (const { intent, verdict } of verdicts) {
    if (verdict === "landed" || verdict === "landed_recorded") recordApproval(draft, intent, inputs.at);
  }
  const landed = verdicts.filter(({ verdict }) => verdict === "landed");
  if (landed.length === 0) return;
  draft.changed = true;
  if (landed.some(({ intent }) => intent.kind === "graph_delete")) forget(draft, graph);
  if (observation.tag === "live") recordLive(draft, graph, observation, inputs);
  if (observation.tag === "deleted") recordDeleted(draft, graph, observation, inputs, usedBy(judged));
  for (const { intent } of landed) draft.recoveries[intent.operation_id] = recoveryRecord(intent, inputs.at);
}

/** An effect that landed has used its approval up, whoever records it (C2, W7). */
function recordApproval(draft: Draft, { approval_id, operation_id }: OpenIntent, at: string): void {
  if (approval_id === null || Object.hasOwn(draft.approvals, approval_id)) return;
  draft.approvals[approval_id] = { consumed_at: at, consumed_by_operation: operation_id };
  draft.changed = true;
}

/** The approval of the delete that the head of the chain carries, as far as the intents tell. */
function usedBy({ verdicts, observation }: JudgedGraph): string | null {
  const head = "head" in observation ? observation.head : null;
  const landed = verdicts.filter(({ verdict }) => verdict === "landed").map(({ intent }) => intent);
  const own = landed.find((intent) => intent.operation_id === head?.operation_id);
  return (own ?? landed.findLast((intent) => intent.kind === "graph_delete"))?.approval_id ?? null;
}

function recordLive(
  draft: Draft,
  graph: GraphId,
  live: Extract<Observation, { tag: "live" }>,
  inputs: RecoverInputs,
): void {
  draft.resources[schemaAddress(graph)] = { digest: live.schema.digest };
  draft.resources[graphAddress(graph)] ??= { digest: "" };
  const desired_schema_digest = wantedSchema(inputs.desired, inputs.state, graph);
  const facts = { graph, root: inputs.root, observed_at: inputs.at, desired_schema_digest };
  draft.observations[graphAddress(graph)] = liveObservation(facts, live.head);
  mark(draft, graph, { status: "applied" });
}

/** Takes the graph with its schema and its queries out of the ledger (spec/cluster 9.4). */
function forget(draft: Draft, graph: GraphId): void {
  for (const map of [draft.resources, draft.statuses]) {
    for (const address of Object.keys(map)) if (belongsTo(address, graph)) delete map[address];
  }
}

function recordDeleted(
  draft: Draft,
  graph: GraphId,
  deleted: Extract<Observation, { tag: "deleted" }>,
  inputs: RecoverInputs,
  approval_id: string | null,
): void {
  draft.observations[graphAddress(graph)] = tombstone({ deleted_at: inputs.at, approval_id }, deleted.head);
}

function belongsTo(address: string, graph: GraphId): boolean {
  const parts = parseAddress(address);
  return parts !== null && "graph" in parts && parts.graph === graph;
}

function recoveryRecord(intent: OpenIntent, recovered_at: string): JsonValue {
  const { kind, graph, actor } = intent;
  return { kind, graph_id: graph, outcome: "rolled_forward", recovered_at, actor };
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
  await inWaves([...graphs], async (graph) => {
    const recorded = state.applied_revision.resources[schemaAddress(graph)];
    const record = settledStatus(await engine.observe(graph), recorded);
    for (const address of [graphAddress(graph), schemaAddress(graph)]) {
      if (record === null && !(address in state.applied_revision.resources)) delete statuses[address];
      else statuses[address] = record ?? { status: "applied" };
    }
  });
  // A drift that is still there is no news: looking again writes nothing (R1, W37).
  return isDeepStrictEqual(statuses, state.resource_statuses)
    ? state
    : { ...state, resource_statuses: statuses };
}

/** Null: the graph is neither there nor recorded, so it needs no status. */
function settledStatus(observation: Observation, recorded: LedgerResource | undefined): StatusRecord | null {
  if (observation.tag === "unreadable" || observation.tag === "unavailable") {
    const message = observation.tag === "unreadable" ? observation.detail : observation.reason;
    return { status: "error", conditions: ["graph_observation_error"], message };
  }
  const live = observation.tag === "live" ? observation.schema.digest : undefined;
  if (live === recorded?.digest) return live === undefined ? null : { status: "applied" };
  // Every later sweep looks again, and nothing else may call it applied meanwhile.
  return {
    status: "drifted",
    conditions: [PENDING],
    message: "The live graph is not what the ledger records; refresh records what is there.",
  };
}
