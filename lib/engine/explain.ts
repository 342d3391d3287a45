/**
 * Why a verb could not work, as a diagnostic for people: from an observation, and from an outcome that is not `done`.
 * Pure; every caller of the engine says the same thing in the same words.
 */
import { type Diagnostic, type DiagnosticCode, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { GraphId } from "../digest/ids.ts";
import type { EngineOutcome, Observation } from "./engine.ts";

/** Prefix of the reason of an `unavailable` that is only a matter of waiting. */
export const GRAPH_BUSY = "graph_busy";

/** What stands where a live graph was needed. A live graph means that it has moved. */
export function explainObservation(graph: GraphId, observation: Observation): Diagnostic {
  switch (observation.tag) {
    case "absent":
      return about(graph, "graph_not_live", `graph ${graph} does not exist`);
    case "never":
      return about(graph, "graph_not_live", `graph ${graph} has been fenced and never created`);
    case "deleted":
      return about(
        graph,
        "graph_not_live",
        `graph ${graph} was deleted in version ${observation.head.version}`,
      );
    case "live":
      return about(graph, "graph_moved", `graph ${graph} is at version ${observation.head.version} now`);
    case "unreadable":
      return about(graph, unreadableCode(observation.reason), observation.detail);
    case "unavailable":
      return about(graph, "graph_unavailable", `graph ${graph} could not be read: ${observation.reason}`);
    default:
      return assertNever(observation);
  }
}

/** What a writing verb's answer means; none for one that is done. */
export function explainOutcome(
  graph: GraphId,
  outcome: Exclude<EngineOutcome, { tag: "done" }>,
): readonly Diagnostic[] {
  switch (outcome.tag) {
    case "invalid":
      return outcome.diagnostics;
    case "refused":
      return [explainObservation(graph, outcome.head)];
    case "conflict":
      return [about(graph, "graph_unavailable", `the storage decided nothing about graph ${graph}`)];
    case "ambiguous":
      return [about(graph, "graph_outcome_unknown", `graph ${graph}: ${outcome.reason}`)];
    case "unavailable": {
      const code = outcome.reason.startsWith(GRAPH_BUSY) ? "graph_busy" : "graph_unavailable";
      return [about(graph, code, `graph ${graph}: ${outcome.reason}`)];
    }
    default:
      return assertNever(outcome);
  }
}

/** What `no_such_version` of a reading verb means. */
export function explainVersion(graph: GraphId, version: number): Diagnostic {
  return about(
    graph,
    "graph_version_unreadable",
    `graph ${graph} has no version ${version} that can be read`,
  );
}

function unreadableCode(reason: "foreign_format" | "newer_format" | "corrupt"): DiagnosticCode {
  switch (reason) {
    case "foreign_format":
      return "graph_foreign_format";
    case "newer_format":
      return "graph_newer_format";
    case "corrupt":
      return "graph_corrupt";
  }
}

function about(graph: GraphId, code: DiagnosticCode, message: string): Diagnostic {
  return diagnostic(code, { path: `graph.${graph}`, message });
}
