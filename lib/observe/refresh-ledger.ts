/**
 * The ledger after a refresh (spec/cluster 11.2, 11.3). Pure but for the time that it is given.
 *
 * Definition only: what lives is recorded, what is proven gone is dropped, what could not be seen stays as it was and
 * is marked. An observation that says nothing new keeps its old timestamp, so that a refresh that finds nothing new
 * writes nothing (W37). Composites are recomputed after every change of a child (W3).
 */
import {
  absentObservation,
  failedObservation,
  liveObservation,
  wantedSchema,
} from "../apply/graph-observations.ts";
import { recomputeGraphs } from "../apply/next-resources.ts";
import { type Address, graphAddress, schemaAddress } from "../desired/address.ts";
import type { Desired } from "../desired/desired.ts";
import { NO_CONFIG } from "../desired/no-config.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { GraphId } from "../digest/ids.ts";
import type { Observation } from "../engine/engine.ts";
import type { JsonObject, JsonValue, LedgerResource, LedgerState, StatusRecord } from "../ledger/state.ts";
import type { PayloadFinding } from "./verify-payloads.ts";

export interface RefreshInputs {
  readonly state: LedgerState;
  readonly desired: Desired;
  readonly graphs: ReadonlyMap<GraphId, Observation>;
  readonly payloads: ReadonlyMap<Address, PayloadFinding>;
  /** Graphs whose status an open intent owns. */
  readonly pending: ReadonlySet<GraphId>;
  readonly root: string;
  readonly at: string;
}

export interface RefreshedLedger {
  readonly state: LedgerState;
  readonly diagnostics: readonly Diagnostic[];
  /** How many graphs could not be seen. */
  readonly unseen: number;
}

interface Draft {
  readonly resources: Record<string, LedgerResource>;
  readonly statuses: Record<string, StatusRecord>;
  readonly observations: Record<string, JsonValue>;
  readonly diagnostics: Diagnostic[];
  unseen: number;
}

export function refreshLedger(inputs: RefreshInputs): RefreshedLedger {
  const { state } = inputs;
  const draft: Draft = {
    resources: { ...state.applied_revision.resources },
    statuses: { ...state.resource_statuses },
    observations: { ...state.observations },
    diagnostics: [],
    unseen: 0,
  };
  for (const [address, finding] of inputs.payloads) recordPayload(draft, address, finding);
  for (const [graph, observation] of inputs.graphs) recordGraph(draft, inputs, graph, observation);
  const resources = recomputeGraphs(draft.resources, inputs.desired, "all");
  return {
    state: {
      ...state,
      applied_revision: { ...state.applied_revision, resources },
      resource_statuses: draft.statuses,
      observations: draft.observations,
    },
    diagnostics: draft.diagnostics,
    unseen: draft.unseen,
  };
}

function recordPayload(draft: Draft, address: Address, finding: PayloadFinding): void {
  const conditions = [`payload_${finding}`];
  if (finding === "read_error") {
    const message = "The payload in the catalog could not be read.";
    draft.statuses[address] = { status: "error", conditions, message };
    return;
  }
  delete draft.resources[address];
  const message =
    finding === "missing" ? "The payload in the catalog is gone." : "The payload in the catalog is corrupt.";
  draft.statuses[address] = { status: "drifted", conditions, message };
}

function recordGraph(draft: Draft, inputs: RefreshInputs, graph: GraphId, observation: Observation): void {
  const wanted = wantedSchema(inputs.desired, inputs.state, graph);
  const sighting = { graph, root: inputs.root, observed_at: inputs.at, desired_schema_digest: wanted };
  switch (observation.tag) {
    case "absent":
    case "never":
    case "deleted":
      recordAbsent(draft, inputs, graph, observation, absentObservation(sighting, versionOf(observation)));
      return;
    case "live":
      recordLive(draft, inputs, graph, observation, liveObservation(sighting, observation.head));
      return;
    case "unreadable":
    case "unavailable": {
      const detail = observation.tag === "unreadable" ? observation.detail : observation.reason;
      see(draft, graph, failedObservation(sighting, detail));
      setStatus(draft, inputs, graph, {
        status: "error",
        conditions: ["graph_observation_error"],
        message: detail,
      });
      draft.unseen += 1;
      return;
    }
    default:
      assertNever(observation);
  }
}

function versionOf(
  observation: Extract<Observation, { tag: "absent" | "never" | "deleted" }>,
): number | null {
  return observation.tag === "absent" ? null : observation.head.version;
}

function recordAbsent(
  draft: Draft,
  inputs: RefreshInputs,
  graph: GraphId,
  observation: Observation,
  seen: JsonObject,
): void {
  const recorded = graphAddress(graph) in draft.resources || schemaAddress(graph) in draft.resources;
  const declared = inputs.desired.resources.has(graphAddress(graph));
  if (!recorded && !declared) {
    if (observation.tag === "absent") forgetChain(draft, graph);
    return;
  }
  delete draft.resources[graphAddress(graph)];
  delete draft.resources[schemaAddress(graph)];
  see(draft, graph, seen);
  const message =
    observation.tag === "deleted" ? "The graph has been deleted." : "No graph is live at its root.";
  setStatus(draft, inputs, graph, { status: "drifted", conditions: ["graph_missing"], message });
  if (recorded) drifted(draft, graph, message);
}

/** Of a deleted graph nothing is left, not even its chain: a later life begins at version 1 again. */
function forgetChain(draft: Draft, graph: GraphId): void {
  const address = graphAddress(graph);
  const before = draft.observations[address];
  if (typeof before !== "object" || before === null || Array.isArray(before)) return;
  const { graph_manifest_version: version, ...rest } = before as JsonObject;
  if (typeof version === "number") draft.observations[address] = { ...rest, graph_manifest_version: null };
}

function recordLive(
  draft: Draft,
  inputs: RefreshInputs,
  graph: GraphId,
  observation: Extract<Observation, { tag: "live" }>,
  seen: JsonObject,
): void {
  const live = observation.schema.digest;
  const before = draft.resources[schemaAddress(graph)]?.digest;
  const desired = inputs.desired.resources.get(schemaAddress(graph))?.digest;
  if (before !== undefined && before !== live)
    drifted(draft, graph, "Its live schema is not the recorded one.");
  if (desired === undefined && before === undefined) undeclared(draft, graph);
  draft.resources[schemaAddress(graph)] = { digest: live };
  draft.resources[graphAddress(graph)] ??= { digest: "" };
  see(draft, graph, seen);
  const matches = isWanted(draft, inputs, graph, { live, before });
  const message = "The live schema is not the desired one.";
  const status: StatusRecord = matches
    ? { status: "applied" }
    : { status: "drifted", conditions: ["schema_mismatch"], message };
  setStatus(draft, inputs, graph, status);
}

/** Without a config, a schema that is neither the one last wanted nor called applied by the ledger stays drifted. */
function isWanted(
  draft: Draft,
  { desired, state }: RefreshInputs,
  graph: GraphId,
  { live, before }: { readonly live: string; readonly before: string | undefined },
): boolean {
  const wanted = wantedSchema(desired, state, graph);
  if (wanted === null || wanted === live) return true;
  return (
    desired === NO_CONFIG && before === live && draft.statuses[schemaAddress(graph)]?.status === "applied"
  );
}

/** Keeps the older of two observations that differ in nothing but their time. */
function see(draft: Draft, graph: GraphId, seen: JsonObject): void {
  const before = draft.observations[graphAddress(graph)];
  if (before !== undefined && sameButTime(before, seen)) return;
  draft.observations[graphAddress(graph)] = seen;
}

function sameButTime(before: JsonValue, seen: JsonObject): boolean {
  if (typeof before !== "object" || before === null || Array.isArray(before)) return false;
  return JSON.stringify({ ...before, observed_at: null }) === JSON.stringify({ ...seen, observed_at: null });
}

function setStatus(draft: Draft, inputs: RefreshInputs, graph: GraphId, record: StatusRecord): void {
  if (inputs.pending.has(graph)) return;
  draft.statuses[graphAddress(graph)] = record;
  draft.statuses[schemaAddress(graph)] = record;
}

function drifted(draft: Draft, graph: GraphId, message: string): void {
  draft.diagnostics.push(
    diagnostic("graph_drifted", { path: graphAddress(graph), message: `graph.${graph}: ${message}` }),
  );
}

function undeclared(draft: Draft, graph: GraphId): void {
  const message = `graph.${graph} is live below the storage root, but neither config nor ledger knew of it. It is recorded now.`;
  draft.diagnostics.push(diagnostic("graph_undeclared", { path: graphAddress(graph), message }));
}
