/** The gate before the YAML parsers: what it refuses, where, and that it never refuses an ordinary document. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDocument, stringify } from "yaml";
import { guardYaml } from "../../lib/diagnostic/yaml-guard.ts";

const LIMITS = { bytes_max: 10_000, depth_max: 4, nodes_max: 60 };
const WIDE = { bytes_max: 1_000_000, depth_max: 32, nodes_max: 1_000_000 };

test.each<[string, string, string, number, number]>([
  ["flow sequences", "a: [[[[1]]]]", "nested more than 4", 1, 7],
  ["flow maps", "{a: {b: {c: {d: {e: 1}}}}}", "nested more than 4", 1, 17],
  ["block maps", "a:\n b:\n  c:\n   d:\n    e: 1", "nested more than 4", 5, 6],
  ["block sequences on one line", "- - - - - x", "nested more than 4", 1, 9],
  ["explicit keys on one line", "? ? ? ? ? x", "nested more than 4", 1, 9],
  ["compact maps on one line", "a: b: c: d: e: f", "nested more than 4", 1, 14],
  ["empty keys on one line", ": : : : : x", "nested more than 4", 1, 9],
  ["sequences at the column of their map", "a:\n- b:\n  - c:\n    - d: 1", "nested more than 4", 3, 6],
  ["flow collections inside block collections", "- - - [[x]]", "nested more than 4", 1, 8],
  ["brackets that are never closed", "[[[[[", "nested more than 4", 1, 5],
  ["a flow collection that is a key", "[a]: [b]: [c]: [d]: [e]: f", "nested more than 4", 1, 21],
])("the gate refuses %s that nest too deeply and points at the level", (_, text, words, line, column) => {
  const verdict = guardYaml(text, "x.yaml", LIMITS);

  expect(verdict).toMatchObject({ tag: "refused", position: { file: "x.yaml", line, column } });
  expect(verdict).toHaveProperty("message", expect.stringContaining(words));
});

test.each([
  ["a double quoted scalar", 'a: "[[[[[[ \\" {{{{{{"\nb: 1'],
  ["a single quoted scalar", "a: '[[[[[[ '' {{{{{{'\nb: 1"],
  ["a plain scalar", "a: x[[[[[[{{{{{{\nb: 1"],
  ["a literal block scalar", "a: |\n  [[[[[[\n  - - - - - -\n   x:\n    y:\n     z:\nb: 1"],
  ["a folded block scalar", "a: >-\n  [[[[[[\n  {{{{{{\nb: 1"],
  ["a comment", "a: 1 # [[[[[[ {{{{{{\n# - - - - - - -\nb: 1"],
  ["a quoted scalar over several lines", 'a: "x\n  [[[[[[\n  - - - - - -"\nb: 1'],
])("the gate does not count what stands in %s", (_, text) => {
  expect(parseDocument(text).errors).toEqual([]);
  expect(guardYaml(text, "x.yaml", LIMITS)).toEqual({ tag: "safe" });
});

test("the gate closes levels again, so that siblings do not add up", () => {
  const text = "a:\n  b:\n    c: [[1]]\nd:\n  - e: [1]\n  - f: {g: 1}\nh:\n- 1\ni: 2\n---\nj: [[[1]]]";

  expect(guardYaml(text, "x.yaml", LIMITS)).toEqual({
    tag: "refused",
    message: expect.any(String),
    position: { file: "x.yaml", line: 3, column: 9 },
  });
  expect(guardYaml(text, "x.yaml", { ...LIMITS, depth_max: 5 })).toEqual({ tag: "safe" });
});

test("the gate counts bytes, not characters, and does so before it reads anything", () => {
  const limits = { ...LIMITS, bytes_max: 8 };

  expect(guardYaml("a: \u00fcb", "x.yaml", limits)).toEqual({ tag: "safe" });
  expect(guardYaml("a: \u00fc\u00fc\u00fc", "x.yaml", limits)).toMatchObject({
    tag: "refused",
    message: "the file has 9 bytes; at most 8 are allowed",
    position: { line: 1, column: 1 },
  });
});

test("the gate refuses a file of too many parts where the excess begins", () => {
  const verdict = guardYaml(`[${"a, ".repeat(40)}]`, "x.yaml", LIMITS);

  expect(verdict).toMatchObject({
    tag: "refused",
    message: "the file holds more than 60 parts; the excess begins here",
  });
});

test("a caller cannot allow more than thirty-two levels", () => {
  const text = `${"[".repeat(33)}${"]".repeat(33)}`;

  expect(guardYaml(text, "x.yaml", { ...WIDE, depth_max: 1000 })).toMatchObject({
    tag: "refused",
    position: { column: 33 },
  });
});

test.each([
  "[",
  "{",
  "- ",
  "? ",
  ": ",
  "a: ",
  "[a]: ",
  "!x ",
  "&x ",
  "]",
  '"',
  "'",
  "\n- ",
  "[\n",
  "{a: ",
  "|\n",
  "%",
  "---\n",
  "...\n",
  "*",
  "\t",
  ",",
])("the gate answers for any number of %j without exhausting the stack", (piece) => {
  const verdict = guardYaml(piece.repeat(60_000), "x.yaml", WIDE);

  expect(["safe", "refused"]).toContain(verdict.tag);
});

test.each(["[a: a: a: a: a: a: a: a", "[- [- [- [- [", "[? [? [? [? ["])(
  "entries that nest without brackets of their own count as levels: %s",
  (text) => {
    expect(guardYaml(text, "x.yaml", { ...WIDE, depth_max: 6 }).tag).toBe("refused");
  },
);

/** The levels that the parser built, from the document that it returned. */
function depthOf(node: unknown): number {
  if (node === null || typeof node !== "object") return 0;
  const items = (node as { items?: readonly unknown[] }).items;
  if (items !== undefined) return 1 + Math.max(0, ...items.map((item) => depthOf(item)));
  const pair = node as { key?: unknown; value?: unknown };
  return Math.max(depthOf(pair.key), depthOf(pair.value));
}

test("what the gate passes nests at most one level deeper in the parser than the gate allowed, whatever the text", () => {
  const piece = fc.constantFrom(
    "[",
    "]",
    "{",
    "}",
    "- ",
    "? ",
    ": ",
    "a",
    "b: ",
    '"',
    "'",
    "\n",
    "  ",
    " ",
    ",",
    "#",
    "|\n",
    "&x ",
    "*x",
    "!t ",
    "\t",
    "---\n",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const text = pieces.join("");
      const verdict = guardYaml(text, "x.yaml", { ...WIDE, depth_max: 6 });
      fc.pre(verdict.tag === "safe");
      // The parser closes what a broken document left open, and may make one level of its own for it.
      expect(depthOf(parseDocument(text).contents)).toBeLessThanOrEqual(6 + 1);
    }),
    { numRuns: 3_000 },
  );
});

test("a document that nests no deeper than allowed is never refused for its depth", () => {
  const value = fc.object({
    maxDepth: 4,
    maxKeys: 4,
    values: [fc.string(), fc.constant("[[[[[[[{{{{{{{"), fc.constant("x\n- - - - - - -\n")],
  });
  fc.assert(
    fc.property(value, fc.constantFrom(0, 2, 4), (object, indent) => {
      const text = stringify(object, {
        indent: indent === 0 ? 2 : indent,
        collectionStyle: indent === 0 ? "flow" : "any",
      });
      const depth = depthOf(parseDocument(text).contents);
      expect(guardYaml(text, "x.yaml", { ...WIDE, depth_max: Math.max(1, depth) })).toEqual({ tag: "safe" });
    }),
    { numRuns: 500 },
  );
});
