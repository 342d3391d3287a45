/** Filters (spec/query 5.8), and filters that no run evaluates as written (W-03, W-05, W-18). */
import { displayType, isVector, type PropType } from "../schema/prop-type.ts";
import type { Expression, Filter } from "./ast.ts";
import { type Place, showOperand, typeOf } from "./check-expression.ts";
import { enumMessage } from "./check-literal.ts";
import { compatible, elementType, isPlain, type Operand } from "./operand.ts";
import { showExpression } from "./show-expression.ts";

/** Checks one filter. */
export function checkFilter(place: Place, filter: Filter): void {
  place.scope.filters.push(filter);
  const left = typeOf(place, filter.left);
  const right = typeOf(place, filter.right);
  const { report } = place.context;
  for (const [operand, expression] of [
    [left, filter.left],
    [right, filter.right],
  ] as const) {
    if (operand.kind !== "node" && operand.kind !== "aggregate") continue;
    const message = `filters need scalar operands, but ${showExpression(expression)} is ${showOperand(operand)}${nullHint(expression)}`;
    report.error("T7", expression.at, message);
    return;
  }
  if (left.kind === "value" && right.kind === "value") {
    const wrong = mismatch(filter, left.type, right.type);
    if (wrong !== null) {
      report.error("T7", filter.at, wrong);
      return;
    }
    checkEnumValue(place, filter, left, filter.right);
    checkEnumValue(place, filter, right, filter.left);
  }
  checkCalls(place, filter);
}

function nullHint(expression: Expression): string {
  return expression.kind === "alias" && expression.name === "null" ? "; there is no null literal" : "";
}

/** What is wrong with the two types under the operator; null if nothing. */
function mismatch(filter: Filter, left: PropType, right: PropType): string | null {
  if (left.scalar === "Blob" || right.scalar === "Blob")
    return "blob comparisons in filters are not supported";
  switch (filter.op) {
    case "contains":
      return containsMismatch(left, right);
    case "starts_with":
      if (!isPlain(left, "String")) {
        return `starts_with requires a String property on the left, not ${displayType(left)}`;
      }
      if (!isPlain(right, "String"))
        return `starts_with requires a String right operand, not ${displayType(right)}`;
      return null;
    default:
      return compareMismatch(filter, left, right);
  }
}

function containsMismatch(left: PropType, right: PropType): string | null {
  if (isPlain(left, "String")) {
    if (isPlain(right, "String")) return null;
    const what = right.list ? "a scalar right operand" : "a String right operand";
    return `contains requires ${what} when the left side is a String, not ${displayType(right)}`;
  }
  if (!left.list) return `contains requires a list or String on the left, not ${displayType(left)}`;
  if (right.list) return `contains requires a scalar right operand, not ${displayType(right)}`;
  if (isVector(left.scalar) || isVector(right.scalar)) return "contains is not supported for vectors";
  if (compatible(elementType(left), right)) return null;
  return `contains cannot look for ${displayType(right)} in ${displayType(left)}`;
}

function compareMismatch(filter: Filter, left: PropType, right: PropType): string | null {
  if (left.list || right.list) {
    const list = left.list ? filter.left : filter.right;
    return `${showExpression(list)} is a list; \`${filter.op}\` compares scalars, and \`contains\` tests membership`;
  }
  if (isVector(left.scalar) || isVector(right.scalar))
    return "vector comparisons in filters are not supported";
  if (compatible(left, right)) return null;
  return `cannot compare ${showExpression(filter.left)} (${displayType(left)}) with ${showExpression(filter.right)} (${displayType(right)})`;
}

/** Equality with a text that the enum does not have is always false, or always true (W-18). */
function checkEnumValue(place: Place, filter: Filter, operand: Operand, other: Expression): void {
  if (operand.kind !== "value" || other.kind !== "string") return;
  const allowed = operand.type.enum_values;
  if (allowed === null || (filter.op !== "=" && filter.op !== "!=")) return;
  if (allowed.includes(other.value)) return;
  place.context.report.refuse("query_enum_value", other.at, enumMessage(other.value, allowed));
}

function isScore(expression: Expression): boolean {
  if (expression.kind === "text") return expression.function === "bm25";
  return expression.kind === "nearest" || expression.kind === "rrf";
}

function isTextTest(expression: Expression): boolean {
  return expression.kind === "text" && expression.function !== "bm25";
}

function isTrue(expression: Expression): boolean {
  return expression.kind === "boolean" && expression.value;
}

function checkCalls(place: Place, filter: Filter): void {
  const { report } = place.context;
  for (const [side, other] of [
    [filter.left, filter.right],
    [filter.right, filter.left],
  ] as const) {
    if (isScore(side)) {
      const message = `${showExpression(side)} is a score, and scores cannot be compared in a match block`;
      report.warn("query_score_in_filter", side.at, message);
    } else if (isTextTest(side) && !(filter.op === "=" && isTrue(other))) {
      const message = `${showExpression(side)} stands alone or is compared with \`= true\`; every other comparison would be taken as true`;
      report.warn("query_text_comparison", side.at, message);
    }
  }
}
