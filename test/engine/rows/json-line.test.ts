/** The JSON parser of lines, against JSON.parse and beyond it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJsonLine } from "../../../lib/engine/rows/json-line.ts";
import {
  isExactNumber,
  isJsonArray,
  isJsonObject,
  type JsonValue,
} from "../../../lib/engine/rows/json-value.ts";

function plain(value: JsonValue): unknown {
  if (isExactNumber(value)) return Number(value.exact);
  if (isJsonArray(value)) return value.map(plain);
  if (!isJsonObject(value)) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, inner] of value) copy[key] = plain(inner);
  return copy;
}

function parsed(text: string): JsonValue {
  const outcome = parseJsonLine(text);
  if (outcome.tag === "broken") throw new Error(outcome.problem);
  return outcome.value;
}

describe("parseJsonLine", () => {
  it("reads every JSON value as JSON.parse does", () => {
    const json = fc.jsonValue({ maxDepth: 4, stringUnit: "binary" });
    fc.assert(
      fc.property(json, fc.constantFrom(0, 1), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(JSON.stringify(plain(parsed(text)))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it("refuses whatever JSON.parse refuses", () => {
    const alphabet = fc.constantFrom(...'{}[]",:0123456789.-+eEtrufalsn\\ \t\u0001x');
    fc.assert(
      fc.property(fc.string({ unit: alphabet, maxLength: 14 }), (text) => {
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        if (!valid) expect(parseJsonLine(text).tag).toBe("broken");
      }),
      { numRuns: 2_000 },
    );
  });

  it("keeps the text of integers that a double cannot hold", () => {
    expect(parsed("9007199254740993")).toEqual({ exact: "9007199254740993" });
    expect(parsed("-9223372036854775808")).toEqual({ exact: "-9223372036854775808" });
    expect(parsed("9007199254740991")).toBe(9007199254740991);
  });

  it("keeps the text of a fraction that would round to a whole number", () => {
    expect(parsed("900719925474099.01")).toEqual({ exact: "900719925474099.01" });
    expect(parsed("0.1234567890123456")).toBe(0.1234567890123456);
  });

  it.each([
    ['{"a":1,"a":2}', 8, 'the key "a" appears twice'],
    ['{"a" 1}', 6, "colon"],
    ['{"a":1', 7, "comma or }"],
    ['["x",]', 6, "value is expected"],
    ['"open', 1, "no closing quote"],
    ['{"a":"\\x"}', 6, "escape"],
    ['"\\ud800"', 1, "surrogate"],
    ['"a\tb"', 1, "control character"],
    ["{} {}", 4, "after the end"],
    ["", 1, "the line ends"],
    ["01", 1, "leading zero"],
    [`${"[".repeat(40)}`, 33, "deeper than 32"],
  ])("says where %s breaks", (text, column, problem) => {
    const outcome = parseJsonLine(text);
    expect(outcome).toMatchObject({ tag: "broken", column });
    expect(outcome.tag === "broken" && outcome.problem).toContain(problem);
  });

  it("takes a key named __proto__ for a key like any other", () => {
    const value = parsed('{"__proto__":7}');
    expect(isJsonObject(value) && value.get("__proto__")).toBe(7);
  });
});
