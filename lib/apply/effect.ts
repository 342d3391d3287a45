/**
 * Effect: one graph-moving engine call, decided and written down before it is sent (design 7, invariants A1, A2).
 *
 * `expect` is P, the head that was observed when the effect was decided. It is in the sidecar and is never read again.
 * An effect with an `approval` is gated: it is sent only while it holds the reservation of that approval (C1), and
 * never again after it was refused.
 */
import { assertNever } from "../digest/assert.ts";
import type { Digest } from "../digest/digest.ts";
import type { GraphId, IncarnationId, OperationId, RunId } from "../digest/ids.ts";
import type { EngineOutcome, LiveGraph, Observation } from "../engine/engine.ts";
import type { Manifest } from "../engine/manifest.ts";
import type { Version } from "../ports/object-store.ts";
import type { StoredEvidence } from "./approvals/approval-store.ts";
import type { ClusterPorts } from "./cluster-ports.ts";
import type { Sidecar } from "./sidecar.ts";

interface EffectFacts {
  readonly graph: GraphId;
  readonly operation_id: OperationId;
  readonly expect: number;
  /** The version of its intent in the store, on which that is removed; absent: it is not put yet. */
  readonly intent?: Version | undefined;
}

interface SchemaFacts extends EffectFacts {
  readonly schema_source: string;
  readonly schema_digest: Digest;
}

export interface CreateEffect extends SchemaFacts {
  readonly kind: "graph_create";
  readonly incarnation: IncarnationId;
  readonly approval: null;
}

export interface MigrateEffect extends SchemaFacts {
  readonly kind: "schema_apply";
  /** The head `expect`, where it was observed for the plan of this run. */
  readonly on?: LiveGraph | undefined;
  /** The schema record that was put beside the intent. */
  readonly kept?: Digest | undefined;
  readonly live_incarnation: IncarnationId;
  readonly live_schema: string;
  /** Set exactly if the migration destroys data for good. */
  readonly approval: StoredEvidence | null;
}

export interface DeleteEffect extends EffectFacts {
  readonly kind: "graph_delete";
  readonly live_incarnation: IncarnationId;
  readonly approval: StoredEvidence;
}

export interface RestoreEffect extends EffectFacts {
  readonly kind: "graph_restore";
  /** The dead incarnation that is to live again. */
  readonly incarnation: IncarnationId;
  readonly schema_digest: Digest;
  readonly approval: null;
}

export type Effect = CreateEffect | MigrateEffect | DeleteEffect | RestoreEffect;

export interface EffectAttribution {
  readonly run_id: RunId;
  readonly actor: string | null;
}

/** The record of an effect's intent. */
export function sidecarOf(
  effect: Effect,
  facts: {
    readonly started_at: string;
    readonly actor: string | null;
    readonly root: string;
    readonly cas: string | null;
  },
): Sidecar {
  const deletes = effect.kind === "graph_delete";
  return {
    schema_version: 1,
    operation_id: effect.operation_id,
    started_at: facts.started_at,
    actor: facts.actor,
    kind: effect.kind === "graph_restore" ? "graph_create" : effect.kind,
    graph_id: effect.graph,
    graph_uri: `${facts.root}/graphs/${effect.graph}.omni`,
    observed_manifest_version: effect.expect,
    expected_manifest_version: deletes ? null : effect.expect + 1,
    desired_schema_digest: deletes ? "" : effect.schema_digest,
    state_cas_base: facts.cas,
    approval_id: effect.approval?.evidence.approval_id ?? null,
  };
}

/**
 * What became of an effect. `moved`: a load, a fence or a compaction took its place on the same graph, so it may be
 * decided again. `unsettled`: it may still land; its intent stays. `failed`: it did not and never will land.
 */
export type EffectResult =
  | { readonly tag: "done"; readonly effect: Effect; readonly manifest: Manifest }
  | { readonly tag: "moved"; readonly effect: Effect; readonly head: Manifest }
  | { readonly tag: "failed"; readonly effect: Effect; readonly detail: string }
  | { readonly tag: "unsettled"; readonly effect: Effect; readonly detail: string }
  | { readonly tag: "skipped"; readonly effect: Effect };

/** Sends one effect on its own precondition. */
export async function sendEffect(
  ports: ClusterPorts,
  effect: Effect,
  by: EffectAttribution,
): Promise<EffectResult> {
  return resultOf(effect, await call(ports, effect, by));
}

function call(ports: ClusterPorts, effect: Effect, by: EffectAttribution): Promise<EngineOutcome> {
  const { graph, expect, operation_id } = effect;
  const write = { graph, expect, operation_id, run_id: by.run_id, actor: by.actor };
  switch (effect.kind) {
    case "graph_create": {
      const { schema_source, incarnation } = effect;
      return ports.engine.create({ ...write, schema_source, incarnation });
    }
    case "schema_apply": {
      const { schema_source, approval, on, kept } = effect;
      return ports.engine.migrate({ ...write, schema_source, on, kept, data_loss: approval !== null });
    }
    case "graph_delete":
      return ports.engine.remove(write);
    case "graph_restore":
      return ports.engine.restore({ ...write, incarnation: effect.incarnation });
    default:
      return assertNever(effect);
  }
}

function resultOf(effect: Effect, outcome: EngineOutcome): EffectResult {
  switch (outcome.tag) {
    case "done":
      return { tag: "done", effect, manifest: outcome.manifest };
    case "refused":
      return refused(effect, outcome.head);
    case "conflict":
      return { tag: "failed", effect, detail: "the store decided nothing; apply again" };
    case "ambiguous":
      return { tag: "unsettled", effect, detail: outcome.reason };
    case "unavailable":
      return { tag: "failed", effect, detail: outcome.reason };
    case "invalid":
      return { tag: "failed", effect, detail: outcome.diagnostics.map((each) => each.message).join(" ") };
    default:
      return assertNever(outcome);
  }
}

function refused(effect: Effect, head: Observation): EffectResult {
  const same =
    effect.kind === "schema_apply" &&
    head.tag === "live" &&
    head.head.incarnation === effect.live_incarnation &&
    head.schema.digest === effect.live_schema &&
    head.head.version > effect.expect;
  if (same && effect.approval === null) return { tag: "moved", effect, head: head.head };
  const again = effect.approval === null ? "" : "; what was approved is not tried a second time in one run";
  return {
    tag: "failed",
    effect,
    detail: `the graph is not what the plan was decided on (${describe(head)})${again}`,
  };
}

function describe(head: Observation): string {
  switch (head.tag) {
    case "absent":
      return "nothing is there";
    case "never":
    case "deleted":
    case "live":
      return `${head.tag}, version ${head.head.version}`;
    case "unreadable":
      return head.detail;
    case "unavailable":
      return head.reason;
    default:
      return assertNever(head);
  }
}
