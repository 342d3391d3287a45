/** Aggregate calls (spec/query 5.9), and arguments that no run could aggregate (W-06). */
import { isNumeric } from "../schema/prop-type.ts";
import type { AggregateCall } from "./ast.ts";
import { blobMessage, type Place, showOperand, typeOf } from "./check-expression.ts";
import type { Operand } from "./operand.ts";
import { showExpression } from "./show-expression.ts";

/** Checks the argument; the operand carries its type, which `min` and `max` hand on. */
export function checkAggregate(place: Place, call: AggregateCall): Operand {
  const argument = typeOf(place, call.argument);
  checkArgument(place, call, argument);
  return { kind: "aggregate", argument: argument.kind === "value" ? argument.type : null };
}

function checkArgument(place: Place, call: AggregateCall, argument: Operand): void {
  const { report } = place.context;
  if (argument.kind === "value") {
    if (argument.type.scalar === "Blob") {
      report.error("T24", call.argument.at, blobMessage(blobName(call)));
      return;
    }
    const numeric = isNumeric(argument.type.scalar);
    const ordered = numeric || argument.type.scalar === "String";
    const allowed = call.function === "min" || call.function === "max" ? ordered : numeric;
    if (call.function !== "count" && (argument.type.list || !allowed)) {
      const wanted = call.function === "min" || call.function === "max" ? "numbers or Strings" : "numbers";
      const message = `${call.function} needs ${wanted}, but ${showExpression(call.argument)} is ${showOperand(argument)}`;
      report.error("T8", call.argument.at, message);
      return;
    }
  }
  checkKind(place, call, argument);
}

function blobName(call: AggregateCall): string {
  return call.argument.kind === "variable" ? `Blob parameter \`$${call.argument.name}\`` : "Blob expression";
}

/** Only stored values, parameters and, to be counted, nodes can be aggregated. */
function checkKind(place: Place, call: AggregateCall, argument: Operand): void {
  if (argument.kind === "unknown") return;
  const { kind } = call.argument;
  const countsNode = call.function === "count" && kind === "variable";
  const plain =
    argument.kind === "value" && kind !== "alias" && kind !== "nearest" && kind !== "text" && kind !== "rrf";
  if (countsNode || plain) return;
  const message = `${call.function} cannot aggregate ${showExpression(call.argument)}, which is ${showOperand(argument)}`;
  place.context.report.refuse("query_aggregate_argument", call.argument.at, message);
}
