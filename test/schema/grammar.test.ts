/** The grammar: which texts are schemas and where others break (spec/schema 1). */
import { describe, expect, it } from "vitest";
import { compileSchema, parseSchema } from "../../lib/schema/compile.ts";
import { SCHEMA_DIAGNOSTICS_MAX } from "../../lib/schema/limits.ts";

const FILE = "grammar.pg";

function syntaxErrors(source: string): readonly string[] {
  const parsed = parseSchema(source, FILE);
  if (parsed.tag === "parsed") return [];
  return parsed.diagnostics
    .filter((each) => each.code === "schema_syntax")
    .map((each) => `${each.source?.line}:${each.source?.column} ${each.message}`);
}

describe("a legal text", () => {
  it.each([
    ["nothing at all", ""],
    ["only a comment without its line end", "// nothing here"],
    ["comments between any two tokens", "node/*a*/Ship{//b\nname:/*c*/String}"],
    ["spaces before `?` and inside a vector", "node Ship { hull : [ String ] ? form: Vector (\n3 ) ? }"],
    [
      "keywords as property names",
      "node Ship { node: Bool edge: Bool interface: Bool enum: Bool implements: Bool true: Bool key: Bool card: Bool }",
    ],
    ["built-in names as type names", "node String { a: String } node Vector {}"],
    ["a node and an edge of one name", "node Link {} edge Link: Link -> Link"],
    ["an interface and a node of one name", "interface Link { a: I32 } node Link {}"],
    [
      "enum values of every form",
      "node Ship { state: enum(1st, 42, -x, on-route, A_b, true, node, Vector) }",
    ],
    ["several properties on a line without separators", "node Ship { a: I32 b: I64? c: [Date]d: Bool }"],
    ["an arrow without spaces", "node A {} edge To:A->A"],
    [
      "an edge with cardinality, annotations and a body",
      'node A {} edge To: A -> A @card(1..) @description("d") { at: Date @index(at) }',
    ],
    [
      "a rule between properties",
      "node Ship { tons: I32 @range(tons, -4..8) name: String @index(name, tons) len: F32 }",
    ],
    [
      "open and closed bounds, integers and floats mixed",
      "node S { a: F64 @range(a, -0.5..3) @range(a, 1..) @range(a, ..2.5) }",
    ],
    [
      "names that begin with true and false as arguments (spec/schema 10.2)",
      "node S { true_name: String falsehood: I32 @unique(true_name, falsehood) v: Vector(2) @embed(true_name) }",
    ],
    ["strings over several lines", 'node S @description("one\ntwo") {}'],
    [
      "an unknown annotation with options, the last of which wins",
      'node S { a: I32 @shown("x", order=3, order="4") }',
    ],
    ["bare constraints on interface properties", "interface I { a: String @key b: I32 @index }"],
    ["forward references", "edge To: A -> B node A implements I {} node B {} interface I { a: I32 }"],
  ])("may have %s", (_, source) => {
    expect(syntaxErrors(source)).toEqual([]);
    expect(compileSchema(source, FILE).tag).toBe("compiled");
  });
});

describe("an illegal text", () => {
  it.each([
    ["1:6", "a type name in lower case", "node ship {}"],
    ["1:13", "a property name with a capital", "node Ship { Name: String }"],
    ["1:22", "a separator between properties", "node Ship { a: String, b: I32 }"],
    ["1:22", "a semicolon", "node Ship { a: String; }"],
    ["1:1", "no boundary behind a keyword (spec/schema 10.2)", "nodeShip {}"],
    ["1:20", "no boundary behind a type (spec/schema 10.2)", "node Ship { a: I32b: I64 }"],
    ["1:20", "a nullable list item", "node Ship { a: [I32?] }"],
    ["1:17", "a list of lists", "node Ship { a: [[I32]] }"],
    ["1:17", "a list of enums", "node Ship { a: [enum(x)] }"],
    ["1:21", "an enum without values", "node Ship { a: enum() }"],
    ["1:24", "a comma behind the last enum value", "node Ship { a: enum(x, ) }"],
    ["1:24", "annotations behind `implements`", "node Ship implements I @shown {}"],
    ["1:13", "annotations on an interface", "interface I @shown { a: I32 }"],
    ["1:22", "a rule in an interface", "interface I { a: I32 @key(a) }"],
    ["1:14", "an annotation that no property precedes", "node Ship { @shown a: I32 }"],
    ["1:26", "empty parentheses of an annotation", "node Ship { a: I32 @show() }"],
    ["1:27", "an option without a value before it", "node Ship { a: I32 @show(k=1) }"],
    ["1:31", "a second value of an annotation", 'node Ship { a: I32 @show("x", "y") }'],
    ["1:24", "a type name without quotes as value", "node Ship @rename_from(Boat) {}"],
    ["1:30", "a cardinality of one number (spec/schema 10.2)", "edge To: Ship -> Ship @card(2)"],
    ["1:29", "a cardinality without a minimum", "edge To: Ship -> Ship @card(..3)"],
    ["1:32", "a star as maximum", "edge To: Ship -> Ship @card(1..*)"],
    ["1:37", "a cardinality behind an annotation", "edge To: Ship -> Ship @shown @card(0..1)"],
    ["1:30", "bounds with an exponent", "node Ship { a: F64 @range(a, 1e3..) }"],
    ["1:1", "a byte order mark", "\uFEFFnode Ship {}"],
    ["1:14", "a string without its end", 'node Ship @d("x) {}'],
    ["1:14", "a comment without its end", "node Ship {} /* so"],
    ["1:1", "a body without a declaration", "{ a: I32 }"],
    ["1:12", "a missing closing brace", "node Ship {"],
  ])("is refused at %s for %s", (at, _, source) => {
    const errors = syntaxErrors(source);
    expect(errors.length).toBe(1);
    expect(errors[0]?.split(" ")[0]).toBe(at);
  });

  it("is told with a hint for slips that people make often", () => {
    expect(syntaxErrors("edge To: A -> A @card(2)")[0]).toContain("@card(min..max)");
    expect(syntaxErrors("interface I { a: I32 @key(a) }")[0]).toContain("an interface takes no rules");
    expect(syntaxErrors("node A { a: I32, b: I32 }")[0]).toContain("nothing separates properties");
    expect(syntaxErrors("node A { a: int }")[0]).toContain("expected a type such as String");
    expect(syntaxErrors('node A { a: I32 @rename_from("b", "c") }')[0]).toContain("@rename_from");
  });
});

describe("error recovery", () => {
  it("reports the errors of several declarations and of several lines in one run (spec/schema 10.1)", () => {
    // Prepare
    const source = [
      "node A {",
      "  a I32",
      "  b: String",
      "  c: [",
      "}",
      "node B { ok: I32 }",
      "edge C: A ->",
      "node D {",
    ];

    // Act
    const lines = syntaxErrors(source.join("\n")).map((each) => Number(each.split(":")[0]));

    // Assess
    expect(lines[0]).toBe(2);
    expect(lines).toContain(7);
    expect(lines).toContain(8);
    expect(lines).not.toContain(6);
  });

  it("gives up on a huge broken declaration instead of running for minutes", () => {
    const source = `node A {\n${"@x(\n".repeat(100_000)}`;
    expect(syntaxErrors(source)).toHaveLength(1);
  });

  it("stops at a bounded number of errors", () => {
    const source = "node A { a }\n".repeat(SCHEMA_DIAGNOSTICS_MAX + 5);
    expect(syntaxErrors(source)).toHaveLength(SCHEMA_DIAGNOSTICS_MAX);
  });

  it("keeps a missing brace from spoiling the next declaration", () => {
    const errors = syntaxErrors("node A { a: I32\nnode B { b: I32 }\nnode C { c: I32 }");
    expect(errors).toEqual(["1:16 expected `}`, found the end of the declaration"]);
  });
});
