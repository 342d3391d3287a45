/** Match blocks and negations (spec/query 5.10): clauses in source order, then the shape of the block. */
import { assertNever } from "../digest/assert.ts";
import type { Clause, Expression, Negation } from "./ast.ts";
import { checkBinding } from "./check-binding.ts";
import type { CheckContext } from "./check-context.ts";
import type { Place } from "./check-expression.ts";
import { checkFilter } from "./check-filter.ts";
import { checkShape } from "./check-shape.ts";
import { checkTraversal } from "./check-traversal.ts";
import { Scope } from "./scope.ts";

/** Checks the match block of a query and returns what it binds. */
export function checkMatch(context: CheckContext, clauses: readonly Clause[]): Scope {
  const place: Place = { context, scope: new Scope(null), aliases: null };
  checkClauses(place, clauses);
  return place.scope;
}

function checkClauses(place: Place, clauses: readonly Clause[]): void {
  for (const clause of clauses) {
    switch (clause.kind) {
      case "binding":
        checkBinding(place, clause);
        break;
      case "traversal":
        checkTraversal(place, clause);
        break;
      case "filter":
        checkFilter(place, clause);
        break;
      case "negation":
        checkNegation(place, clause);
        break;
      default:
        assertNever(clause);
    }
  }
  checkShape(place);
}

function checkNegation(place: Place, negation: Negation): void {
  const inner: Place = { ...place, scope: new Scope(place.scope) };
  checkClauses(inner, negation.clauses);
  if (!negation.clauses.some((clause) => touchesOuter(place, clause))) {
    const message = "a negation must use at least one variable that is bound outside it";
    place.context.report.error("T9", negation.at, message);
  }
  for (const name of inner.scope.localNames()) place.scope.negated.add(name);
  for (const name of inner.scope.negated) place.scope.negated.add(name);
}

/** True if the clause itself uses a variable of the block around it; a nested negation does not count. */
function touchesOuter(outer: Place, clause: Clause): boolean {
  const isBound = (name: string): boolean => outer.scope.lookup(name) !== undefined;
  switch (clause.kind) {
    case "binding":
      return isBound(clause.variable.text);
    case "traversal":
      return isBound(clause.source.text) || isBound(clause.destination.text);
    case "filter":
      return mentions(clause.left, outer, isBound) || mentions(clause.right, outer, isBound);
    case "negation":
      return false;
    default:
      return assertNever(clause);
  }
}

function mentions(expression: Expression, outer: Place, isBound: (name: string) => boolean): boolean {
  switch (expression.kind) {
    case "property":
      return isBound(expression.variable);
    case "variable":
      return !outer.context.parameters.has(expression.name) && isBound(expression.name);
    case "nearest":
      return isBound(expression.field.variable) || mentions(expression.query, outer, isBound);
    case "text":
      return mentions(expression.field, outer, isBound) || mentions(expression.query, outer, isBound);
    case "rrf":
      return expression.arms.some((arm) => mentions(arm, outer, isBound));
    case "aggregate":
      return mentions(expression.argument, outer, isBound);
    case "alias":
    case "now":
    case "string":
    case "integer":
    case "float":
    case "boolean":
    case "date":
    case "datetime":
    case "list":
      return false;
    default:
      return assertNever(expression);
  }
}
