/** The stored form of an accepted schema: golden text, exact numbers, every contradiction refused (spec/schema 5 row 53, 6.2). */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { SchemaIr } from "../../lib/schema/ir.ts";
import { decodeIr, encodeIr, irDigest } from "../../lib/schema/ir-codec.ts";
import { accept } from "./accept.ts";

const GOLDEN = new URL("../golden/schema/", import.meta.url);

function golden(name: string): string {
  return readFileSync(new URL(name, GOLDEN), "utf8").trimEnd();
}

const IR = accept(golden("ledger.pg"));

/** The stored text after one change; the text must hold `from`. */
function edited(from: string, to: string): string {
  const text = encodeIr(IR);
  if (!text.includes(from)) throw new Error(`${from} is not in ${text}`);
  return text.replace(from, to);
}

describe("the stored form of an accepted schema", () => {
  it("is the golden text, byte for byte, for ir_version 2", () => {
    expect(encodeIr(IR)).toBe(golden("ledger.ir-v2.json"));
    expect(irDigest(IR)).toBe(golden("ledger.ir-v2.digest"));
  });

  it("reads back as what was written, and writes back as what was read", () => {
    const decoded = decodeIr(golden("ledger.ir-v2.json"));
    expect(decoded).toEqual({ tag: "decoded", ir: IR });
    expect(decoded.tag === "decoded" && encodeIr(decoded.ir)).toBe(golden("ledger.ir-v2.json"));
  });

  it("keeps integer bounds exact beyond 2^53 and floats apart from integers", () => {
    const source =
      "node N { a: I64 b: F64 @range(a, -9223372036854775808..9007199254740993) @range(b, 1.0..2) }";
    const text = encodeIr(accept(source));
    expect(text).toContain('"min":{"Integer":-9223372036854775808},"max":{"Integer":9007199254740993}');
    expect(text).toContain('"min":{"Float":1.0},"max":{"Integer":2}');
    const decoded = decodeIr(text);
    expect(decoded.tag === "decoded" && encodeIr(decoded.ir)).toBe(text);
  });

  it("is not disturbed by texts that look like bounds", () => {
    const ir = accept('node N @description("{\\"Integer\\":5}") { a: String @check(a, "\\"Integer\\":7}") }');
    expect(decodeIr(encodeIr(ir))).toEqual({ tag: "decoded", ir });
  });
});

describe("a stored schema", () => {
  it.each([
    ["is not JSON", "{", "not JSON"],
    ["has another version", edited('"ir_version":2', '"ir_version":3'), "ir_version"],
    ["has an unknown member", edited('"ir_version":2', '"ir_version":2,"more":1'), "more"],
    [
      "has no canonical domain",
      edited("01BX5ZZKBKACTAV9WEVGEMMVRZ", "01bx5zzkbkactav9wevgemmvrz"),
      "identity domain",
    ],
    ["has a zero id", edited('"type_id":1,', '"type_id":0,'), "type_id"],
    ["gives an id twice", edited('"table_incarnation_id":13', '"table_incarnation_id":1'), "given twice"],
    [
      "has an id that is not below the next",
      edited('"next_identity_id":15', '"next_identity_id":14'),
      "not below the next id",
    ],
    ["has properties out of order", edited('"name":"limit"', '"name":"zlimit"'), "not in order"],
    [
      "refers to a type that is not there",
      edited('"to_type":{"type_id":2', '"to_type":{"type_id":3'),
      "is not there",
    ],
    [
      "refers to a type by another name",
      edited(
        '"from_type":{"type_id":2,"type_name":"Account"',
        '"from_type":{"type_id":2,"type_name":"Acount"',
      ),
      "is not there",
    ],
    [
      "keeps a typed annotation among the opaque ones",
      edited('"name":"description"', '"name":"rename_from"'),
      "opaque annotation",
    ],
    [
      "has an injected property without an interface",
      edited(
        /"satisfies_interface_properties":\[\{[^\]]*\]/.exec(encodeIr(IR))![0],
        '"satisfies_interface_properties":[]',
      ),
      "comes from no interface",
    ],
    [
      "has a node that does not satisfy its interface",
      edited(
        '"declared_directly":false,"satisfies_interface_properties":[{',
        '"declared_directly":true,"satisfies_interface_properties":[{',
      ).replace(/"satisfies_interface_properties":\[\{[^\]]*\]/, '"satisfies_interface_properties":[]'),
      "exactly once",
    ],
    [
      "satisfies an interface by a property of another name",
      edited('"property_id":9,"name":"owner"', '"property_id":9,"name":"ower"'),
      "Account.ower refers to Owned.owner",
    ],
    [
      "has a dangling interface link",
      edited('"property_id":4,"property_name":"owner"}', '"property_id":5,"property_name":"owner"}'),
      "does not fit",
    ],
    [
      "has a dangling embedding",
      edited(
        '"property_id":7,"property_name":"note"},"model"',
        '"property_id":6,"property_name":"note"},"model"',
      ),
      "does not fit",
    ],
    [
      "has an edge property with an embedding",
      edited(
        '"embed_source":null,"declared_directly":true,"satisfies_interface_properties":[]}],"constraints":[{"kind":"unique"',
        '"embed_source":{"source":{"owner_type_id":3,"owner_type_name":"Pays","property_id":12,"property_name":"amount"},"model":null},"declared_directly":true,"satisfies_interface_properties":[]}],"constraints":[{"kind":"unique"',
      ),
      "edge property with an embedding",
    ],
    ["has a system field with a wrong role", edited('"role":"src"', '"role":"id"'), "does not fit"],
    [
      "has a constraint on a property of another type",
      edited(
        '"fields":[{"kind":"property","owner_type_id":2',
        '"fields":[{"kind":"property","owner_type_id":3',
      ),
      "does not fit",
    ],
    ["has an unsorted enum", edited('["closed","open"]', '["open","closed"]'), "sorted set"],
    ["has a bound that is a text", edited('{"Integer":0}', '{"Integer":"0"}'), "bound holds a text"],
    ["has a bound beyond 64 bits", edited('{"Integer":0}', '{"Integer":9223372036854775808}'), "constraints"],
  ])("is refused when it %s", (_, text, fragment) => {
    // Act
    const decoded = decodeIr(text);

    // Assess
    if (decoded.tag === "decoded") expect.fail("the text decoded");
    expect(decoded.diagnostics.map((each) => each.code)).toContain("schema_ir_invalid");
    expect(decoded.diagnostics.map((each) => each.message).join("\n")).toContain(fragment);
  });

  it("is never written when it is invalid", () => {
    const broken: SchemaIr = { ...IR, next_identity_id: 1 };
    expect(() => encodeIr(broken)).toThrow("only a valid schema is encoded");
  });
});
