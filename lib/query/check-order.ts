/** Order and limit (spec/query 5.11), and orders that no run produces as written (W-05, W-07). */
import type { Expression, NearestCall, Ordering, ReadBody, RrfCall, TextCall } from "./ast.ts";
import type { Alias, CheckContext, RankUse } from "./check-context.ts";
import type { Place } from "./check-expression.ts";
import { typeOf } from "./check-expression.ts";
import { type CheckedReturn, rankUse, readable } from "./check-return.ts";
import { scannedVariables } from "./check-shape.ts";
import { executedName } from "./result-field.ts";
import type { Scope } from "./scope.ts";
import { showExpression } from "./show-expression.ts";

/** Checks the order keys, then what they demand of the limit. */
export function checkOrder(
  context: CheckContext,
  scope: Scope,
  body: ReadBody,
  returned: CheckedReturn,
): void {
  const place: Place = { context, scope, aliases: returned.aliases };
  for (const { expression } of body.order) {
    if (expression.kind === "alias" && !returned.aliases.has(expression.name)) {
      checkColumnName(place, body, expression.name, expression.at);
    } else readable(place, expression);
  }
  checkLimit(context, body, returned.aliases);
  body.order.forEach((ordering, index) => {
    checkExecutable(place, body, ordering, index);
  });
}

/** A word that is no alias may still be the name of a column without one. */
function checkColumnName(place: Place, body: ReadBody, name: string, at: number): void {
  const unnamed = body.projections.filter(({ alias }) => alias === null).map(({ expression }) => expression);
  if (unnamed.some((expression) => executedName(expression) === name)) return;
  const shown = unnamed.find((expression) => staticName(expression) === name);
  if (shown === undefined) {
    typeOf(place, { kind: "alias", name, at });
    return;
  }
  const message = `${showExpression(shown)} is not called \`${name}\` when the query runs; give it an alias, as in \`${showPlain(shown)} as ${name}\``;
  place.context.report.warn("query_order_by_default_name", at, message);
}

function staticName(expression: Expression): string {
  if (expression.kind === "property") return expression.property.text;
  return expression.kind === "aggregate" ? expression.function : executedName(expression);
}

function showPlain(expression: Expression): string {
  return showExpression(expression).slice(1, -1);
}

function checkLimit(context: CheckContext, body: ReadBody, aliases: ReadonlyMap<string, Alias>): void {
  const uses: readonly { readonly ordering: Ordering; readonly ranks: RankUse }[] = body.order.map(
    (ordering) => ({
      ordering,
      ranks: rankUse(ordering.expression, aliases),
    }),
  );
  const rrf = uses.find(({ ranks }) => ranks.rrf);
  const nearest = uses.find(({ ranks }) => ranks.nearest);
  if (rrf !== undefined && body.limit === null) {
    context.report.error("T21", rrf.ordering.expression.at, "ordering by rrf needs a limit");
  }
  if (nearest === undefined) return;
  if (body.limit === null) {
    context.report.error("T17", nearest.ordering.expression.at, "ordering by nearest needs a limit");
  }
  const alias = body.order.find(({ expression }) => expression.kind === "alias");
  if (alias === undefined) return;
  const message = `${showExpression(alias.expression)} is an alias, and aliases cannot be ordered by together with nearest`;
  context.report.error("T18", alias.expression.at, message);
}

type Ranking = NearestCall | TextCall | RrfCall;

function asRanking(expression: Expression): Ranking | null {
  if (expression.kind === "nearest" || expression.kind === "rrf") return expression;
  return expression.kind === "text" && expression.function === "bm25" ? expression : null;
}

function checkExecutable(place: Place, body: ReadBody, ordering: Ordering, index: number): void {
  const { expression } = ordering;
  const { report } = place.context;
  const ranking = asRanking(expression);
  const ranked = index > 0 && asRanking(body.order[0]!.expression) !== null;
  if (ranked) {
    const message = `${showExpression(expression)} stands after a ranking and is ignored; only the ranking orders the rows`;
    report.warn("query_order_ignored", expression.at, message);
  } else if (ranking !== null && index > 0) {
    const message = `${showExpression(expression)} must be the first order key`;
    report.warn("query_rank_not_first", expression.at, message);
  } else if (ranking !== null) checkRanking(place, ranking);
  else if (expression.kind === "alias") warnOfScoreAlias(place, expression.name, expression.at);
  else if (expression.kind === "property") warnOfGroupKey(place, body, expression);
  else {
    const message = `rows cannot be ordered by ${showExpression(expression)}; order by a property, an alias or a ranking`;
    report.warn("query_order_not_executable", expression.at, message);
  }
}

function warnOfScoreAlias(place: Place, name: string, at: number): void {
  if (place.aliases?.get(name)?.ranks.score !== true) return;
  const message = `\`${name}\` is a score, and OmniGraph 0.10 cannot order by the alias of a score; repeat the call here`;
  place.context.report.warn("query_order_by_score_alias", at, message);
}

/** With aggregates a property can order rows only where it is returned without an alias. */
function warnOfGroupKey(place: Place, body: ReadBody, key: Expression & { readonly kind: "property" }): void {
  if (!body.projections.some(({ expression }) => expression.kind === "aggregate")) return;
  const name = executedName(key);
  if (body.projections.some(({ expression, alias }) => alias === null && executedName(expression) === name))
    return;
  const message = `${showExpression(key)} is not returned under its own name, so that the groups cannot be ordered by it`;
  place.context.report.warn("query_order_by_hidden_key", key.at, message);
}

function variableOf(call: NearestCall | TextCall): string | null {
  if (call.kind === "nearest") return call.field.variable;
  return call.field.kind === "property" ? call.field.variable : null;
}

/** Only the variable that a match block starts from can be ranked (W-07). */
function checkRanking(place: Place, ranking: Ranking): void {
  const { report } = place.context;
  const calls = ranking.kind === "rrf" ? ranking.arms : [ranking];
  const scanned = scannedVariables(place.scope);
  for (const call of calls) {
    const variable = variableOf(call);
    if (variable !== null && (scanned.has(variable) || place.scope.lookup(variable)?.kind !== "node"))
      continue;
    const message = `${showExpression(call)} would rank nothing: only the variable that the match block starts from can be ranked; bind it first`;
    report.refuse("query_rank_not_scanned", call.at, message);
  }
  const [first, second] = calls.map(variableOf);
  if (ranking.kind === "rrf" && first !== second && first !== null && second !== null) {
    const message = `the two rankings of rrf are about \`$${first}\` and \`$${second}\`; they must be about one variable`;
    report.refuse("query_rrf_variables", ranking.at, message);
  }
}
