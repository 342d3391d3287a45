/**
 * UniqueRule: one `@unique` of a type, and the tuple that a row has under it (spec/schema 4.1, 9).
 *
 * Guarantees: pure. A tuple with a null has no text and is exempt. The key is no rule here: it is the id itself.
 */
import { assert } from "../../digest/assert.ts";
import type { FieldRef, IrConstraint, IrEdge, IrNode } from "../../schema/ir.ts";
import type { Cell, CellType } from "../tables.ts";
import { canonicalText, canonicalTuple } from "./canonical-text.ts";
import type { RowProperty } from "./row-shape.ts";

export interface UniqueField {
  /** Physical column. */
  readonly column: string;
  readonly kind: CellType["kind"];
}

export interface UniqueRule {
  /** `Person.email` or `Person.(first, last)`, as messages name it. */
  readonly label: string;
  readonly fields: readonly UniqueField[];
}

const UNIQUE_KINDS: ReadonlySet<CellType["kind"]> = new Set<CellType["kind"]>([
  "utf8",
  "bool",
  "i32",
  "i64",
  "u32",
  "u64",
  "f32",
  "f64",
  "date",
  "datetime",
]);

/** `key` is left out: equal keys are equal ids, which are found before. */
export function uniqueRules(
  type: IrNode | IrEdge,
  properties: readonly RowProperty[],
  key: readonly number[] | null,
): readonly UniqueRule[] {
  const keyColumns =
    key
      ?.map((index) => properties[index]?.column.name)
      .sort()
      .join() ?? null;
  return type.constraints
    .filter((constraint) => constraint.kind === "unique")
    .map((constraint) => uniqueRule(type, properties, constraint))
    .filter((rule) => rule.fields.every((field) => UNIQUE_KINDS.has(field.kind)))
    .filter(
      (rule) =>
        rule.fields
          .map((field) => field.column)
          .sort()
          .join() !== keyColumns,
    );
}

function uniqueRule(
  type: IrNode | IrEdge,
  properties: readonly RowProperty[],
  constraint: IrConstraint,
): UniqueRule {
  assert(constraint.kind === "unique", "only unique constraints have a tuple");
  const named = constraint.fields.map((field) => uniqueField(type, properties, field));
  const names = named.map((each) => each.name).sort();
  const label = names.length === 1 ? `${type.name}.${names[0]}` : `${type.name}.(${names.join(", ")})`;
  return { label, fields: named.map((each) => each.field) };
}

function uniqueField(
  type: IrNode | IrEdge,
  properties: readonly RowProperty[],
  field: FieldRef,
): { readonly name: string; readonly field: UniqueField } {
  if (field.kind === "system") return { name: field.role, field: { column: field.role, kind: "utf8" } };
  const at = type.properties.findIndex((property) => property.property_id === field.property_id);
  const property = properties[at];
  assert(property !== undefined, "a constraint names properties of its own type");
  return { name: property.name, field: { column: property.column.name, kind: property.column.type.kind } };
}

/** The text of a row's tuple, null if one of its values is null. */
export function uniqueTuple(rule: UniqueRule, cellOf: (column: string) => Cell): string | null {
  const texts: string[] = [];
  for (const field of rule.fields) {
    const cell = cellOf(field.column);
    if (cell === null) return null;
    texts.push(canonicalText(cell, field.kind));
  }
  return canonicalTuple(texts);
}
