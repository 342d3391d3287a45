/**
 * The schema language rule by rule: where a text is taken or refused (spec/schema 1 to 4, appendix A).
 *
 * `parse` means that the parser refuses the text, `catalog` that only a later stage does, `ok` that none does.
 */
import { describe, expect, it } from "vitest";
import { compileSchema, parseSchema } from "../../lib/schema/compile.ts";

type Verdict = "ok" | "parse" | "catalog";
type Row = readonly [rule: string, verdict: Verdict, source: string];

function verdictOf(source: string): Verdict {
  const compiled = compileSchema(source, "spec.pg");
  const verdict = compiled.tag === "compiled" ? "ok" : compiled.stage;
  expect(parseSchema(source, "spec.pg").tag).toBe(verdict === "parse" ? "invalid" : "parsed");
  return verdict;
}

const body = (items: string): string => `node Tree { ${items} }`;
const edge = (rest: string): string => `node Tree {} edge Shades: Tree -> Tree ${rest}`;

const LEXIS: readonly Row[] = [
  ["1.1", "ok", "  \r\n\t// only this"],
  ["1.1", "ok", "/* a /* b */ node/**/Tree{}"],
  ["1.1", "parse", "/* a /* b */ */ node Tree {}"],
  ["1.1", "parse", "node Tree {} /*"],
  ["1.1", "parse", body("a: I32; b: I32")],
  ["1.1", "parse", body("a: I32, b: I32")],
  ["1.1", "parse", 'node Tree @description("\\u0041") {}'],
  ["1.1", "ok", 'node Tree @description("a\\n\\r\\t\\"\\\\") {}'],
  ["1.1", "ok", body('code: String @check(code, "^\\\\d+$")')],
  ["1.1", "ok", body("node: I32 edge: I32 interface: I32 enum: I32 implements: I32 on: enum(node, edge)")],
  ["1.1", "ok", "node Date {} edge String: Date -> Date"],
  ["1.3", "parse", "node tree {}"],
  ["1.3", "parse", "edge shades: Tree -> Tree"],
  ["1.3", "parse", body("Age: I32")],
  ["1.3", "ok", body("_row_id: I32 _rowid2: I32 _ROWID: I32 _: I32")],
  ["1.3", "parse", body("_rowoffset: I32")],
  ["1.3", "parse", edge("{ _row_created_at_version: I32 }")],
  ["1.3", "parse", "interface Aged { _row_last_updated_at_version: I32 }"],
  ["1.3", "ok", "interface Tree {} node Tree {} edge Tree: Tree -> Tree"],
  ["1.3", "catalog", "node Tree {} node Tree {}"],
  ["1.3", "ok", "node Tree {} node TREE {}"],
  ["1.3", "catalog", `${edge("")} edge SHADES: Tree -> Tree`],
];

const GRAMMAR: readonly Row[] = [
  ["1.2.1", "ok", 'interface Aged {} node Tree @description("d") implements Aged {}'],
  ["1.2.1", "parse", 'interface Aged {} node Tree implements Aged @description("d") {}'],
  ["1.2.1", "parse", "interface Aged {} node Tree implements Aged, {}"],
  ["1.2.2", "ok", edge('@card(0..2) @description("d") { age: I32 @index(src) }')],
  ["1.2.2", "parse", edge('@description("d") @card(0..2)')],
  ["1.2.3", "ok", body("age: I32 @range(age, 0..9) name: String @unique(name, age)")],
  ["1.2.3", "parse", body('name: String @unique("name")')],
  ["1.2.4", "ok", "interface Aged { a: I32 @key b: I32 @unique c: I32 @index }"],
  ["1.2.4", "parse", "interface Aged { a: I32 @index(a) }"],
  ["1.2.5", "parse", 'interface Aged @description("d") {}'],
  ["1.2.5", "parse", 'interface Aged @rename_from("Old") {}'],
  ["1.2.6", "parse", body('@description("d") age: I32')],
  ["1.2.6", "parse", body('age: I32 @index(age) @description("d")')],
  ["1.2.7", "parse", body("age: I32 @shown()")],
  ["1.2.7", "parse", body('age: I32 @shown(by="x")')],
  ["1.2.7", "parse", body('age: I32 @shown("x", "y")')],
  ["1.2.7", "parse", body('age: I32 @shown("x", by=y)')],
  ["1.2.7", "ok", body('age: I32 @shown("x", by=3, by=true)')],
  ["1.2.8", "ok", body("falsehood: String trueish: Vector(2) @embed(falsehood) @index(falsehood)")],
  ["1.2.9", "parse", body("age: I32 @default(-1)")],
  ["1.2.9", "ok", body("age: I32 @default(1)")],
  ["1.2.10", "parse", edge("@card(2)")],
  ["1.2.10", "parse", edge("@card(..2)")],
  ["1.2.10", "parse", edge("@card(0..*)")],
  ["1.2.10", "ok", edge("@card(3..)")],
  ["1.2.11", "catalog", body("age: I32 @range")],
  ["1.2.12", "catalog", body("age: I32 @range(age, 0..1, 2)")],
  ["1.2.13", "ok", body("a: [String]? b: Vector( 4 ) ? c: enum (x , y) ?")],
  ["1.2.13", "parse", body("a: [String?]")],
  ["1.2.13", "parse", body("a: [Vector(2)]")],
  ["1.2.13", "parse", body("a: [enum(x)]")],
  ["1.2.13", "parse", body("a: [[I32]]")],
  ["1.2.14", "ok", body('age: I32 @ description ("d")')],
  ["1.2.14", "parse", edge("@ card(0..1)")],
  ["1.2.15", "parse", body("a: enum(x,)")],
  ["1.2.15", "parse", body("a: enum(x y)")],
  ["1.2.15", "parse", body("a: Vector(2,)")],
  ["A", "ok", body("a: enum(1st, -x, Y_z, 007)")],
  ["A", "ok", body("a: I32 @range(a, -5..) b: I32 @range(b, ..-1) c: F64 @range(c, -1.5..2)")],
  ["A", "parse", body("a: F64 @range(a, .5..1.0)")],
  ["A", "parse", body("a: F64 @range(a, 1e3..2e3)")],
  ["A", "parse", body("a: F64 @range(a, 0...5)")],
  ["A", "parse", body("a: F64 @range(a, ..)")],
  ["A", "parse", body("a: I32 @range(a, 0)")],
  ["A", "parse", body("a: String @check(a, a)")],
  ["A", "ok", body("a: String @rename_from(old_a)")],
  ["A", "parse", "node Tree @rename_from(Plant) {}"],
  ["A", "parse", body("a: I32 @key @key")],
  ["A", "parse", body("a: I32? @key")],
  ["A", "parse", body("a: I32 @key @key(a)")],
  ["A", "ok", body("a: I32 @unique @index @unique(a) @index(a)")],
  ["A", "parse", body('a: I32 @description("  ")')],
  ["A", "parse", edge("{ @unique(src, dst) @key(src) }")],
];

const DECLARATIONS: readonly Row[] = [
  ["2.1", "catalog", "interface Aged {} node Tree {} edge Shades: Tree -> Aged"],
  ["2.1", "parse", "interface Aged {} interface Old implements Aged {}"],
  ["2.2", "parse", "node Tree implements Ghost {}"],
  ["2.2", "parse", "interface Aged { age: I32 } node Tree implements Aged { age: I32? }"],
  ["2.2", "ok", "interface Aged { in: enum(a, b) } node Tree implements Aged { in: enum(b, a) }"],
  ["2.2", "parse", "interface Aged { x: I32 } interface Old { x: I64 } node Tree implements Aged, Old {}"],
  [
    "2.2",
    "ok",
    "interface Aged { x: I32 @key } interface Old { x: I32 @key } node Tree implements Aged, Old {}",
  ],
  [
    "2.2",
    "catalog",
    "interface Aged { x: I32 @key } interface Old { x: I32 } node Tree implements Aged, Old {}",
  ],
  [
    "2.2",
    "ok",
    "interface Aged { x: I32 @key } interface Old { x: I32 } node Tree implements Aged, Old { x: I32 }",
  ],
  ["2.2", "ok", "interface Aged { x: I32 } node Tree implements Aged, Aged {}"],
  ["2.3", "ok", "edge Shades: Tree -> Tree node Tree {}"],
  ["2.3", "catalog", "node Tree {} edge Shades: Tree -> Bush"],
  ["2.3", "parse", edge("implements Aged")],
  ["2.3", "parse", edge("{ age: I32 @range(age, 0..9) }")],
  ["2.3", "parse", edge('{ name: String @check(name, "x") }')],
  ["2.3", "parse", edge("@card(3..2)")],
  ["2.3", "ok", edge("@card(2..2)")],
  ["2.3", "parse", edge("@card(0..4294967296)")],
  ["3.3", "parse", body("a: enum()")],
  ["3.3", "parse", body("a: enum(x, x)")],
  ["3.4", "parse", body("a: Vector(0)")],
  ["3.4", "parse", body("a: Vector(2147483648)")],
  ["3.4", "parse", body("a: Vector(99999999999)")],
  ["3.4", "parse", body("a: [Blob]")],
  ["3.4", "parse", body("a: Text")],
  ["3.5", "catalog", body("id: String")],
  ["3.5", "catalog", edge("{ from: String }")],
  ["3.5", "ok", body("src: String dst: String from: String to: String")],
  ["4.1", "parse", body("a: I32 b: I32 @key(a) @key(b)")],
  ["4.1", "ok", body("a: I32 b: I32 @key(a, b)")],
  ["4.1", "ok", body('a: I32? s: String? @range(a, 0..9) @range(a, 5..) @check(s, "x") @check(s, "y")')],
  ["4.1", "catalog", body('s: String @check(s, "(")')],
  ["4.2", "ok", body('s: enum(a) v: Vector(2) @embed("s", model="")')],
  ["4.2", "parse", body("s: String v: Vector(2) @embed(s) @embed(s)")],
  ["4.2", "parse", body("v: Vector(2) @embed(t)")],
  ["4.2", "ok", "interface Named { s: String } node Tree implements Named { v: Vector(2) @embed(s) }"],
  ["4.2", "ok", "node Tree @description(3.14) @instruction(true) {}"],
  ["4.2", "parse", body('a: I32 @instruction("i")')],
];

describe.each([
  ["lexis and names", LEXIS],
  ["the grammar", GRAMMAR],
  ["declarations, types and constraints", DECLARATIONS],
])("%s", (_part, rows) => {
  it.each(rows)("are judged by spec/schema %s as %s: %s", (_rule, verdict, source) => {
    expect(verdictOf(source)).toBe(verdict);
  });
});

/** Positions: key, unique and index bare and in the body, range, check, embed target, embed source. */
const POSITIONS: readonly ((type: string) => string)[] = [
  (type) => body(`a: ${type} @key`),
  (type) => body(`a: ${type} @key(a)`),
  (type) => body(`a: ${type} @unique`),
  (type) => body(`a: ${type} @unique(a)`),
  (type) => body(`a: ${type} @index`),
  (type) => body(`a: ${type} @index(a)`),
  (type) => body(`a: ${type} @range(a, 0..1)`),
  (type) => body(`a: ${type} @check(a, "x")`),
  (type) => body(`s: String a: ${type} @embed(s)`),
  (type) => body(`a: ${type} v: Vector(2) @embed(a)`),
];

describe("which types may carry what (spec/schema 3.5)", () => {
  it.each([
    ["String", "K K U U I I - C - S"],
    ["enum(x, y)", "K K U U I I - C - S"],
    ["Bool", "K K U U I I - - - -"],
    ["Date", "K K U U I I - - - -"],
    ["DateTime", "K K U U I I - - - -"],
    ["I32", "K K U U I I R - - -"],
    ["U64", "K K U U I I R - - -"],
    ["F32", "K K U U I I R - - -"],
    ["Vector(2)", "- - - x I I - - E -"],
    ["Blob", "- - - - - - - - - -"],
    ["[F64]", "- - - x - I x - - -"],
    ["[String]", "- - - x - I - x - -"],
    ["I32?", "- - U U I I R - - -"],
    ["String?", "- - U U I I - C - S"],
  ])("is the same for every %s: %s", (type, expected) => {
    const verdicts = POSITIONS.map((position) => verdictOf(position(type)));
    const wanted = expected.split(" ").map((mark) => ({ "-": "parse", x: "catalog" })[mark] ?? "ok");

    expect(verdicts).toEqual(wanted);
  });
});

describe("a faulty key", () => {
  it.each([
    ["schema_blob_property", "a: Blob? @key"],
    ["schema_list_property", "a: [I32]? @key"],
    ["schema_vector_property", "a: Vector(2)? @key(a)"],
    ["schema_key_nullable", "a: I32? @key"],
  ])(
    "is told once, with %s first where the type is wrong (spec/schema 5, rows 22 to 34): %s",
    (code, items) => {
      const compiled = compileSchema(body(items), "spec.pg");

      expect(compiled.tag === "invalid" && compiled.diagnostics.map((each) => each.code)).toEqual([code]);
    },
  );
});
