/** Strict JSON that loses nothing. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { orderedObject, parseJson, writeJson } from "../../lib/ledger/json-text.ts";
import type { JsonObject, JsonValue } from "../../lib/ledger/state.ts";

function parsed(text: string): JsonValue {
  const outcome = parseJson(text);
  if (outcome.tag === "invalid") throw new Error(outcome.message);
  return outcome.value;
}

describe("lossless JSON", () => {
  it("writes what JSON.stringify writes for everything that JavaScript can hold", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(writeJson(value as JsonValue)).toBe(JSON.stringify(value, null, 2));
      }),
    );
  });

  it("reads what JSON.parse reads", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.stringify(parsed(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  for (const number of ["1.0", "1e5", "-0", "0.10", "1152921504606846976", "18446744073709551615", "1E+2"]) {
    it(`keeps the number ${number} as it was written`, () => {
      const text = `{\n  "n": ${number}\n}`;
      expect(writeJson(parsed(text))).toBe(text);
    });
  }

  it("keeps numbers and key order through a copy with one changed member", () => {
    const value = parsed('{"10":1.50,"9":{"x":2.0},"b":0}') as JsonObject;
    const copy: JsonObject = { ...value, b: 1, c: 2 };
    expect(writeJson(copy).replace(/\s/g, "")).toBe('{"10":1.50,"9":{"x":2.0},"b":1,"c":2}');
  });

  it("serialises a kept number as a number for everyone else", () => {
    expect(JSON.stringify(parsed('{"n":1.50}'))).toBe('{"n":1.5}');
  });

  it("keeps a key that is called __proto__ as an ordinary key", () => {
    const text = '{\n  "__proto__": 1\n}';
    expect(writeJson(parsed(text))).toBe(text);
  });

  it("keeps given entries in order, also when they look like array indices", () => {
    expect(
      writeJson(
        orderedObject([
          ["10", 1],
          ["9", 2],
        ]),
      ).replace(/\s/g, ""),
    ).toBe('{"10":1,"9":2}');
  });

  const wrong: readonly (readonly [string, string, number, number])[] = [
    ["a key that is given twice", '{"a":1,\n "a":2}', 2, 2],
    ["half of a surrogate pair", '["\\ud800"]', 1, 2],
    ["an unknown escape", '["\\x"]', 1, 2],
    ["a raw control character", '["\u0001"]', 1, 3],
    ["text after the document", "{} x", 1, 4],
    ["a number with a leading zero", "[01]", 1, 3],
    ["a missing comma", "[1 2]", 1, 4],
    ["an open text", '["abc', 1, 2],
    ["an open object", '{"a":1', 1, 7],
    ["nothing at all", "", 1, 1],
    ["a word that is none of JSON's", "[nul]", 1, 2],
    ["a byte order mark", "\ufeff{}", 1, 1],
  ];
  for (const [what, text, line, column] of wrong) {
    it(`refuses ${what} and says where`, () => {
      expect(parseJson(text)).toMatchObject({ tag: "invalid", line, column });
    });
  }

  it("refuses nesting beyond its limit instead of running out of stack", () => {
    expect(parseJson("[".repeat(100_000)).tag).toBe("invalid");
    expect(parseJson(`${"[".repeat(100)}${"]".repeat(100)}`).tag).toBe("parsed");
  });

  it("reads a text of a megabyte with escapes", () => {
    const text = JSON.stringify(['\\"\n'.repeat(300_000)]);
    expect(JSON.stringify(parsed(text))).toBe(text);
  });

  it("answers for any text, however broken", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(["parsed", "invalid"]).toContain(parseJson(text).tag);
      }),
    );
  });
});
