/** compileSchema: every fault is found, named, placed and told together with the others (spec/schema 5, 10). */
import { describe, expect, it } from "vitest";
import { edgeByWord } from "../../lib/schema/catalog.ts";
import { compileSchema, parseSchema } from "../../lib/schema/compile.ts";
import { SCHEMA_BYTES_MAX, SCHEMA_DIAGNOSTICS_MAX } from "../../lib/schema/limits.ts";

const FILE = "people.pg";

function diagnosticsOf(source: string) {
  const compiled = compileSchema(source, FILE);
  return compiled.tag === "compiled" ? compiled.warnings : compiled.diagnostics;
}

describe("a schema text", () => {
  it("is refused unread when it is larger than the limit", () => {
    expect(diagnosticsOf(" ".repeat(SCHEMA_BYTES_MAX + 1)).map((each) => each.code)).toEqual([
      "schema_too_large",
    ]);
    expect(compileSchema(" ".repeat(SCHEMA_BYTES_MAX), FILE).tag).toBe("compiled");
  });
});

describe("an error behind hundreds of warnings", () => {
  it("still refuses the schema", () => {
    // Prepare
    const warnings = Array.from({ length: SCHEMA_DIAGNOSTICS_MAX + 1 }, (_, index) => `a${index}: I32 @odd`);
    const source = `node A { ${warnings.join("\n")} }\nedge E: A -> Gone`;

    // Act
    const compiled = compileSchema(source, FILE);

    // Assess
    expect(compiled.tag).toBe("invalid");
    expect(diagnosticsOf(source).at(-1)?.code).toBe("schema_endpoint_unknown");
    expect(diagnosticsOf(source)).toHaveLength(SCHEMA_DIAGNOSTICS_MAX + 1);
  });
});

describe("several faults", () => {
  it("are all told in one run, in the order of the text (spec/schema 10.1)", () => {
    // Prepare
    const source = [
      "node Person implements Ghost {",
      "  age: I32 @unique @unique",
      "  born: Date? @key",
      "  photo: [Blob]",
      "  @range(born, 0..1)",
      "}",
      "edge Owes: Person -> Bank",
    ].join("\n");

    // Act
    const found = diagnosticsOf(source).map((each) => [each.source?.line, each.code]);

    // Assess
    expect(found).toEqual([
      [1, "schema_interface_unknown"],
      [2, "schema_annotation_repeated"],
      [3, "schema_key_nullable"],
      [4, "schema_list_of_blob"],
      [5, "schema_range_target"],
      [7, "schema_endpoint_unknown"],
    ]);
  });

  it("of an interface property are told once, not once for every node that has it", () => {
    const source =
      "interface Named { name: [String] @key }\nnode A implements Named {}\nnode B implements Named {}";
    const found = diagnosticsOf(source);
    expect(found.map((each) => each.code)).toEqual(["schema_list_property"]);
    expect(found[0]?.message).toContain("A.name");
  });

  it("do not include guesses about declarations that a syntax error hides", () => {
    // Prepare
    const source = "node Bank { name String }\nnode Person { tags: [Blob] }\nedge Owes: Person -> Bank";

    // Act
    const codes = diagnosticsOf(source).map((each) => each.code);

    // Assess
    expect(codes).toEqual(["schema_syntax", "schema_list_of_blob"]);
  });
});

describe("a compiled schema", () => {
  const source = `
    interface Named { name: String @index }
    node Person @rename_from("Human") implements Named {
      nick: String?  mail: String @key @description("where to write")
      face: Vector(4)? @embed(name, model="m1")
      @unique(nick, mail)
    }
    edge Owes: Person -> Person @card(0..3) { sum: I64 @rename_from(amount) }
  `;
  const compiled = compileSchema(source, FILE);
  if (compiled.tag !== "compiled") throw new Error("the example compiles");

  it("has a catalog with properties in the order of declaration, injected ones last", () => {
    const person = compiled.catalog.nodes.get("Person");
    expect([...(person?.properties.keys() ?? [])]).toEqual(["nick", "mail", "face", "name"]);
    expect(person?.key).toEqual(["mail"]);
    expect(person?.indexes).toEqual([["mail"], ["name"]]);
    expect(person?.embedSources.get("face")).toEqual({ source: "name", model: "m1" });
    expect(person?.implements).toEqual(["Named"]);
  });

  it("finds edges by exact name first and by lower-case name after (spec/schema 2.3)", () => {
    expect(edgeByWord(compiled.catalog, "owes")?.cardinality).toEqual({ min: 0, max: 3 });
    expect(edgeByWord(compiled.catalog, "owe")).toBeUndefined();
  });

  it("carries rename hints beside its shape (spec/schema 6.1)", () => {
    expect(compiled.hints.types.get("node:Person")?.from).toBe("Human");
    expect(compiled.hints.properties.get("edge:Owes.sum")?.from).toBe("amount");
    expect(JSON.stringify(compiled.shape)).not.toContain("rename_from");
  });

  it("says where each type and property is declared", () => {
    expect(compiled.positions.get("node:Person")).toEqual({ file: FILE, line: 3, column: 10 });
    expect(compiled.positions.get("node:Person.name")).toEqual({ file: FILE, line: 2, column: 23 });
  });
});

describe("the lenient reader of stored schemas", () => {
  it("lets @unique on a blob pass and nothing else (spec/schema 5, row 36)", () => {
    const lenient = { uniqueBlobs: true };
    expect(parseSchema("node P { a: Blob @unique(a) }", FILE, lenient).tag).toBe("parsed");
    expect(parseSchema("node P { a: Blob @index(a) }", FILE, lenient).tag).toBe("invalid");
    expect(parseSchema("node P { a: Blob @unique }", FILE, lenient).tag).toBe("invalid");
  });
});
