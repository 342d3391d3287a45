/** The shape and its digest (spec/schema 6.1). */
import { describe, expect, it } from "vitest";
import { compactJson, formatDouble } from "../../lib/schema/compact-json.ts";
import { shapeDigest } from "../../lib/schema/shape.ts";
import { compiled } from "./accept.ts";

function digest(source: string): string {
  return shapeDigest(compiled(source).shape);
}

describe("the shape digest", () => {
  it("is the golden one of spec/schema 6.1", () => {
    const source = `
      node City { code: String @key population: I64? @range(population, 0..) }
      edge Twinned: City -> City @card(0..3) { @unique(dst, src) }`;
    expect(digest(source)).toBe("sha256:5e45524244bb439e2dacd415f084cf70802480ba35b49ed81ba379d765155270");
  });

  it.each([
    [
      "comments and order",
      "node A { x: I32 y: enum(p, q) }",
      "/* a */ node A { y: enum(q, p) // b\n x: I32 }",
    ],
    [
      "the order of columns",
      "node A { x: I32 y: I32 @unique(x, y) }",
      "node A { x: I32 y: I32 @unique(y, x, y) }",
    ],
    ["rename hints", "node A { x: I32 }", 'node A @rename_from("B") { x: I32 @rename_from(y) }'],
    ["a rule written twice", "node A { x: I32 @index }", "node A { x: I32 @index @index(x) }"],
    [
      "the order of interfaces",
      "interface I { a: I32 @index } interface J { a: I32 @index } node N implements I, J {}",
      "interface I { a: I32 @index } interface J { a: I32 @index } node N implements J, I, J {}",
    ],
    [
      "the order of annotations",
      'node A @description("x") @instruction("y") {}',
      'node A @instruction("y") @description("x") {}',
    ],
  ])("does not depend on %s", (_, one, other) => {
    expect(digest(other)).toBe(digest(one));
  });

  it.each([
    ["descriptions", "node A {}", 'node A @description("x") {}'],
    ["unknown annotations", "node A {}", "node A @shown {}"],
    ["the spelling of a constraint", "node A { x: I32 @unique }", "node A { x: I32 @unique(x) }"],
    [
      "where a property is declared",
      "interface I { x: I32 } node A implements I {}",
      "interface I { x: I32 } node A implements I { x: I32 }",
    ],
    ["nullability", "node A { x: I32 }", "node A { x: I32? }"],
    ["integer and float bounds", "node A { x: F64 @range(x, 0..1) }", "node A { x: F64 @range(x, 0.0..1) }"],
    ["which end a bound is", "node A { x: I32 @range(x, ..10) }", "node A { x: I32 @range(x, 10..) }"],
    ["the direction of an edge", "node A {} node B {} edge E: A -> B", "node A {} node B {} edge E: B -> A"],
  ])("depends on %s", (_, one, other) => {
    expect(digest(other)).not.toBe(digest(one));
  });

  it("takes a maximum for a maximum (spec/schema 4.1, 10.3)", () => {
    const { shape } = compiled("node A { x: I32 @range(x, ..10) }");
    expect(shape.nodes[0]?.constraints).toEqual([
      { Range: { property: "x", min: null, max: { Integer: 10n } } },
    ]);
  });
});

describe("compact JSON", () => {
  it.each([
    [0, "0.0"],
    [-0, "-0.0"],
    [1, "1.0"],
    [-2.5, "-2.5"],
    [0.1, "0.1"],
    [100, "100.0"],
    [0.00001, "0.00001"],
    [0.000001, "1e-6"],
    [1234567890123456, "1234567890123456.0"],
    [12345678901234568, "1.2345678901234568e16"],
    [1e21, "1e21"],
    [1.5e-300, "1.5e-300"],
  ])("writes the double %d as %s", (value, text) => {
    expect(formatDouble(value)).toBe(text);
    expect(Number(text)).toBe(value);
  });

  it("writes bigints exactly, texts with their non-ASCII characters, and leaves out what is undefined", () => {
    const value = {
      a: 2n ** 63n,
      b: '\u00e9\u{1F600}"\n',
      c: undefined,
      d: [true, null, 5],
      e: { Float: 5 },
    };
    expect(compactJson(value)).toBe(
      '{"a":9223372036854775808,"b":"\u00e9\u{1F600}\\"\\n","d":[true,null,5],"e":{"Float":5.0}}',
    );
  });
});
