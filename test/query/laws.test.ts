/** Laws that hold for every text and every query. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBytes } from "../../lib/digest/digest.ts";
import { checkQuery } from "../../lib/query/check.ts";
import { lintQueryFile } from "../../lib/query/lint.ts";
import { parseQueryFile } from "../../lib/query/parse.ts";
import { TYPE_ERRORS } from "./examples.ts";
import { library } from "./library.ts";
import { RULE_ERRORS, WARNINGS } from "./rule-examples.ts";

const PIECES = [
  ...'{}()[]<>=!,.:?$@-"\\\n'.split(""),
  ...[
    "query",
    "match",
    "return",
    "order",
    "limit",
    "not",
    "insert",
    "update",
    "delete",
    "set",
    "where",
    "as",
    "desc",
  ],
  ...[
    "$m",
    "$b",
    "$_",
    "Member",
    "Book",
    "borrows",
    "follows",
    "email",
    "age",
    "q",
    "3",
    "1.5",
    '"x"',
    "null",
    "true",
  ],
  ...[
    "nearest(",
    "search(",
    "bm25(",
    "rrf(",
    "count(",
    "sum(",
    "now()",
    'date("2024-01-01")',
    "contains",
    "/*",
    "*/",
    "//",
  ],
  ...[
    "@description(",
    "Vector(3)",
    ": String",
    "{1,2}",
    "$m: Member",
    "$m borrows $b",
    "query q() { match {",
    "} return {",
  ],
];

const soup = fc.array(fc.constantFrom(...PIECES), { maxLength: 60 }).map((pieces) => pieces.join(" "));

const examples = [...TYPE_ERRORS, ...RULE_ERRORS, ...WARNINGS].map(({ query }) => query);

/** A correct query with one piece taken out or put in. */
const damaged = fc
  .tuple(fc.constantFrom(...examples), fc.nat(), fc.nat(8), fc.constantFrom("", ...PIECES))
  .map(([query, at, length, piece]) => {
    const from = at % (query.length + 1);
    return query.slice(0, from) + piece + query.slice(from + length);
  });

/** Parses and checks; returns the diagnostics, if any. */
function run(source: string) {
  const parsed = parseQueryFile(source, "f.gq");
  if (parsed.tag === "invalid") return parsed.diagnostics;
  return parsed.queries.flatMap((query) => {
    const checked = checkQuery(library, query, "f.gq");
    if (checked.tag === "invalid") return checked.diagnostics;
    expectOrdered(checked.facts.reads.map(({ kind, type_name }) => [kind, type_name]));
    expectOrdered(checked.facts.writes.map(({ kind, type_name }) => [kind, type_name]));
    expectOrdered(
      checked.facts.properties.map(({ kind, type_name, property, access }) => [
        kind,
        type_name,
        property,
        access,
      ]),
    );
    return [];
  });
}

/** Strictly ascending, nodes before edges: sorted and without duplicates. */
function expectOrdered(rows: readonly (readonly string[])[]): void {
  const keys = rows.map(([kind, ...rest]) => [kind === "node" ? "0" : "1", ...rest].join("\u0000"));
  for (let index = 1; index < keys.length; index += 1)
    expect(compareBytes(keys[index - 1]!, keys[index]!)).toBeLessThan(0);
}

describe("the parser and the checker", () => {
  it.each([
    ["any text", fc.string({ unit: "binary", maxLength: 200 })],
    ["any sequence of pieces of the language", soup],
    ["any query with one place damaged", damaged],
  ])("answer %s with queries, or with diagnostics that have a place", (_what, texts) => {
    fc.assert(
      fc.property(texts, (source) => {
        for (const { source: place, severity } of run(source)) {
          expect(severity).toBe("error");
          expect(place!.line).toBeGreaterThan(0);
          expect(place!.line).toBeLessThanOrEqual(source.split("\n").length);
          expect(place!.column).toBeGreaterThan(0);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("give the same answer to the same text, whatever was parsed before", () => {
    fc.assert(
      fc.property(damaged, soup, (first, second) => {
        const alone = parseQueryFile(first, "f.gq");
        parseQueryFile(second, "g.gq");
        expect(parseQueryFile(first, "f.gq")).toEqual(alone);
      }),
      { numRuns: 200 },
    );
  });

  it("find facts that are sorted and free of duplicates for every query that is accepted", () => {
    for (const query of examples) run(query);
  });
});

describe("the linter", () => {
  it("answers any text, and fails exactly if it counts an error", () => {
    fc.assert(
      fc.property(damaged, fc.constantFrom("reference" as const, "all" as const), (source, rules) => {
        const schemaSource = { kind: "file", path: "library.pg" } as const;
        const output = lintQueryFile({ catalog: library, source, file: "f.gq", schemaSource, rules });
        expect(output.status === "error").toBe(output.errors > 0);
      }),
      { numRuns: 200 },
    );
  });
});
