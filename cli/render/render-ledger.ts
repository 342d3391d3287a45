/** Status, refresh and import as a person reads them. */
import type { RefreshOutput, StatusOutput } from "../../lib/observe/observe-output.ts";
import type { StateObservations } from "../../lib/plan/state-observations.ts";
import type { Style } from "../style.ts";
import { count } from "./describe-step.ts";
import { renderDiagnostics } from "./render-diagnostics.ts";

export function renderStatus(output: StatusOutput, style: Style): readonly string[] {
  const seen = output.state_observations;
  const problems = renderDiagnostics(output.diagnostics, style);
  if (!output.ok) return [style.red("cluster status failed"), ...problems];
  if (!seen.state_found) return ["cluster state missing", lockLine(seen), ...problems];
  const applied = seen.applied_config_digest ?? "none yet: the ledger has not converged to a config";
  return [
    style.bold(`cluster state: revision ${seen.state_revision}, ${count(seen.resource_count, "resource")}`),
    `  applied config: ${applied}`,
    `  state_cas: ${seen.state_cas ?? "-"}`,
    lockLine(seen),
    ...graphLines(output, style),
    ...unsettledLines(output, style),
    ...problems,
  ];
}

export function renderRefresh(output: RefreshOutput, style: Style): readonly string[] {
  const seen = output.state_observations;
  const problems = renderDiagnostics(output.diagnostics, style);
  if (!output.ok && !output.state_written)
    return [style.red(`cluster ${output.operation} failed`), ...problems];
  const written = output.state_written ? "" : ", nothing new";
  return [
    `cluster ${output.operation}: revision ${seen.state_revision}, ${count(seen.resource_count, "resource")}${written}`,
    `  state_cas: ${seen.state_cas ?? "-"}`,
    `  lock: ${seen.lock_acquired ? "acquired and released" : "not acquired"}`,
    ...problems,
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

function graphLines(output: StatusOutput, style: Style): readonly string[] {
  const graphs = Object.keys(output.resource_digests).filter((address) => address.startsWith("graph."));
  return graphs.map((address) => {
    const id = address.slice("graph.".length);
    const queries = Object.keys(output.resource_digests).filter((each) =>
      each.startsWith(`query.${id}.`),
    ).length;
    const seen = output.observations[address] as { readonly graph_manifest_version?: unknown } | undefined;
    const version =
      typeof seen?.graph_manifest_version === "number" ? `, version ${seen.graph_manifest_version}` : "";
    const status = output.resource_statuses[address]?.status ?? "unknown";
    return `  ${style.bold(address)}: ${status}, ${count(queries, "query").replace(/querys$/, "queries")}${version} when last recorded`;
  });
}

function unsettledLines(output: StatusOutput, style: Style): readonly string[] {
  return Object.entries(output.resource_statuses)
    .filter(([, record]) => record.status !== "applied")
    .map(([address, record]) => {
      const condition = record.conditions?.join(", ") ?? "";
      return `  ${style.yellow(record.status)} ${address} (${condition}): ${record.message ?? ""}`;
    });
}
