/**
 * Classify: what apply will do with each change (spec/cluster 7.4), decided from what stands in its way. Pure.
 *
 * Where it differs from OmniGraph's table on purpose: a migration that the planner refuses is blocked, not "applied"
 * (W17); a schema entry that the ledger lost has a reason of its own (W14); an orphan schema entry is cleaned up
 * (W15); a failed graph blocks its own dependents and nothing else (W16); a policy waits only for graphs that do not
 * exist yet, so that a security fix is never held up by somebody else's migration (W30); a provider that a graph of
 * the ledger still uses stays (W1); what an approval was given for and does not cover any more waits for another one,
 * it is never done in a milder way instead.
 */
import {
  type Address,
  type AddressParts,
  graphAddress,
  graphOf,
  parseAddress,
  schemaAddress,
} from "../desired/address.ts";
import { assert, assertNever } from "../digest/assert.ts";
import type { GraphId } from "../digest/ids.ts";
import type { LedgerState } from "../ledger/state.ts";
import type { MigrationStep } from "../schema/migration.ts";
import type { Change, ChangeReason, Disposition, PlannedMigration, RawChange } from "./change.ts";
import type { Edge } from "./edges.ts";
import type { Gate, GateStates } from "./gates.ts";
import type { GraphFinding } from "./graph-finding.ts";
import { withPolicyMoves } from "./policy-moves.ts";

export interface ClassifyInputs {
  readonly changes: readonly RawChange[];
  /** Desired edges. */
  readonly edges: readonly Edge[];
  readonly state: LedgerState | null;
  /** Graphs with an open intent that nobody has settled yet. */
  readonly pending: ReadonlySet<GraphId>;
  readonly gates: readonly Gate[];
  readonly approvals: GateStates;
  /** Graphs that nothing may delete and whose data nothing may destroy, approved or not (design 8). */
  readonly protected: ReadonlySet<GraphId>;
  /** What was seen of the graphs that the changes concern. */
  readonly graphs: ReadonlyMap<GraphId, GraphFinding>;
  /** If not null, only these graphs are changed in this run (`--target`). */
  readonly targets: ReadonlySet<GraphId> | null;
}

interface Verdict {
  readonly disposition: Disposition;
  readonly reason?: ChangeReason;
}

interface Context extends ClassifyInputs {
  readonly byResource: ReadonlyMap<Address, RawChange>;
  readonly gateOf: ReadonlyMap<Address, Gate>;
  readonly recorded: Readonly<Record<string, { readonly embedding_provider?: string }>>;
}

const APPLIED: Verdict = { disposition: "applied" };
const blocked = (reason: ChangeReason): Verdict => ({ disposition: "blocked", reason });
const deferred = (reason: ChangeReason): Verdict => ({ disposition: "deferred", reason });

/** The changes with their dispositions, in the order given. */
export function classify(inputs: ClassifyInputs): readonly Change[] {
  const context: Context = {
    ...inputs,
    byResource: new Map(inputs.changes.map((change) => [change.resource, change])),
    gateOf: new Map(inputs.gates.map((gate) => [gate.resource, gate])),
    recorded: inputs.state?.applied_revision.resources ?? {},
  };
  return withPolicyMoves(
    inputs.changes.map((change) => decorate(change, verdictOf(change, context), context)),
  );
}

function decorate(change: RawChange, verdict: Verdict, context: Context): Change {
  const address = parseAddress(change.resource);
  const finding = address !== null && "graph" in address ? context.graphs.get(address.graph) : undefined;
  const { binding_change, metadata_change, bound_to, rebound, purge, ...facts } = change;
  const base: Change = {
    ...facts,
    ...verdict,
    ...(binding_change === undefined ? {} : { binding_change }),
    ...(metadata_change === undefined ? {} : { metadata_change }),
    ...(bound_to === undefined ? {} : { bound_to }),
    ...(rebound === undefined ? {} : { rebound }),
    ...(purge === undefined ? {} : { purge }),
  };
  if (address?.kind === "schema" && change.operation === "update" && finding?.migration !== undefined) {
    const destroys = context.gateOf.get(change.resource)?.operation === "data_loss";
    const approved = destroys && context.approvals.usable.has(change.resource);
    if (!approved) return { ...base, migration: finding.migration };
    return { ...base, data_loss: true, migration: destructive(finding.migration) };
  }
  if (address?.kind === "graph" && change.operation === "delete")
    return { ...base, rows: finding?.rows ?? null };
  return base;
}

/** The same migration with drops that destroy, as the engine plans it when data loss is allowed (spec/schema 7.3). */
function destructive(migration: PlannedMigration): PlannedMigration {
  const steps = migration.steps.map(
    (step): MigrationStep =>
      step.kind === "drop_type" || step.kind === "drop_property" ? { ...step, mode: "hard" } : step,
  );
  return { ...migration, steps };
}

function verdictOf(change: RawChange, context: Context): Verdict {
  const address = parseAddress(change.resource);
  if (address === null) return deferred("apply_unsupported_kind");
  if (!isTargeted(address, change, context)) return deferred("not_targeted");
  switch (address.kind) {
    case "graph":
      return graphVerdict(change, address.graph, context);
    case "schema":
      return schemaVerdict(change, address.graph, context);
    case "query":
      return queryVerdict(change, address.graph, context);
    case "policy":
      return policyVerdict(change, context);
    case "embedding_provider":
      return providerVerdict(change, context);
    default:
      return assertNever(address);
  }
}

/** A target brings along the provider that its graph is bound to: a binding to nothing would be of no use. */
function isTargeted(address: AddressParts, change: RawChange, context: Context): boolean {
  const { targets, edges } = context;
  if (targets === null) return true;
  if ("graph" in address) return targets.has(address.graph);
  if (address.kind !== "embedding_provider") return false;
  return edges.some((edge) => {
    const user = edge.to === change.resource ? parseAddress(edge.from) : null;
    return user?.kind === "graph" && targets.has(user.graph);
  });
}

function graphVerdict(change: RawChange, graph: GraphId, context: Context): Verdict {
  switch (change.operation) {
    case "create":
      return createVerdict(graph, context);
    case "update":
      return schemaPending(graph, context) ? deferred("apply_unsupported_kind") : { disposition: "derived" };
    case "delete":
      return deleteVerdict(graph, context);
  }
}

/** What is not there, or cannot be seen, is not deleted: a refresh records what there is. */
function deleteVerdict(graph: GraphId, context: Context): Verdict {
  if (context.pending.has(graph)) return blocked("cluster_recovery_pending");
  if (context.protected.has(graph)) return blocked("graph_protected");
  if (!rides(graph, context)) return blocked("approval_required");
  return notLive(context.graphs.get(graph)) ?? APPLIED;
}

/** Why a graph that the ledger has cannot be changed: it is not there, or cannot be seen. Null: it lives. */
function notLive(finding: GraphFinding | undefined): Verdict | null {
  switch (finding?.presence) {
    case undefined:
    case "live":
      return null;
    case "absent":
    case "deleted":
      return blocked("graph_drifted");
    case "unreadable":
      return blocked("graph_unreadable");
    case "unavailable":
      return blocked("graph_observation_error");
  }
}

function createVerdict(graph: GraphId, context: Context): Verdict {
  if (context.pending.has(graph)) return blocked("cluster_recovery_pending");
  const finding = context.graphs.get(graph);
  switch (finding?.presence) {
    case undefined:
    case "absent":
    case "deleted":
      return APPLIED;
    case "live":
      return blocked("graph_exists");
    case "unreadable":
      return blocked("graph_unreadable");
    case "unavailable":
      return blocked("graph_observation_error");
  }
}

function schemaVerdict(change: RawChange, graph: GraphId, context: Context): Verdict {
  switch (change.operation) {
    case "create":
      if (context.byResource.get(graphAddress(graph))?.operation !== "create")
        return blocked("schema_unrecorded");
      return createVerdict(graph, context);
    case "update":
      return migrateVerdict(graph, context);
    case "delete":
      if (!deletes(graph, context)) return orphanSchemaVerdict(graph, context);
      return graphVerdict({ ...change, resource: graphAddress(graph) }, graph, context);
  }
}

/** A schema entry without a graph entry is ledger dirt, unless a graph lives there after all (W15). */
function orphanSchemaVerdict(graph: GraphId, context: Context): Verdict {
  const presence = context.graphs.get(graph)?.presence;
  if (context.pending.has(graph)) return blocked("cluster_recovery_pending");
  if (presence === "live") return blocked("graph_exists");
  if (presence === "unreadable") return blocked("graph_unreadable");
  return presence === "unavailable" ? blocked("graph_observation_error") : APPLIED;
}

function migrateVerdict(graph: GraphId, context: Context): Verdict {
  if (context.pending.has(graph)) return blocked("cluster_recovery_pending");
  const finding = context.graphs.get(graph);
  assert(finding !== undefined, "a graph whose schema changes has been observed");
  const absent = notLive(finding);
  if (absent !== null) return absent;
  if (finding.drifted) return blocked("graph_drifted");
  if (finding.migration === undefined) return blocked("graph_observation_error");
  if (!finding.migration.supported) return blocked("migration_unsupported");
  return destructiveVerdict(graph, context);
}

/** A schema change that destroys data, and one that only hides it or changes nothing of it. */
function destructiveVerdict(graph: GraphId, context: Context): Verdict {
  const address = schemaAddress(graph);
  const gate = context.gateOf.get(address);
  const destroys = gate?.operation === "purge" || context.approvals.usable.has(address);
  if (destroys && context.protected.has(graph)) return blocked("graph_protected");
  return gateIsClosed(address, context) ? blocked("approval_required") : APPLIED;
}

/** A schema change with drops has a gate only once somebody approved it as destructive. */
function gateIsClosed(address: Address, context: Context): boolean {
  const gate = context.gateOf.get(address);
  if (gate === undefined || context.approvals.usable.has(address)) return false;
  return gate.operation !== "data_loss" || context.approvals.unusable.has(address);
}

function queryVerdict(change: RawChange, graph: GraphId, context: Context): Verdict {
  if (change.operation === "delete") return deletes(graph, context) ? deleteVerdict(graph, context) : APPLIED;
  if (context.pending.has(graph)) return blocked("cluster_recovery_pending");
  return graphReady(graph, context) ? APPLIED : blocked("dependency_not_applied");
}

/** True if the graph and its desired schema will be in place when catalog entries are recorded. */
function graphReady(graph: GraphId, context: Context): boolean {
  if (schemaPending(graph, context)) return false;
  const own = [graphAddress(graph), `schema.${graph}` as Address];
  return own.every((address) => {
    const change = context.byResource.get(address);
    return change === undefined || verdictOf(change, context).disposition !== "blocked";
  });
}

function policyVerdict(change: RawChange, context: Context): Verdict {
  if (gateIsClosed(change.resource, context)) return blocked("approval_required");
  if (change.operation === "delete") return APPLIED;
  const waiting = context.edges
    .filter((edge) => edge.from === change.resource)
    .map((edge) => context.byResource.get(edge.to))
    .filter(
      (target) => target?.operation === "create" && verdictOf(target, context).disposition === "blocked",
    );
  const [first] = waiting;
  if (first === undefined) return APPLIED;
  const cause = verdictOf(first, context).reason;
  return blocked(cause === "cluster_recovery_pending" ? cause : "dependency_not_applied");
}

/** A deleted provider stays as long as a graph that this run does not touch is bound to it (W1, W31). */
function providerVerdict(change: RawChange, context: Context): Verdict {
  if (change.operation !== "delete") return APPLIED;
  const users = Object.entries(context.recorded).filter(
    ([, entry]) => entry.embedding_provider === change.resource,
  );
  return users.every(([address]) => isRebound(address as Address, context))
    ? APPLIED
    : blocked("provider_in_use");
}

/** True if this run writes the graph's entry anew: a graph whose schema change is held back keeps its binding (W31). */
function isRebound(user: Address, context: Context): boolean {
  const graph = graphOf(user);
  if (graph === null) return false;
  const change = context.byResource.get(user);
  const schema = context.byResource.get(schemaAddress(graph));
  const runs = (each: RawChange) => ["applied", "derived"].includes(verdictOf(each, context).disposition);
  return change !== undefined && runs(change) && (schema === undefined || runs(schema));
}

function deletes(graph: GraphId, context: Context): boolean {
  return context.byResource.get(graphAddress(graph))?.operation === "delete";
}

/** The approval of a graph delete carries its schema and its queries (spec/cluster 10.2). */
function rides(graph: GraphId, context: Context): boolean {
  const approved = context.approvals.usable.has(graphAddress(graph));
  return deletes(graph, context) && approved && !context.pending.has(graph);
}

/** The ledger knows the graph without its schema: nothing may be derived from it until it is recorded again. */
function schemaPending(graph: GraphId, context: Context): boolean {
  const schema = context.byResource.get(`schema.${graph}` as Address);
  const graphChange = context.byResource.get(graphAddress(graph));
  return schema?.operation === "create" && graphChange?.operation !== "create";
}
