/** Bindings `$x: Type { p: v }` (spec/query 5.6), and bindings that execution would read otherwise (W-01, W-12). */
import { assertNever } from "../digest/assert.ts";
import type { CatalogNode, CatalogProperty } from "../schema/catalog.ts";
import { displayType } from "../schema/prop-type.ts";
import type { Binding, Literal, PropMatch, VariableRef } from "./ast.ts";
import { bindVariable } from "./bind-variable.ts";
import { type Place, showOperand } from "./check-expression.ts";
import { checkLiteral, checkSpelling, literalTypeOf } from "./check-literal.ts";
import { didYouMean } from "./nearest-name.ts";
import { compatible, elementType, isPlain } from "./operand.ts";
import { ANONYMOUS } from "./scope.ts";
import { showExpression } from "./show-expression.ts";

/** Checks one binding and binds its variable. */
export function checkBinding(place: Place, binding: Binding): void {
  const { context, scope } = place;
  const node = context.catalog.nodes.get(binding.type.text);
  if (node === undefined) {
    context.report.error("T1", binding.type.at, unknownType(place, binding));
    bindUnknown(place, binding);
    return;
  }
  context.facts.reads("node", node.name);
  for (const match of binding.matches) checkPropMatch(place, node, match);
  bindNode(place, binding, node);
  scope.declared.push(binding.variable.text);
}

function unknownType(place: Place, binding: Binding): string {
  const { catalog } = place.context;
  const name = binding.type.text;
  const hint = catalog.edges.has(name)
    ? "; it is an edge type, which is written between two variables"
    : didYouMean(name, catalog.nodes.keys());
  return `there is no node type \`${name}\`${hint}`;
}

function bindUnknown(place: Place, binding: Binding): void {
  const { scope } = place;
  scope.declared.push(binding.variable.text);
  for (const match of binding.matches) useParameter(place, match);
  if (scope.lookup(binding.variable.text) === undefined)
    scope.bind(binding.variable.text, { kind: "unknown" });
}

function useParameter(place: Place, match: PropMatch): void {
  if (match.value.kind === "variable") place.context.usedParameters.add(match.value.name);
}

function bindNode(place: Place, binding: Binding, node: CatalogNode): void {
  const { context, scope } = place;
  const name = binding.variable.text;
  const { at } = binding.variable;
  const earlier = scope.lookup(name);
  if (earlier?.kind === "edge") {
    context.report.error("T23", at, `\`$${name}\` is already the name of an edge binding`);
    return;
  }
  if (earlier?.kind === "node" && earlier.node.name !== node.name) {
    const message = `\`$${name}\` is already bound to type \`${earlier.node.name}\` and cannot be \`${node.name}\` too`;
    context.report.error("query_variable_retyped", at, message);
    return;
  }
  if (name === ANONYMOUS) {
    context.report.refuse(
      "query_anonymous_binding",
      at,
      "`$_` stands for any node and cannot be given a type here",
    );
  } else if (scope.declared.includes(name)) {
    const message = `\`$${name}\` is bound twice; write all its conditions into one binding`;
    context.report.refuse("query_variable_rebound", at, message);
  } else if (scope.isOuter(name)) {
    const message = `\`$${name}\` is bound outside this \`not { ... }\`; write its conditions as filters, as in \`$${name}.property = ...\``;
    context.report.refuse("query_variable_rebound", at, message);
  }
  if (earlier === undefined) bindVariable(place, binding.variable, { kind: "node", node });
  else if (earlier.kind === "unknown") scope.bind(name, { kind: "node", node });
}

function checkPropMatch(place: Place, node: CatalogNode, match: PropMatch): void {
  const { context } = place;
  const name = match.property.text;
  const property = node.properties.get(name);
  useParameter(place, match);
  if (property === undefined) {
    const hint = didYouMean(name, node.properties.keys());
    context.report.error(
      "T2",
      match.property.at,
      `node type \`${node.name}\` has no property \`${name}\`${hint}`,
    );
    return;
  }
  context.facts.touches("node", node.name, name, "read");
  if (property.type.scalar === "Blob") {
    const message = `Blob property \`${node.name}.${name}\` cannot be matched; blob match patterns are not supported`;
    context.report.error("T3", match.property.at, message);
    return;
  }
  const label = `property \`${node.name}.${name}\``;
  switch (match.value.kind) {
    case "variable":
      checkVariable(place, property, match.value, label);
      return;
    case "now":
      if (isPlain(property.type, "DateTime")) return;
      context.report.error("T7", match.value.at, nowMessage(label, property));
      return;
    case "string":
    case "integer":
    case "float":
    case "boolean":
    case "date":
    case "datetime":
    case "list":
      checkSpelling(context.report, match.value);
      checkLiteralMatch(place, property, match.value, label);
      return;
    default:
      assertNever(match.value);
  }
}

function nowMessage(label: string, property: CatalogProperty): string {
  return `now() is a DateTime, but ${label} has type ${displayType(property.type)}`;
}

/** A scalar value against a list property asks for membership (spec/query 5.6). */
function checkLiteralMatch(place: Place, property: CatalogProperty, literal: Literal, label: string): void {
  const { report } = place.context;
  if (!property.type.list) {
    checkLiteral(report, literal, property.type, label);
    return;
  }
  if (literal.kind === "list") {
    const message = `list equality is not supported for ${label}; give one element to test membership`;
    report.error("T3", literal.at, message);
    return;
  }
  const type = literalTypeOf(report, literal);
  if (type === null || compatible(type, elementType(property.type))) return;
  const message = `${label} has type ${displayType(property.type)}, but ${showExpression(literal)} is ${displayType(type)}`;
  report.error("T3", literal.at, message);
}

function checkVariable(place: Place, property: CatalogProperty, variable: VariableRef, label: string): void {
  const { parameters, report } = place.context;
  const type = parameters.get(variable.name);
  if (type === undefined) {
    const hint = didYouMean(variable.name, parameters.keys(), "$");
    const message = `\`$${variable.name}\` is no parameter of this query${hint}`;
    report.refuse("query_unknown_parameter", variable.at, message);
    return;
  }
  if (type === null) return;
  const shown = showOperand({ kind: "value", type });
  if (property.type.list && type.list) {
    const message = `list equality is not supported for ${label}, and parameter \`$${variable.name}\` is ${shown}; one element tests membership`;
    report.error("T7", variable.at, message);
    return;
  }
  const expected = property.type.list ? elementType(property.type) : property.type;
  if (compatible(type, expected)) return;
  const message = `${label} has type ${displayType(property.type)}, but parameter \`$${variable.name}\` is ${shown}`;
  report.error("T7", variable.at, message);
}
