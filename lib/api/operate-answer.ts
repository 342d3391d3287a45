/** What the commands of an operator came to: their own document, or the problem that kept them from it. */
import { type Diagnostic, hasErrors } from "../diagnostic/diagnostic.ts";
import type { OperateOutput } from "../operate/operate-output.ts";
import { jsonAnswer } from "./json-answer.ts";
import type { RouteResult } from "./route.ts";
import { refusalOf } from "./status-of-diagnostics.ts";

export function operateAnswer<Facts>(output: OperateOutput<Facts>): RouteResult {
  if (output.ok) return jsonAnswer(output);
  const refused = refusalOf(output.diagnostics);
  // It may have happened: the same request again settles it.
  return output.outcome === "unknown" ? { ...refused, status: 503 } : refused;
}

/** The same for outputs that only have diagnostics. */
export function commandAnswer(output: {
  readonly ok: boolean;
  readonly diagnostics: readonly Diagnostic[];
}): RouteResult {
  return output.ok || !hasErrors(output.diagnostics) ? jsonAnswer(output) : refusalOf(output.diagnostics);
}
