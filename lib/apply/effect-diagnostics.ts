/** What the results of effects mean for people, for dependents and for the receipt. Pure. */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { GraphId } from "../digest/ids.ts";
import type { RecordedGraph } from "../ledger/receipt.ts";
import type { FailureOrigin } from "./demote.ts";
import type { EffectResult } from "./effect.ts";

/** Graphs whose effect is not known to have landed. */
export function failuresOf(results: readonly EffectResult[]): ReadonlyMap<GraphId, FailureOrigin> {
  const failed = results.filter((result) => result.tag !== "done");
  return new Map(
    failed.map(({ effect }) => [effect.graph, effect.kind === "graph_create" ? "create" : "schema"] as const),
  );
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

export function effectDiagnostics(results: readonly EffectResult[]): readonly Diagnostic[] {
  return results.map(effectDiagnostic).filter((each) => each !== null);
}

function effectDiagnostic(result: EffectResult): Diagnostic | null {
  const { effect } = result;
  const creating = effect.kind === "graph_create";
  const path = creating ? `graph.${effect.graph}` : `schema.${effect.graph}`;
  const what = `${path} was not ${creating ? "created" : "applied"}`;
  switch (result.tag) {
    case "done":
      return null;
    case "failed":
      return failed(creating, path, `${what}: ${result.detail}.`);
    case "moved":
      return failed(creating, path, `${what}: loads kept moving the graph.`);
    case "unsettled": {
      const message = `It is not known whether ${path} moved: ${result.detail}. Its intent stays until that is settled.`;
      return diagnostic("apply_outcome_unknown", { path, message });
    }
    case "skipped": {
      const code = creating ? "graph_create_skipped" : "schema_apply_skipped";
      return diagnostic(code, { path, message: `${what}: the run was stopped before it.` });
    }
    default:
      return assertNever(result);
  }
}

function failed(creating: boolean, path: string, message: string): Diagnostic {
  return diagnostic(creating ? "graph_create_failed" : "schema_apply_failed", { path, message });
}
