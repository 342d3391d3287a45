/** Prints a shape as a schema text: the inverse of compiling, for the law that nothing of a shape is lost. */
import { formatDouble } from "../../lib/schema/compact-json.ts";
import type { Annotation, Bound } from "../../lib/schema/ir.ts";
import type { ShapeConstraint } from "../../lib/schema/migration.ts";
import { displayType } from "../../lib/schema/prop-type.ts";
import type { SchemaShape, ShapeEdge, ShapeNode, ShapeProperty } from "../../lib/schema/shape.ts";
import { encodeStringLiteral } from "../../lib/schema/string-literal.ts";

export function printShape(shape: SchemaShape): string {
  return [
    ...shape.interfaces.map(
      (each) => `interface ${each.name} {\n${each.properties.map(printProperty).join("\n")}\n}`,
    ),
    ...shape.nodes.map(printNode),
    ...shape.edges.map(printEdge),
  ].join("\n");
}

function printNode(node: ShapeNode): string {
  const interfaces = node.implements.length > 0 ? ` implements ${node.implements.join(", ")}` : "";
  return `node ${node.name}${node.annotations.map(printAnnotation).join("")}${interfaces} ${printBody(node)}`;
}

function printEdge(edge: ShapeEdge): string {
  const { min, max } = edge.cardinality;
  const annotations = edge.annotations.map(printAnnotation).join("");
  return `edge ${edge.name}: ${edge.from_type} -> ${edge.to_type} @card(${min}..${max ?? ""})${annotations} ${printBody(edge)}`;
}

/** Bare constraints are printed at their properties and must not be printed again as rules. */
function printBody(type: ShapeNode | ShapeEdge): string {
  const bare = new Set(
    type.properties.flatMap((each) => each.property_constraints.map((kind) => `@${kind}(${each.name})`)),
  );
  const rules = type.constraints.map(printConstraint).filter((each) => !bare.has(each));
  const own = type.properties.filter((each) => each.declared_directly).map(printProperty);
  return `{\n${[...own, ...rules].join("\n")}\n}`;
}

function printProperty(property: ShapeProperty): string {
  const bare = property.property_constraints.map((each) => ` @${each}`).join("");
  return `${property.name}: ${displayType(property.prop_type)}${bare}${property.annotations.map(printAnnotation).join("")}`;
}

function printAnnotation(annotation: Annotation): string {
  const value = annotation.value === null ? "" : `(${encodeStringLiteral(annotation.value)})`;
  return ` @${annotation.name}${value}`;
}

function printConstraint(constraint: ShapeConstraint): string {
  if ("Key" in constraint) return `@key(${constraint.Key.join(", ")})`;
  if ("Unique" in constraint) return `@unique(${constraint.Unique.join(", ")})`;
  if ("Index" in constraint) return `@index(${constraint.Index.join(", ")})`;
  if ("Check" in constraint)
    return `@check(${constraint.Check.property}, ${encodeStringLiteral(constraint.Check.pattern)})`;
  const { property, min, max } = constraint.Range;
  return `@range(${property}, ${printBound(min)}..${printBound(max)})`;
}

function printBound(bound: Bound | null): string {
  if (bound === null) return "";
  return "Integer" in bound ? bound.Integer.toString() : formatDouble(bound.Float);
}
