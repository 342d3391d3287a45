/** Status, refresh and import as a person reads them. */
import type { RefreshOutput, StatusOutput } from "../../lib/observe/observe-output.ts";
import type { StateObservations } from "../../lib/plan/state-observations.ts";
import type { Style } from "../style.ts";
import { commandLine, type Place } from "./command-line.ts";
import { count } from "./describe-step.ts";
import { printableFields } from "./printable.ts";
import { commitLines } from "./render-commit.ts";
import { renderDiagnostics } from "./render-diagnostics.ts";
import { unsettledLines } from "./render-unsettled.ts";

export function renderStatus(raw: StatusOutput, style: Style): readonly string[] {
  const output = printableFields(raw);
  const seen = output.state_observations;
  const problems = renderDiagnostics(output.diagnostics, style);
  if (!output.ok) return [style.red("cluster status failed"), ...problems];
  if (!seen.state_found) return ["cluster state missing", lockLine(seen), ...problems];
  const applied = seen.applied_config_digest ?? "none yet: the ledger has not converged to a config";
  return [
    style.bold(`cluster state: revision ${seen.state_revision}, ${count(seen.resource_count, "resource")}`),
    `  applied config: ${applied}`,
    `  state_cas: ${seen.state_cas ?? "-"}`,
    ...lastLines(output),
    lockLine(seen),
    ...graphLines(output, style),
    ...deletedLines(output, style),
    ...protectionLines(output.protected),
    ...unsettledLines(output, style),
    ...problems,
  ];
}

/** What the deployment is came with one commit, and what changed with the same or an earlier one. */
function lastLines({ last_commit, last_change }: StatusOutput): readonly string[] {
  const earlier =
    last_change === null || last_change.revision === last_commit?.revision
      ? []
      : commitLines("last change", last_change);
  return [...(last_commit === null ? [] : commitLines("last commit", last_commit)), ...earlier];
}

export function renderRefresh(raw: RefreshOutput, style: Style, place: Place): readonly string[] {
  const output = printableFields(raw);
  const seen = output.state_observations;
  const problems = renderDiagnostics(output.diagnostics, style);
  if (!output.ok && !output.state_written)
    return [style.red(`cluster ${output.operation} failed`), ...problems];
  const written = output.state_written ? "" : ", nothing new";
  return [
    `cluster ${output.operation}: revision ${seen.state_revision}, ${count(seen.resource_count, "resource")}${written}`,
    `  state_cas: ${seen.state_cas ?? "-"}`,
    `  lock: ${seen.lock_acquired ? "acquired and released" : "not acquired"}`,
    ...unsettledLines(output, style),
    ...problems,
    "",
    `Next: ${commandLine(place, "plan")}`,
  ];
}

function lockLine(seen: StateObservations): string {
  if (!seen.locked) return "  lock: not held";
  const facts = [
    `id=${seen.lock_id ?? "?"}`,
    `operation=${seen.lock_operation ?? "?"}`,
    ...(seen.lock_pid === undefined ? [] : [`pid=${seen.lock_pid}`]),
    ...(seen.lock_created_at === undefined ? [] : [`created_at=${seen.lock_created_at}`]),
    ...(seen.lock_age_seconds === undefined ? [] : [`age_seconds=${seen.lock_age_seconds}`]),
  ];
  return `  lock: held (${facts.join(", ")})`;
}

/** Also of a graph that is in the ledger no more: it would be protected again once it is there. */
export function protectionLines(protections: StatusOutput["protected"]): readonly string[] {
  return Object.entries(printableFields(protections)).map(([graph, { by, at, reason }]) => {
    const who = by === null ? "" : ` by ${by}`;
    const when = at === null ? "" : `, ${at}`;
    return `  graph.${graph} is protected${who}${when}${reason === null ? "" : `: ${reason}`}`;
  });
}

/** Graphs whose delete is recorded: whoever misses one learns when it went and how it comes back. */
function deletedLines({ observations, resource_digests }: StatusOutput, style: Style): readonly string[] {
  return Object.entries(observations).flatMap(([address, seen]) => {
    if (typeof seen !== "object" || seen === null || !("kind" in seen) || address in resource_digests)
      return [];
    if (seen["kind"] !== "tombstone") return [];
    const { deleted_at, actor } = seen as { readonly deleted_at?: unknown; readonly actor?: unknown };
    const by = typeof actor === "string" ? ` by ${actor}` : "";
    const back = `graphform restore ${address}`;
    return [`  ${style.bold(address)}: deleted ${String(deleted_at)}${by}; until it is reclaimed: ${back}`];
  });
}

function graphLines(output: StatusOutput, style: Style): readonly string[] {
  const graphs = Object.keys(output.resource_digests).filter((address) => address.startsWith("graph."));
  return graphs.map((address) => {
    const id = address.slice("graph.".length);
    const queries = Object.keys(output.resource_digests).filter((each) =>
      each.startsWith(`query.${id}.`),
    ).length;
    const seen = output.observations[address] as { readonly graph_manifest_version?: unknown } | undefined;
    const version =
      typeof seen?.graph_manifest_version === "number"
        ? `, recorded at version ${seen.graph_manifest_version}`
        : "";
    const status = output.resource_statuses[address]?.status ?? "unknown";
    return `  ${style.bold(address)}: ${status}, ${count(queries, "query", "queries")}${version}`;
  });
}
