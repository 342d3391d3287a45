/**
 * Steps (a) to (c) of a run with graph effects (design 7):
 *
 *   (a) put all sidecars, beside the receipt of
 *   (b) the commit `kind: begin`, naming their operation ids, on the ledger that was read under the lease, which is sent
 *       once all of them are there (A1),
 *   (c) send the effects of that commit, each on the `expect` of its intent: first what creates, restores or migrates
 *       (`moveGraphs`), then, after the payloads are stored, the deletes (`deleteGraphs`).
 *
 * A begin commit that is refused stops the run: somebody else committed, so nothing is sent (this is what stops a
 * holder that slept before its first write, K4). A migrate whose head a load moved gets another round of its own, with
 * a new sidecar and another begin commit, at most `MIGRATE_ROUNDS_MAX` rounds. What an approval gates has one round.
 */
import { type Address, graphAddress, schemaAddress } from "../desired/address.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { Digest } from "../digest/digest.ts";
import type { GraphId, OperationId } from "../digest/ids.ts";
import { awaitedLater } from "../ledger/awaited-later.ts";
import { sidecarKey } from "../ledger/payload-key.ts";
import type { ReadyLedger } from "../ledger/reading.ts";
import type { StatusRecord } from "../ledger/state.ts";
import type { Change } from "../plan/change.ts";
import { timestamp } from "../ports/clock.ts";
import type { ObjectStore, StoreKey } from "../ports/object-store.ts";
import type { ApplyRun } from "./apply-run.ts";
import type { ClusterPorts } from "./cluster-ports.ts";
import { redecide } from "./decide-effects.ts";
import { type Effect, type EffectResult, sendEffect, sidecarOf } from "./effect.ts";
import { MIGRATE_ROUNDS_MAX } from "./limits.ts";
import { overtakenDiagnostic } from "./overtaken.ts";
import { removeSidecars } from "./remove-sidecars.ts";
import { encodeSidecar } from "./sidecar.ts";
import { inWaves } from "./wave.ts";

/** A run with the changes that its effects carry out, for the receipts. */
export interface EffectsOf extends ApplyRun {
  readonly changes: readonly Change[];
}

/** `base` is the ledger that the next commit of the run builds on; `effects` know the versions of their intents. */
export type BegunEffects =
  | { readonly tag: "begun"; readonly base: ReadyLedger; readonly effects: readonly Effect[] }
  /**
   * Nothing was sent. `unknown`: the begin commit has landed under another run's, or may have landed; if that is not
   * known, its sidecars stay (`settled` false).
   */
  | {
      readonly tag: "stopped";
      readonly unknown: boolean;
      readonly settled: boolean;
      readonly diagnostics: readonly Diagnostic[];
    };

const BEGUN = "The run had only announced its changes";

/** Steps (a) and (b). Without effects there is nothing to announce. */
export async function beginEffects(
  run: EffectsOf,
  base: ReadyLedger,
  effects: readonly Effect[],
): Promise<BegunEffects> {
  if (effects.length === 0) return { tag: "begun", base, effects };
  const stopped = async (unknown: boolean, diagnostics: readonly Diagnostic[]): Promise<BegunEffects> => {
    await removeIntents(run.ports.store, effects);
    return { tag: "stopped", unknown, settled: true, diagnostics };
  };
  const putting = awaitedLater(putSidecars(run, base, effects));
  const committed = await run.commit(base, beginState(base, effects), {
    kind: "begin",
    operations: operationsOf(effects),
    changes: run.changes.filter((change) => isMovedBy(change, effects)),
    recovered: [],
    approvals: [],
    graphs: new Map(),
    cleared: awaitedLater(putting.then(({ failed }) => failed.length === 0)),
  });
  const put = await putting;
  if (put.failed.length > 0) return stopped(false, put.failed);
  switch (committed.tag) {
    case "committed":
      return { tag: "begun", base: committed.ledger, effects: put.effects };
    case "unknown":
      return { tag: "stopped", unknown: true, settled: false, diagnostics: committed.diagnostics };
    case "superseded":
      return stopped(true, [overtakenDiagnostic(BEGUN)]);
    case "stopped":
      return stopped(false, committed.diagnostics);
  }
}

/** What was sent, and the ledger that the next commit builds on. */
export interface SentEffects {
  readonly base: ReadyLedger;
  readonly results: readonly EffectResult[];
}

/** Step (c) of everything but deletes, in the order given. `base` is the begin commit that names the effects. */
export async function moveGraphs(
  run: EffectsOf,
  base: ReadyLedger,
  effects: readonly Effect[],
): Promise<SentEffects> {
  const settled: EffectResult[] = [];
  let round: readonly Effect[] = effects.filter((effect) => effect.kind !== "graph_delete");
  let current = base;
  for (let count = 1; round.length > 0; count += 1) {
    if (count > 1) {
      const begun = await beginEffects(run, current, round);
      if (begun.tag === "stopped") {
        return { base: current, results: [...settled, ...notAttempted(round, begun)] };
      }
      current = begun.base;
      round = begun.effects;
    }
    const next: Effect[] = [];
    for (const result of await sendInOrder(run, round)) {
      const again = count < MIGRATE_ROUNDS_MAX ? await decideAgain(run.ports, result) : null;
      if (again === null) settled.push(result);
      else next.push(again);
    }
    round = next;
  }
  return { base: current, results: settled };
}

/** Step (c) of the deletes, last of all; `go` false: something before them failed, so none is sent. */
export async function deleteGraphs(
  run: EffectsOf,
  effects: readonly Effect[],
  go: boolean,
): Promise<readonly EffectResult[]> {
  const deletes = effects.filter((effect) => effect.kind === "graph_delete");
  return go ? sendInOrder(run, deletes) : deletes.map((effect) => ({ tag: "skipped", effect }));
}

/**
 * The effect of a graph that loads moved, decided anew on a fresh preview (design 6); null if it is not to be sent
 * again. The version that its intent could have published is another's, so the intent is over.
 */
async function decideAgain(ports: ClusterPorts, result: EffectResult): Promise<Effect | null> {
  if (result.tag !== "moved" || result.effect.kind !== "schema_apply") return null;
  const { effect } = result;
  const { graph, schema_source } = effect;
  const outcome = await ports.engine.preview({ graph, schema_source, data_loss: false });
  if (outcome.tag !== "previewed" || !outcome.preview.plan.supported) return null;
  const { preview } = outcome;
  const same =
    preview.incarnation === effect.live_incarnation && preview.accepted_digest === effect.live_schema;
  if (!same) return null;
  await removeIntents(ports.store, [effect]);
  return redecide(effect, preview.version, ports.ids);
}

interface SidecarsPut {
  readonly effects: readonly Effect[];
  readonly failed: readonly Diagnostic[];
}

async function putSidecars(
  run: ApplyRun,
  base: ReadyLedger,
  effects: readonly Effect[],
): Promise<SidecarsPut> {
  const { ports, actor } = run;
  const started_at = timestamp(ports.clock);
  const answers = await inWaves(effects, async (effect) => {
    const sidecar = sidecarOf(effect, { started_at, actor, root: ports.root, cas: base.cas });
    const [put, kept] = await Promise.all([
      ports.store.putIfAbsent(sidecarKey(effect.operation_id), encodeSidecar(sidecar)),
      keepSchemaOf(ports, effect),
    ]);
    return { put, kept };
  });
  const failed = answers.flatMap(({ put: answer }, index) => {
    if (answer.tag === "done") return [];
    const key = sidecarKey(effects[index]!.operation_id);
    const path = `${ports.root}/${key}`;
    const detail = "reason" in answer ? answer.reason : answer.tag;
    const message = `The intent of graph.${effects[index]!.graph} could not be written: ${detail}.`;
    return [diagnostic("recovery_sidecar_write_error", { path, message })];
  });
  const known = effects.map((effect, index): Effect => {
    const { put, kept } = answers[index]!;
    const intent = put.tag === "done" ? put.value : undefined;
    return effect.kind === "schema_apply" ? { ...effect, intent, kept } : { ...effect, intent };
  });
  return { effects: known, failed };
}

/** What a migration will publish, put meanwhile; it moves nothing, so it needs no intent (A1). */
async function keepSchemaOf(ports: ClusterPorts, effect: Effect): Promise<Digest | undefined> {
  if (effect.kind !== "schema_apply" || effect.on === undefined || effect.approval !== null) return undefined;
  const kept = await ports.engine.keepSchema({ on: effect.on, schema_source: effect.schema_source });
  return kept.tag === "kept" ? kept.record : undefined;
}

function beginState(base: ReadyLedger, effects: readonly Effect[]) {
  const statuses: Record<string, StatusRecord> = { ...base.state.resource_statuses };
  for (const address of effects.flatMap((effect) => addressesOf(effect.graph))) {
    statuses[address] = { status: "applying" };
  }
  return { ...base.state, resource_statuses: statuses };
}

function isMovedBy(change: Change, effects: readonly Effect[]): boolean {
  return effects.some((effect) => addressesOf(effect.graph).includes(change.resource));
}

/** The operation that carries out the change of each address. */
export function operationsOf(effects: readonly Effect[]): ReadonlyMap<Address, OperationId> {
  return new Map(
    effects.flatMap((effect) =>
      addressesOf(effect.graph).map((address) => [address, effect.operation_id] as const),
    ),
  );
}

/** Removes the intents of effects that are over; the keys of those that are still there. */
export function removeIntents(store: ObjectStore, effects: readonly Effect[]): Promise<readonly StoreKey[]> {
  return removeSidecars(
    store,
    effects.map(({ operation_id, intent }) => ({ key: sidecarKey(operation_id), version: intent ?? null })),
  );
}

/** The addresses whose status an effect on `graph` concerns. */
export function addressesOf(graph: GraphId): readonly Address[] {
  return [graphAddress(graph), schemaAddress(graph)];
}

/** Between two effects the run may stop; what was not sent is `skipped`. */
async function sendInOrder(run: ApplyRun, effects: readonly Effect[]): Promise<readonly EffectResult[]> {
  const results: EffectResult[] = [];
  for (const effect of effects) {
    if (run.interrupted()) {
      results.push({ tag: "skipped", effect });
      continue;
    }
    run.progress({ tag: "effect_started", graph: effect.graph, kind: effect.kind });
    const result = await sendEffect(run.ports, effect, { run_id: run.run_id, actor: run.actor });
    run.progress({ tag: "effect_ended", graph: effect.graph, kind: effect.kind, result: result.tag });
    results.push(result);
  }
  return results;
}

function notAttempted(
  effects: readonly Effect[],
  stopped: Extract<BegunEffects, { tag: "stopped" }>,
): readonly EffectResult[] {
  const why = stopped.diagnostics.map((each) => each.message).join(" ");
  const detail = `the graph had moved, and another try could not be recorded. ${why}`;
  return effects.map((effect) => ({ tag: stopped.unknown ? "unsettled" : "failed", effect, detail }));
}
