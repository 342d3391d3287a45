/** A load for people: what was stored, or why nothing was, or that nobody knows; never more than is known (L5). */
import type { LoadRunOutput } from "../../lib/apply/load-graph.ts";
import type { Style } from "../style.ts";
import { count } from "./describe-step.ts";
import { printableFields } from "./printable.ts";
import { renderDiagnostics } from "./render-diagnostics.ts";

export function renderLoad(raw: LoadRunOutput, style: Style): readonly string[] {
  const output = printableFields(raw);
  const problems = renderDiagnostics(output.diagnostics, style);
  if (!output.ok) return [failureLine(output, style), ...problems];
  if (output.counts.length === 0) return ["the file holds no rows; nothing was changed", ...problems];
  const rows = output.counts.reduce((sum, each) => sum + each.rows, 0);
  const head = `loaded ${count(rows, "row")} into graph.${output.graph} (${output.mode}), version ${output.manifest_version}`;
  const width = Math.max(0, ...output.counts.map((each) => each.type_name.length));
  const lines = output.counts.map(
    (each) => `  ${each.type_name.padEnd(width)}  ${each.rows.toLocaleString("en-US")}`,
  );
  return [style.green(head), ...lines, ...problems];
}

function failureLine({ graph, diagnostics }: LoadRunOutput, style: Style): string {
  if (!diagnostics.some((each) => each.code === "load_outcome_unknown")) {
    return style.red(`load into graph.${graph} failed; nothing was changed`);
  }
  return style.red(`load into graph.${graph}: it is not known whether all rows were stored or none`);
}
