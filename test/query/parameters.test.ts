/** Parameter values from JSON (spec/query 10). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { QueryParameter } from "../../lib/query/facts.ts";
import { PARAMETERS_CHARACTERS_MAX } from "../../lib/query/limits.ts";
import { decodeParameters, type ParameterValue } from "../../lib/query/parameters.ts";

function parameter(type: string, nullable = false, name = "x"): QueryParameter {
  return { name, type, nullable };
}

function decodeText(declared: readonly QueryParameter[], text: string) {
  return decodeParameters(declared, { kind: "text", text });
}

function decodedValue(type: string, json: string): ParameterValue | undefined {
  const decoded = decodeText([parameter(type)], `{"x": ${json}}`);
  return decoded.tag === "decoded" ? decoded.values.get("x") : undefined;
}

function codesOf(declared: readonly QueryParameter[], text: string): readonly string[] {
  const decoded = decodeText(declared, text);
  return decoded.tag === "invalid" ? decoded.diagnostics.map(({ code, path }) => `${code} ${path}`) : [];
}

describe("values", () => {
  it.each<[string, string, ParameterValue]>([
    ["String", '"3"', "3"],
    ["Blob", '"base64:AA=="', "base64:AA=="],
    ["Bool", "false", false],
    ["I32", "-2147483648", -2147483648n],
    ["I64", "9223372036854775807", 9_223_372_036_854_775_807n],
    ["I64", '"+9007199254740993"', 9_007_199_254_740_993n],
    ["U32", "4294967295", 4_294_967_295n],
    ["U64", '"0"', 0n],
    ["F32", "3", 3],
    ["F64", "-1.5e300", -1.5e300],
    ["Date", '"2024-02-29"', "2024-02-29"],
    ["DateTime", '"2024-02-29T23:59:59.123+01:30"', "2024-02-29T23:59:59.123+01:30"],
    ["Vector(2)", "[1, 2.5]", [1, 2.5]],
    ["[I32]", '[1, "2"]', [1n, 2n]],
    ["[String]", "[]", []],
  ])("reads %s from %s", (type, json, value) => {
    expect(decodedValue(type, json)).toEqual(value);
  });

  it.each([
    ["String", "3"],
    ["String", '{"a": 1}'],
    ["Bool", '"true"'],
    ["I32", "2147483648"],
    ["I32", "3.0"],
    ["I32", "3e0"],
    ["I32", '" 3"'],
    ["I64", "9223372036854775808"],
    ["U32", "-1"],
    ["U64", "9223372036854775808"],
    ["F32", "1e39"],
    ["F64", "1e400"],
    ["F64", '"1.5"'],
    ["Date", '"2023-02-29"'],
    ["Date", '"2023-02-28T00:00:00Z"'],
    ["DateTime", '"yesterday"'],
    ["Vector(2)", "[1]"],
    ["Vector(2)", '[1, "2"]'],
    ["[I32]", "3"],
    ["[I32]", "[null]"],
    ["[I32]", "[[1]]"],
  ])("refuses %s from %s and names the parameter", (type, json) => {
    expect(codesOf([parameter(type)], `{"x": ${json}}`)).toEqual(["query_parameter_value parameters.x"]);
  });

  it("reads values that were parsed already, and refuses integers that a double may have lost", () => {
    const declared = [parameter("I64")];

    expect(decodeParameters(declared, { kind: "value", value: { x: 7 } })).toMatchObject({ tag: "decoded" });
    expect(decodeParameters(declared, { kind: "value", value: { x: 2n ** 62n } })).toMatchObject({
      tag: "decoded",
    });
    expect(decodeParameters(declared, { kind: "value", value: { x: 2 ** 53 } })).toMatchObject({
      tag: "invalid",
    });
    expect(decodeParameters(declared, { kind: "value", value: { x: 1.5 } })).toMatchObject({
      tag: "invalid",
    });
    expect(decodeParameters(declared, { kind: "value", value: { x: Number.NaN } })).toMatchObject({
      tag: "invalid",
    });
  });

  it("keeps every 64-bit integer exact through its JSON text", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(decodedValue("I64", String(value))).toBe(value);
      }),
    );
  });

  it("keeps every string as JSON has it, whatever it looks like", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (value) => {
        expect(decodedValue("String", JSON.stringify(value))).toBe(value);
      }),
    );
  });
});

describe("presence (W-02)", () => {
  it("demands required parameters and fills nullable ones with null", () => {
    const declared = [parameter("I32", false, "a"), parameter("I32", true, "b")];

    expect(codesOf(declared, "{}")).toEqual(["query_parameter_missing parameters.a"]);
    expect(codesOf(declared, '{"a": null}')).toEqual(["query_parameter_missing parameters.a"]);
    expect(decodeText(declared, '{"a": 1}')).toEqual({
      tag: "decoded",
      values: new Map([
        ["a", 1n],
        ["b", null],
      ]),
    });
  });

  it.each(["", "null", "{}"])("takes %j as no values at all", (text) => {
    expect(decodeText([parameter("I32", true)], text)).toEqual({
      tag: "decoded",
      values: new Map([["x", null]]),
    });
  });

  it("refuses keys that are not declared, also the clock and those that objects have by nature", () => {
    expect(codesOf([], '{"limit": 3}')).toEqual(["query_parameter_undeclared parameters.limit"]);
    expect(codesOf([], '{"__nanograph_now": 3}')).toEqual([
      "query_parameter_undeclared parameters.__nanograph_now",
    ]);
    expect(codesOf([], '{"__proto__": 3}')).toEqual(["query_parameter_undeclared parameters.__proto__"]);
    expect(codesOf([parameter("I32", false, "constructor")], "{}")).toEqual([
      "query_parameter_missing parameters.constructor",
    ]);
  });

  it("reports all errors at once", () => {
    const declared = [parameter("I32", false, "a"), parameter("Bool", false, "b")];

    expect(codesOf(declared, '{"c": 1, "b": 1}')).toEqual([
      "query_parameter_missing parameters.a",
      "query_parameter_value parameters.b",
      "query_parameter_undeclared parameters.c",
    ]);
  });
});

describe("the document", () => {
  it.each(["[]", "3", '"x"', "true", "{", "{'a': 1}", '{"x": 01}', '{"x": .5}'])("refuses %s", (text) => {
    expect(codesOf([], text)).toEqual(["query_parameters_not_object parameters"]);
  });

  it("refuses a text that is too long before reading it", () => {
    expect(codesOf([], " ".repeat(PARAMETERS_CHARACTERS_MAX + 1))).toEqual([
      "query_parameters_too_large parameters",
    ]);
  });
});
