/** Binding a name in a match block, and what else the name may mean (W-11, W-19). */
import type { Name } from "./ast.ts";
import type { Place } from "./check-expression.ts";
import type { Bound } from "./scope.ts";

/** Binds a name that the block introduces. */
export function bindVariable(place: Place, name: Name, bound: Bound): void {
  const { context, scope } = place;
  if (scope.negated.has(name.text)) {
    const message = `\`$${name.text}\` is used inside an earlier \`not { ... }\` as a variable of its own; give one of the two another name`;
    context.report.warn("query_negation_scope", name.at, message);
  }
  if (context.parameters.has(name.text)) {
    const message = `\`$${name.text}\` is a parameter and a variable; standing alone it means the parameter`;
    context.report.warn("query_shadowed_parameter", name.at, message);
  }
  scope.bind(name.text, bound);
}
