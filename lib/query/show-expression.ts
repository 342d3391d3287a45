/** Expressions as people write them, for messages. */
import { assertNever } from "../digest/assert.ts";
import type { Expression } from "./ast.ts";
import { quote } from "./syntax-message.ts";

function show(expression: Expression): string {
  switch (expression.kind) {
    case "property":
      return `$${expression.variable}.${expression.property.text}`;
    case "variable":
      return `$${expression.name}`;
    case "alias":
      return expression.name;
    case "now":
      return "now()";
    case "aggregate":
      return `${expression.function}(${show(expression.argument)})`;
    case "nearest":
      return `nearest(${show(expression.field)}, ...)`;
    case "text":
      return `${expression.function}(${show(expression.field)}, ...)`;
    case "rrf":
      return "rrf(...)";
    case "string":
      return JSON.stringify(expression.value);
    case "integer":
    case "float":
    case "boolean":
      return String(expression.value);
    case "date":
    case "datetime":
      return `${expression.kind}(${JSON.stringify(expression.value)})`;
    case "list":
      return `[${expression.items.map(show).join(", ")}]`;
    default:
      return assertNever(expression);
  }
}

/** The expression in backquotes. */
export function showExpression(expression: Expression): string {
  return quote(show(expression));
}
