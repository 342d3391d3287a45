/** `nearest($v.p, query)` (spec/query 5.9): the field is a vector, the query a vector of its length or a text. */
import { displayType } from "../schema/prop-type.ts";
import type { NearestCall } from "./ast.ts";
import {
  type Place,
  propertyOperand,
  reportUnbound,
  showOperand,
  typeOf,
  vectorDimension,
} from "./check-expression.ts";
import { didYouMean } from "./nearest-name.ts";
import { isPlain, vectorLength } from "./operand.ts";

/** Checks both arguments. */
export function checkNearest(place: Place, call: NearestCall): void {
  const dimension = fieldDimension(place, call);
  const { report } = place.context;
  const length = call.query.kind === "list" ? vectorLength(call.query) : null;
  if (length !== null) {
    if (dimension === null || length === dimension) return;
    const message = `nearest needs a vector of ${dimension} numbers, but this one has ${length}`;
    report.error("T15", call.query.at, message);
    return;
  }
  const query = typeOf(place, call.query);
  if (query.kind === "unknown" || dimension === null) return;
  if (query.kind === "value" && isPlain(query.type, "String")) return;
  if (vectorDimension(query) === dimension) return;
  const message = `nearest compares with Vector(${dimension}) and needs such a vector or a String, not ${showOperand(query)}`;
  report.error("T15", call.query.at, message);
}

/** The dimension of the field; null if it was reported. */
function fieldDimension(place: Place, call: NearestCall): number | null {
  const { field } = call;
  const { context, scope } = place;
  const bound = scope.lookup(field.variable);
  if (bound === undefined) {
    reportUnbound(place, field.variable, field.at, "T15");
    return null;
  }
  if (bound.kind === "unknown") return null;
  if (bound.kind === "edge") {
    context.report.error("T23", field.at, `nearest cannot rank by edge binding \`$${field.variable}\``);
    return null;
  }
  const property = bound.node.properties.get(field.property.text);
  if (property === undefined) {
    const hint = didYouMean(field.property.text, bound.node.properties.keys());
    const message = `node type \`${bound.node.name}\` has no property \`${field.property.text}\`${hint}`;
    context.report.error("T15", field.property.at, message);
    return null;
  }
  const dimension = vectorDimension({ kind: "value", type: property.type });
  if (dimension === null) {
    const message = `nearest needs a vector property, but \`$${field.variable}.${field.property.text}\` is ${displayType(property.type)}`;
    context.report.error("T15", field.at, message);
    return null;
  }
  propertyOperand(place, field, "rank");
  return dimension;
}
