/**
 * Random legal schemas for the laws: a model that can be written in any order, with any noise between its tokens.
 *
 * Names are chosen so that every combination is legal: each interface, node and edge has property names of its own.
 */
import fc from "fast-check";
import { encodeStringLiteral } from "../../lib/schema/string-literal.ts";

interface ModelProperty {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly bare: readonly string[];
  readonly description: string | null;
  readonly rule: string | null;
}

interface ModelType {
  readonly kind: "interface" | "node" | "edge";
  readonly name: string;
  readonly description: string | null;
  readonly implements: readonly string[];
  readonly ends: readonly [string, string];
  readonly cardinality: string;
  readonly properties: readonly ModelProperty[];
  readonly composite: string;
}

export type SchemaModel = readonly ModelType[];

/** How a model is written; meaning never depends on it. */
export interface Layout {
  readonly reverse: boolean;
  readonly rotate: number;
  readonly gap: string;
}

export const PLAIN: Layout = { reverse: false, rotate: 0, gap: " " };

const NUMERIC = ["I32", "I64", "U32", "U64", "F32", "F64"];
const SCALARS = ["String", "Bool", "Date", "DateTime", ...NUMERIC];
const OTHERS = ["Blob", "[String]", "[I64]", "Vector(3)", "enum(b, a, 1st)"];

const text = fc
  .string({ minLength: 1, maxLength: 12, unit: "grapheme" })
  .filter((each) => each.trim() !== "");
const description = fc.option(text, { nil: null });
const bounds = fc.constantFrom("0..9", "-5..", "..9223372036854775807", "0.5..7.25", "-1.0..0");

function property(owner: string, index: number): fc.Arbitrary<ModelProperty> {
  const name = `${owner.toLowerCase()}_p${index}`;
  return fc
    .record({
      type: fc.constantFrom(...SCALARS, ...OTHERS),
      nullable: fc.boolean(),
      bare: fc.subarray(["unique", "index"]),
      description,
      bounds: fc.option(bounds, { nil: null }),
      pattern: fc.option(fc.constantFrom("^a", "\\d+", "x|y"), { nil: null }),
    })
    .map((each) => ({
      name,
      type: each.type,
      nullable: each.nullable,
      bare: SCALARS.includes(each.type) ? each.bare : [],
      description: each.description,
      rule: ruleOf(owner, name, each),
    }));
}

/** A @range or @check that fits the type; integers get whole bounds only. */
function ruleOf(
  owner: string,
  name: string,
  each: { readonly type: string; readonly bounds: string | null; readonly pattern: string | null },
): string | null {
  if (!owner.startsWith("N")) return null;
  const whole = each.bounds !== null && (!each.bounds.includes(".5") || each.type.startsWith("F"));
  if (NUMERIC.includes(each.type) && whole) return `@range(${name}, ${each.bounds})`;
  if (each.type === "String" && each.pattern !== null)
    return `@check(${name}, ${encodeStringLiteral(each.pattern)})`;
  return null;
}

function properties(owner: string): fc.Arbitrary<readonly ModelProperty[]> {
  return fc
    .integer({ min: 0, max: 4 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => property(owner, index))));
}

function type(
  kind: ModelType["kind"],
  name: string,
  interfaces: string[],
  nodes: string[],
): fc.Arbitrary<ModelType> {
  const end = fc.constantFrom(...(nodes.length > 0 ? nodes : [name]));
  return fc
    .record({
      description: kind === "interface" ? fc.constant(null) : description,
      implements: kind === "node" ? fc.subarray(interfaces) : fc.constant([]),
      ends: fc.tuple(end, end),
      cardinality: fc.constantFrom("", "@card(0..1)", "@card(2..)"),
      properties: properties(name),
      rule: fc.option(fc.constantFrom("unique", "index", ...(kind === "node" ? ["key"] : [])), { nil: null }),
    })
    .map(({ rule, ...rest }) => ({
      kind,
      name,
      ...rest,
      composite: compositeOf(kind, rule, rest.properties),
    }));
}

/** A rule over all properties that any rule can have, keys over required ones only. */
function compositeOf(kind: ModelType["kind"], rule: string | null, list: readonly ModelProperty[]): string {
  if (rule === null || kind === "interface") return "";
  const usable = list.filter((each) => SCALARS.includes(each.type) && (rule !== "key" || !each.nullable));
  const columns = [...usable.map((each) => each.name), ...(kind === "edge" ? ["src"] : [])];
  return columns.length === 0 ? "" : `${rule} ${columns.join(" ")}`;
}

/** Any legal schema of up to two interfaces, three nodes and two edges. */
export const schemaModel: fc.Arbitrary<SchemaModel> = fc
  .record({
    interfaces: fc.subarray(["Ia", "Ib"]),
    nodes: fc.subarray(["Na", "Nb", "Nc"], { minLength: 1 }),
    edges: fc.subarray(["Ea", "Eb"]),
  })
  .chain(({ interfaces, nodes, edges }) =>
    fc.tuple(
      ...interfaces.map((name) => type("interface", name, [], [])),
      ...nodes.map((name) => type("node", name, interfaces, nodes)),
      ...edges.map((name) => type("edge", name, [], nodes)),
    ),
  );

export const layout: fc.Arbitrary<Layout> = fc.record({
  reverse: fc.boolean(),
  rotate: fc.nat(5),
  gap: fc.constantFrom(" ", "\n", "\t // note }{\n", " /* a @key( */ ", "\r\n\r\n"),
});

/** The text of a model in a layout. */
export function writeModel(model: SchemaModel, how: Layout): string {
  return arrange(model, how)
    .map((each) => writeType(each, how))
    .join(how.gap);
}

function arrange<T>(list: readonly T[], how: Layout): readonly T[] {
  const turned = how.reverse ? [...list].reverse() : list;
  const cut = list.length === 0 ? 0 : how.rotate % list.length;
  return [...turned.slice(cut), ...turned.slice(0, cut)];
}

function writeType(type: ModelType, how: Layout): string {
  const ends = type.kind === "edge" ? [":", type.ends[0], "->", type.ends[1], type.cardinality] : [];
  const list = arrange(type.implements, how);
  const [rule, ...columns] = type.composite.split(" ");
  const body = [
    ...arrange(type.properties, how).map((each) => writeProperty(each, how)),
    ...(rule ? [`@${rule}(${arrange(columns, how).join(`${how.gap},`)})`] : []),
  ];
  const words = [
    type.kind,
    type.name,
    ...ends,
    writeDescription(type.description),
    ...(list.length > 0 ? ["implements", list.join(",")] : []),
    "{",
    ...body,
    "}",
  ];
  return words.filter((each) => each !== "").join(how.gap);
}

function writeProperty(property: ModelProperty, how: Layout): string {
  const written = property.type.startsWith("enum")
    ? `enum(${arrange(["b", "a", "1st"], how).join(", ")})`
    : property.type;
  const words = [
    property.name,
    ":",
    written,
    property.nullable ? "?" : "",
    ...arrange(property.bare, how).map((each) => `@${each}`),
    writeDescription(property.description),
    property.rule ?? "",
  ];
  return words.filter((each) => each !== "").join(how.gap);
}

function writeDescription(description: string | null): string {
  return description === null ? "" : `@description(${encodeStringLiteral(description)})`;
}
