/**
 * Step 7 of an apply: what is left to do once its final commit has landed (design 7, 8). Whatever of it does not come
 * about is done by the next sweep, which finds the intent that is still there.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { GraphId } from "../digest/ids.ts";
import type { Engine } from "../engine/engine.ts";
import { awaitedLater } from "../ledger/awaited-later.ts";
import { timestamp } from "../ports/clock.ts";
import type { ApplyRun } from "./apply-run.ts";
import { type ApprovalUse, consumeApprovals, reopenApprovals } from "./approvals/reservations.ts";
import type { Effect, EffectResult } from "./effect.ts";
import { cleanupWarnings } from "./remove-sidecars.ts";
import { removeIntents } from "./run-effects.ts";
import { inWaves } from "./wave.ts";

/** Approvals of what was done, and of what was not done and never will be. */
interface SettledApprovals {
  readonly used: readonly ApprovalUse[];
  readonly unused: readonly ApprovalUse[];
}

/** Nothing was left to remove. */
export const TIDY: Promise<readonly Diagnostic[]> = Promise.resolve([]);

export interface CleanedUp {
  readonly warnings: readonly Diagnostic[];
  /** See `ApplyResult`. */
  readonly tidied: Promise<readonly Diagnostic[]>;
}

/**
 * Marks approvals and destroys bytes, each on its own condition, and only then begins to remove intents, which say that
 * this is still to be done. While the head of the commit is missing the intents stay; the next run supplies it and
 * removes them (design 7). So do those whose approval could not be marked.
 */
export async function cleanUp(
  run: ApplyRun,
  { used, unused }: SettledApprovals,
  results: readonly EffectResult[],
  headMissing: boolean,
): Promise<CleanedUp> {
  const { ports } = run;
  const [unmarked, undestroyed] = await Promise.all([
    consumeApprovals(ports, used, timestamp(ports.clock)),
    destroyedLeft(ports.engine, results),
    reopenApprovals(ports, unused),
  ]);
  const warnings = undestroyed.map(bytesLeft);
  if (headMissing) return { warnings, tidied: TIDY };
  const isFinished = ({ effect }: EffectResult) =>
    !unmarked.has(effect.operation_id) && !undestroyed.includes(effect.graph);
  const finished = results.filter((result) => result.tag !== "unsettled" && isFinished(result));
  const effectsOf = (done: boolean) =>
    finished.filter(({ tag }) => (tag === "done") === done).map(({ effect }) => effect);
  // A successor that finds the intent of what was not done fences it, which costs a version; so the lease waits for it.
  const given = await tidy(run, effectsOf(false));
  return { warnings: [...warnings, ...given], tidied: awaitedLater(tidy(run, effectsOf(true))) };
}

async function tidy({ ports }: ApplyRun, finished: readonly Effect[]): Promise<readonly Diagnostic[]> {
  return cleanupWarnings(ports.root, await removeIntents(ports.store, finished));
}

/** The graphs whose data was destroyed in this run, and of which bytes may still be there. */
async function destroyedLeft(engine: Engine, results: readonly EffectResult[]): Promise<readonly GraphId[]> {
  const destroyed = results.filter(
    ({ tag, effect }) => tag === "done" && effect.kind === "schema_apply" && effect.approval !== null,
  );
  const left = await inWaves(destroyed, async ({ effect: { graph } }) =>
    (await engine.cleanUp(graph)).tag === "done" ? null : graph,
  );
  return left.filter((graph) => graph !== null);
}

function bytesLeft(graph: GraphId): Diagnostic {
  const path = `schema.${graph}`;
  const message = `No version of graph.${graph} shows the destroyed data any more, but some of its bytes could not be removed yet.`;
  return diagnostic("destroyed_bytes_left", { path, message });
}
