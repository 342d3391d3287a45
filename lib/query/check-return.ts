/** Projections (spec/query 5.11, 7), and projections that no run delivers as written (W-04, W-05). */
import { assertNever } from "../digest/assert.ts";
import type { Expression, Projection, ReadBody } from "./ast.ts";
import type { Alias, CheckContext, RankUse } from "./check-context.ts";
import { blobMessage, type Place, typeOf } from "./check-expression.ts";
import type { ResultField } from "./facts.ts";
import { type Operand, UNKNOWN } from "./operand.ts";
import { executedName, resultField } from "./result-field.ts";
import type { Scope } from "./scope.ts";
import { showExpression } from "./show-expression.ts";

export interface CheckedReturn {
  readonly fields: readonly ResultField[];
  readonly aliases: ReadonlyMap<string, Alias>;
}

/** Checks the projections in order; a later one may use the aliases of those before it. */
export function checkReturn(context: CheckContext, scope: Scope, body: ReadBody): CheckedReturn {
  const aliases = new Map<string, Alias>();
  const place: Place = { context, scope, aliases };
  const fields: ResultField[] = [];
  const names = new Set<string>();
  for (const projection of body.projections) {
    const operand = readable(place, projection.expression);
    checkName(place, projection, names);
    checkDeliverable(place, projection.expression);
    if (operand.kind === "node") context.facts.touches("node", operand.node.name, "id", "read");
    fields.push(resultField(projection.expression, projection.alias?.text ?? null, operand));
    if (projection.alias === null) continue;
    aliases.set(projection.alias.text, { operand, ranks: rankUse(projection.expression, aliases) });
  }
  return { fields, aliases };
}

/** The operand of an expression that is projected or ordered by; a Blob cannot be either. */
export function readable(place: Place, expression: Expression): Operand {
  const operand = typeOf(place, expression);
  if (operand.kind !== "value" || operand.type.scalar !== "Blob") return operand;
  const what = expression.kind === "variable" ? `Blob parameter \`$${expression.name}\`` : "Blob expression";
  place.context.report.error("T24", expression.at, blobMessage(what));
  return UNKNOWN;
}

function checkName(place: Place, projection: Projection, names: Set<string>): void {
  const name = projection.alias?.text ?? executedName(projection.expression);
  if (names.has(name)) {
    const message = `two columns are called \`${name}\`; rows keep only the last of them`;
    place.context.report.warn(
      "query_duplicate_output",
      (projection.alias ?? projection.expression).at,
      message,
    );
  }
  names.add(name);
}

/** Scores and aliases type-check as columns, but OmniGraph 0.10 cannot return them (W-05). */
function checkDeliverable(place: Place, expression: Expression): void {
  const score = expression.kind === "nearest" || expression.kind === "text" || expression.kind === "rrf";
  const knownAlias = expression.kind === "alias" && place.aliases?.has(expression.name) === true;
  if (!score && !knownAlias) return;
  const what = score ? "a score or text test" : "an alias";
  const message = `${showExpression(expression)} is ${what}, which OmniGraph 0.10 cannot return as a column`;
  place.context.report.warn("query_projection_not_served", expression.at, message);
}

/** The ranking functions in an expression, through aliases (spec/query 5.11). */
export function rankUse(expression: Expression, aliases: ReadonlyMap<string, Alias>): RankUse {
  switch (expression.kind) {
    case "nearest":
      return { rrf: false, nearest: true, score: true };
    case "rrf":
      return { rrf: true, nearest: false, score: true };
    case "text": {
      const inner = [
        expression.field,
        expression.query,
        ...(expression.edits === null ? [] : [expression.edits]),
      ];
      return union(
        inner.map((each) => rankUse(each, aliases)),
        expression.function === "bm25",
      );
    }
    case "aggregate":
      return union([rankUse(expression.argument, aliases)], false);
    case "alias":
      return aliases.get(expression.name)?.ranks ?? union([], false);
    case "property":
    case "variable":
    case "now":
    case "string":
    case "integer":
    case "float":
    case "boolean":
    case "date":
    case "datetime":
    case "list":
      return union([], false);
    default:
      return assertNever(expression);
  }
}

function union(parts: readonly RankUse[], score: boolean): RankUse {
  return {
    rrf: parts.some((part) => part.rrf),
    nearest: parts.some((part) => part.nearest),
    score,
  };
}

/** If anything is aggregated, everything else must be a property or a variable to group by (spec/query 5.11). */
export function checkGrouping(context: CheckContext, body: ReadBody): void {
  if (!body.projections.some(({ expression }) => expression.kind === "aggregate")) return;
  for (const { expression } of body.projections) {
    if (expression.kind === "aggregate" || expression.kind === "property" || expression.kind === "variable")
      continue;
    const message = `${showExpression(expression)} cannot stand beside an aggregate; only properties and variables can be grouped by`;
    context.report.error("T9", expression.at, message);
  }
}
