/**
 * Effect: one graph-moving engine call, decided and written down before it is sent (design 7, invariants A1, A2).
 *
 * `expect` is P, the head that was observed when the effect was decided. It is in the sidecar and is never read again.
 */
import { assertNever } from "../digest/assert.ts";
import type { Digest } from "../digest/digest.ts";
import type { GraphId, IncarnationId, OperationId, RunId } from "../digest/ids.ts";
import type { EngineOutcome, Observation } from "../engine/engine.ts";
import type { Manifest } from "../engine/manifest.ts";
import type { ClusterPorts } from "./cluster-ports.ts";
import type { Sidecar } from "./sidecar.ts";

interface EffectFacts {
  readonly graph: GraphId;
  readonly operation_id: OperationId;
  readonly expect: number;
  readonly schema_source: string;
  readonly schema_digest: Digest;
}

export type Effect =
  | ({ readonly kind: "graph_create"; readonly incarnation: IncarnationId } & EffectFacts)
  | ({
      readonly kind: "schema_apply";
      readonly live_incarnation: IncarnationId;
      readonly live_schema: string;
    } & EffectFacts);

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
  return {
    schema_version: 1,
    operation_id: effect.operation_id,
    started_at: facts.started_at,
    actor: facts.actor,
    kind: effect.kind,
    graph_id: effect.graph,
    graph_uri: `${facts.root}/graphs/${effect.graph}.omni`,
    observed_manifest_version: effect.expect,
    expected_manifest_version: effect.expect + 1,
    desired_schema_digest: effect.schema_digest,
    state_cas_base: facts.cas,
    approval_id: null,
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
  const write = {
    graph: effect.graph,
    expect: effect.expect,
    operation_id: effect.operation_id,
    run_id: by.run_id,
    actor: by.actor,
    schema_source: effect.schema_source,
  };
  switch (effect.kind) {
    case "graph_create":
      return ports.engine.create({ ...write, incarnation: effect.incarnation });
    case "schema_apply":
      return ports.engine.migrate({ ...write, data_loss: false });
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
  if (same) return { tag: "moved", effect, head: head.head };
  return {
    tag: "failed",
    effect,
    detail: `the graph is not what the plan was decided on (${describe(head)})`,
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
