/** What the results of effects mean for people, for dependents and for the receipt. Pure. */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { GraphId } from "../digest/ids.ts";
import type { RecordedGraph } from "../ledger/receipt.ts";
import type { FailureOrigin } from "./demote.ts";
import type { Effect, EffectResult } from "./effect.ts";

/** Graphs whose effect is not known to have landed. */
export function failuresOf(results: readonly EffectResult[]): ReadonlyMap<GraphId, FailureOrigin> {
  const failed = results.filter((result) => result.tag !== "done");
  return new Map(failed.map(({ effect }) => [effect.graph, WORDS[effect.kind].origin] as const));
}

/** The graphs that moved, as the next receipt records them. */
export function recordedGraphs(results: readonly EffectResult[]): ReadonlyMap<GraphId, RecordedGraph> {
  const done = results.flatMap((result) => (result.tag === "done" ? [result] : []));
  return new Map(
    done.map(({ effect, manifest }) => [
      effect.graph,
      { manifest_version: manifest.version, incarnation: manifest.incarnation },
    ]),
  );
}

/** How a kind of effect is spoken of. */
interface Words {
  readonly origin: FailureOrigin;
  readonly address: "graph" | "schema";
  readonly participle: string;
  readonly failed:
    | "graph_create_failed"
    | "schema_apply_failed"
    | "graph_delete_failed"
    | "graph_restore_failed";
  readonly skipped: "graph_create_skipped" | "schema_apply_skipped" | "graph_delete_skipped";
}

const WORDS: Readonly<Record<Effect["kind"], Words>> = {
  graph_create: {
    origin: "create",
    address: "graph",
    participle: "created",
    failed: "graph_create_failed",
    skipped: "graph_create_skipped",
  },
  graph_restore: {
    origin: "create",
    address: "graph",
    participle: "restored",
    failed: "graph_restore_failed",
    skipped: "graph_create_skipped",
  },
  schema_apply: {
    origin: "schema",
    address: "schema",
    participle: "applied",
    failed: "schema_apply_failed",
    skipped: "schema_apply_skipped",
  },
  graph_delete: {
    origin: "delete",
    address: "graph",
    participle: "deleted",
    failed: "graph_delete_failed",
    skipped: "graph_delete_skipped",
  },
};

/** One diagnostic for each effect that is not done. */
export function effectDiagnostics(results: readonly EffectResult[]): readonly Diagnostic[] {
  return results.map(effectDiagnostic).filter((each) => each !== null);
}

function effectDiagnostic(result: EffectResult): Diagnostic | null {
  const { effect } = result;
  const words = WORDS[effect.kind];
  const path = `${words.address}.${effect.graph}`;
  const what = `${path} was not ${words.participle}`;
  switch (result.tag) {
    case "done":
      return null;
    case "failed":
      return diagnostic(words.failed, { path, message: `${what}: ${result.detail}.` });
    case "moved":
      return diagnostic(words.failed, { path, message: `${what}: loads kept moving the graph.` });
    case "unsettled": {
      const message = `It is not known whether ${path} moved: ${result.detail}. Its intent stays until that is settled.`;
      return diagnostic("apply_outcome_unknown", { path, message });
    }
    case "skipped":
      return diagnostic(words.skipped, { path, message: `${what}: the run stopped before it.` });
    default:
      return assertNever(result);
  }
}
