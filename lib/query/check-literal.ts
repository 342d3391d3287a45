/**
 * Literals against property types (spec/query 5.4, 5.5) and literals that are not what they seem (W-18, W-20).
 *
 * Guarantees: each function reports at most one error a literal.
 */
import { displayType, isVector, type PropType } from "../schema/prop-type.ts";
import type { Literal } from "./ast.ts";
import { isDateText, isDateTimeText } from "./date-text.ts";
import { didYouMean } from "./nearest-name.ts";
import { compatible, literalType, vectorLength } from "./operand.ts";
import type { Report } from "./report.ts";
import { showExpression } from "./show-expression.ts";

/** The type of a literal; null if it is a list that can have none, which is reported. */
export function literalTypeOf(report: Report, literal: Literal): PropType | null {
  const typed = literalType(literal);
  switch (typed.tag) {
    case "typed":
      return typed.type;
    case "nested_list":
      report.error(
        "query_nested_list",
        typed.at,
        "nested lists are not supported: this list stands inside another",
      );
      return null;
    case "mixed_list":
      report.error(
        "query_mixed_list",
        typed.at,
        "a mixed list is not supported: all elements must have one type",
      );
      return null;
  }
}

/** Reports dates that are none, and warns of signs, which OmniGraph's grammar does not know (W-18, W-20). */
export function checkSpelling(report: Report, literal: Literal): void {
  if (literal.kind === "list") for (const item of literal.items) checkSpelling(report, item);
  else if ((literal.kind === "integer" || literal.kind === "float") && literal.signed) {
    const message = `${showExpression(literal)} has a sign, which OmniGraph 0.10 does not read`;
    report.warn("query_signed_number", literal.at, message);
  }
  if (literal.kind === "date" && !isDateText(literal.value)) {
    const message = `${showExpression(literal)} is not a day; write it as in date("2024-02-29")`;
    report.refuse("query_date_text", literal.at, message);
  } else if (literal.kind === "datetime" && !isDateTimeText(literal.value)) {
    const message = `${showExpression(literal)} is not an instant; write it as in datetime("2024-02-29T13:45:00Z")`;
    report.refuse("query_date_text", literal.at, message);
  }
}

/** Checks a literal against the property `label` that it is compared with or assigned to; false if reported. */
export function checkLiteral(report: Report, literal: Literal, expected: PropType, label: string): boolean {
  const length = vectorLength(literal);
  if (!expected.list && isVector(expected.scalar) && length !== null) {
    const wanted = expected.scalar.Vector;
    if (length === wanted) return true;
    report.error("T3", literal.at, `${label} holds vectors of ${wanted} numbers, but this one has ${length}`);
    return false;
  }
  const type = literalTypeOf(report, literal);
  if (type === null) return false;
  if (!compatible(type, expected)) {
    const message = `${label} has type ${displayType(expected)}, but ${showExpression(literal)} is ${displayType(type)}`;
    report.error("T3", literal.at, message);
    return false;
  }
  if (expected.enum_values !== null && literal.kind === "string") {
    if (expected.enum_values.includes(literal.value)) return true;
    report.error("T3", literal.at, `${enumMessage(literal.value, expected.enum_values)} for ${label}`);
    return false;
  }
  return true;
}

/** What is wrong with a text that is no member of an enum. */
export function enumMessage(text: string, allowed: readonly string[]): string {
  const hint = didYouMean(text, allowed).replace("; ", "");
  const known = allowed.map((each) => `\`${each}\``).join(", ");
  return `${JSON.stringify(text)} is not one of the allowed values ${known}${hint === "" ? "" : ` (${hint})`}`;
}
