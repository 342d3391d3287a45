/** Export: the rows of one version of one graph, as lines that `load` takes again. Reads only; needs no ledger. */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { type GraphId, parseGraphId } from "../digest/ids.ts";
import type { Engine, ExportRequest, Observation } from "../engine/engine.ts";
import { notLiveText } from "./not-live-text.ts";

export type ExportFound =
  | { readonly tag: "exporting"; readonly version: number; readonly lines: AsyncIterable<string> }
  | { readonly tag: "failed"; readonly diagnostics: readonly Diagnostic[] };

/**
 * `version` undefined: the newest. Without `edge_ids` the lines are those that were loaded. `present_life`: no version of
 * a graph of this name that was deleted.
 */
export async function exportGraph(
  engine: Engine,
  text: string,
  options: Pick<ExportRequest, "version" | "present_life"> & { readonly edge_ids: boolean },
): Promise<ExportFound> {
  const { version } = options;
  const graph = parseGraphId(text);
  const failed = (message: string): ExportFound => ({
    tag: "failed",
    diagnostics: [diagnostic("graph_not_applied", { path: `graph.${text}`, message })],
  });
  if (graph === null) return failed(`"${text}" is not a graph id.`);
  const outcome = await engine.export({ graph, ...options });
  switch (outcome.tag) {
    case "exporting":
      return { tag: "exporting", version: outcome.manifest.version, lines: outcome.lines };
    case "no_such_version":
      return { tag: "failed", diagnostics: [await unknownVersion(engine, graph, version)] };
    case "not_live":
      return { tag: "failed", diagnostics: [notLive(graph, outcome.observation)] };
    default:
      return assertNever(outcome);
  }
}

/** A store that did not answer says nothing about the graph. */
function notLive(graph: GraphId, observation: Observation): Diagnostic {
  const code = observation.tag === "unavailable" ? "graph_observation_error" : "graph_not_applied";
  const message = `graph.${graph} cannot be exported: ${notLiveText(observation)}.`;
  return diagnostic(code, { path: `graph.${graph}`, message });
}

async function unknownVersion(
  engine: Engine,
  graph: GraphId,
  version: number | undefined,
): Promise<Diagnostic> {
  const observed = await engine.observe(graph);
  const newest = observed.tag === "live" ? ` Its newest version is ${observed.head.version}.` : "";
  const message = `graph.${graph} has no readable version ${version}.${newest}`;
  return diagnostic("graph_version_unknown", { path: `graph.${graph}`, message });
}
