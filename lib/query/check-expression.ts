/**
 * Types of expressions (spec/query 5.9), with the facts about properties that they touch.
 *
 * Guarantees: total. An expression that was reported has the operand `unknown`, so that nothing else is said about it.
 */
import { assertNever } from "../digest/assert.ts";
import type { CatalogProperty } from "../schema/catalog.ts";
import { displayType, isVector } from "../schema/prop-type.ts";
import type { Expression, Literal, PropertyRef, RrfCall, TextCall, VariableRef } from "./ast.ts";
import { checkAggregate } from "./check-aggregate.ts";
import type { Alias, CheckContext } from "./check-context.ts";
import { checkSpelling, literalTypeOf } from "./check-literal.ts";
import { checkNearest } from "./check-nearest.ts";
import type { FactAccess } from "./facts.ts";
import { didYouMean } from "./nearest-name.ts";
import {
  BOOL,
  DATETIME,
  F64,
  isPlain,
  isPlainInteger,
  type Operand,
  UNKNOWN,
  valueOperand,
} from "./operand.ts";
import type { Bound, Scope } from "./scope.ts";
import { showExpression } from "./show-expression.ts";

/** Where an expression stands. */
export interface Place {
  readonly context: CheckContext;
  readonly scope: Scope;
  /** The aliases known so far; null inside a match block, where there are none. */
  readonly aliases: ReadonlyMap<string, Alias> | null;
}

/** The type of an expression. */
export function typeOf(place: Place, expression: Expression): Operand {
  switch (expression.kind) {
    case "now":
      return valueOperand(DATETIME);
    case "property":
      return propertyOperand(place, expression, "read");
    case "variable":
      return variableOperand(place, expression);
    case "alias":
      return aliasOperand(place, expression.name, expression.at);
    case "nearest":
      checkNearest(place, expression);
      return valueOperand(F64);
    case "text":
      checkText(place, expression);
      return valueOperand(expression.function === "bm25" ? F64 : BOOL);
    case "rrf":
      checkRrf(place, expression);
      return valueOperand(F64);
    case "aggregate":
      return checkAggregate(place, expression);
    case "string":
    case "integer":
    case "float":
    case "boolean":
    case "date":
    case "datetime":
    case "list":
      return literalOperand(place, expression);
    default:
      return assertNever(expression);
  }
}

function literalOperand(place: Place, literal: Literal): Operand {
  checkSpelling(place.context.report, literal);
  const type = literalTypeOf(place.context.report, literal);
  return type === null ? UNKNOWN : valueOperand(type);
}

/** Reports an unbound variable once a query. */
export function reportUnbound(
  place: Place,
  name: string,
  at: number,
  code: "T6" | "T15" | "query_unbound_variable",
) {
  const { context, scope } = place;
  if (context.reportedVariables.has(name)) return;
  context.reportedVariables.add(name);
  const hint = context.parameters.has(name)
    ? "; it is a parameter, and a parameter has no properties"
    : didYouMean(name, scope.visibleNames(), "$");
  context.report.error(code, at, `variable \`$${name}\` is not bound above this place${hint}`);
}

function propertiesOf(bound: Exclude<Bound, { readonly kind: "unknown" }>): {
  readonly name: string;
  readonly properties: ReadonlyMap<string, CatalogProperty>;
} {
  return bound.kind === "node" ? bound.node : bound.edge;
}

/** The type of `$variable.property`; `access` is what it is read for. */
export function propertyOperand(place: Place, reference: PropertyRef, access: FactAccess): Operand {
  const { context, scope } = place;
  const bound = scope.lookup(reference.variable);
  if (bound === undefined) {
    reportUnbound(place, reference.variable, reference.at, "T6");
    return UNKNOWN;
  }
  if (bound.kind === "unknown") return UNKNOWN;
  const owner = propertiesOf(bound);
  const name = reference.property.text;
  const property = owner.properties.get(name);
  if (property === undefined) {
    const message = `${bound.kind} type \`${owner.name}\` has no property \`${name}\`${didYouMean(name, owner.properties.keys())}`;
    context.report.error("T6", reference.property.at, message);
    return UNKNOWN;
  }
  if (property.type.scalar === "Blob") {
    const what = `Blob property \`$${reference.variable}.${name}\``;
    context.report.error("T24", reference.at, blobMessage(what));
    return UNKNOWN;
  }
  context.facts.touches(bound.kind, owner.name, name, access);
  return valueOperand(property.type);
}

/** Why a Blob cannot be read. */
export function blobMessage(what: string): string {
  return `${what} is not available as a .gq read value; Blob values require a dedicated API`;
}

function variableOperand(place: Place, reference: VariableRef): Operand {
  const { context, scope } = place;
  const parameter = context.parameters.get(reference.name);
  if (parameter !== undefined) {
    context.usedParameters.add(reference.name);
    return parameter === null ? UNKNOWN : valueOperand(parameter);
  }
  const bound = scope.lookup(reference.name);
  switch (bound?.kind) {
    case undefined:
      reportUnbound(place, reference.name, reference.at, "query_unbound_variable");
      return UNKNOWN;
    case "node":
      return { kind: "node", node: bound.node };
    case "edge": {
      const message = `edge binding \`$${reference.name}\` is not a value; name one of its properties`;
      context.report.error("T23", reference.at, message);
      return UNKNOWN;
    }
    case "unknown":
      return UNKNOWN;
    default:
      return assertNever(bound);
  }
}

/** In a match block an unknown word is no value, which the filter reports; elsewhere it must be a known alias. */
function aliasOperand(place: Place, name: string, at: number): Operand {
  const { aliases, context } = place;
  if (aliases === null) return { kind: "aggregate", argument: null };
  const alias = aliases.get(name);
  if (alias !== undefined) return alias.operand;
  const message = `\`${name}\` names nothing that is returned above this place${didYouMean(name, aliases.keys())}`;
  context.report.refuse("query_unknown_alias", at, message);
  return UNKNOWN;
}

/** True if the operand is a plain string, or has been reported. */
function isString(operand: Operand): boolean {
  return operand.kind === "unknown" || (operand.kind === "value" && isPlain(operand.type, "String"));
}

/** How an operand reads in a message. */
export function showOperand(operand: Operand): string {
  switch (operand.kind) {
    case "value":
      return displayType(operand.type);
    case "node":
      return `a node of type ${operand.node.name}`;
    case "aggregate":
      return "not a stored value";
    case "unknown":
      return "unknown";
    default:
      return assertNever(operand);
  }
}

function checkText(place: Place, call: TextCall): void {
  const code = call.function === "search" || call.function === "fuzzy" ? "T19" : "T20";
  const { report } = place.context;
  if (isEdgeProperty(place, call.field)) {
    report.error("T23", call.field.at, `${call.function} cannot look into a property of an edge binding`);
    return;
  }
  const access = call.function === "bm25" ? "rank" : "search";
  const field =
    call.field.kind === "property" ? propertyOperand(place, call.field, access) : typeOf(place, call.field);
  if (!isString(field)) {
    const message = `${call.function} needs a String field, but ${showExpression(call.field)} is ${showOperand(field)}`;
    report.error(code, call.field.at, message);
  }
  const query = typeOf(place, call.query);
  if (!isString(query)) {
    const message = `${call.function} needs a String query, but ${showExpression(call.query)} is ${showOperand(query)}`;
    report.error(code, call.query.at, message);
  }
  if (call.edits === null) return;
  const edits = typeOf(place, call.edits);
  if (edits.kind === "unknown" || (edits.kind === "value" && isPlainInteger(edits.type))) return;
  report.error(
    code,
    call.edits.at,
    `fuzzy needs an integer as its number of edits, not ${showOperand(edits)}`,
  );
}

function isEdgeProperty(place: Place, field: Expression): boolean {
  return field.kind === "property" && place.scope.lookup(field.variable)?.kind === "edge";
}

function checkRrf(place: Place, call: RrfCall): void {
  for (const arm of call.arms) typeOf(place, arm);
  if (call.k === null) return;
  const { report } = place.context;
  const k = typeOf(place, call.k);
  if (k.kind !== "unknown" && !(k.kind === "value" && isPlainInteger(k.type))) {
    report.error("T21", call.k.at, `rrf needs an integer as its constant k, not ${showOperand(k)}`);
  } else if (call.k.kind === "integer" && call.k.value <= 0n) {
    report.error("T21", call.k.at, `rrf needs a constant k above 0, not ${call.k.value}`);
  }
}

/** Dimension of the vector type of an operand; null if it is none. */
export function vectorDimension(operand: Operand): number | null {
  if (operand.kind !== "value" || operand.type.list) return null;
  return isVector(operand.type.scalar) ? operand.type.scalar.Vector : null;
}
