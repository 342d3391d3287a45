/** The table of the reference's weaknesses is whole, and every test that it names exists. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const FOLDER = new URL("../", import.meta.url);
const README = readFileSync(new URL("README.md", FOLDER), "utf8");
const ROWS = README.split("\n").filter((line) => /^\| W\d+/.test(line));
const WEAKNESSES_MAX = 38;

/** Every `file`: "title" of a row; a title without a file is in the file before it. */
function proofsOf(row: string): readonly (readonly [string, string])[] {
  const proofs: (readonly [string, string])[] = [];
  let file = "";
  for (const [, named, title] of row.matchAll(/`([a-z/-]+(?:\.test|\.contract)\.ts)`|"([^"]+)"/g)) {
    if (named !== undefined) file = named;
    if (title !== undefined) proofs.push([file, title]);
  }
  return proofs;
}

/** Texts of a file, with whatever a template puts in as the title's placeholder. */
function textOf(file: string): string {
  return readFileSync(new URL(file, FOLDER), "utf8").replaceAll(/\$\{[^}]*\}/g, "%s");
}

describe("the table of weaknesses", () => {
  test("has one row for each of them, in order", () => {
    const numbers = ROWS.map((row) => Number(/^\| W(\d+)/.exec(row)?.[1]));

    expect(numbers).toEqual(Array.from({ length: WEAKNESSES_MAX }, (_, index) => index + 1));
  });

  test.each(ROWS.map((row) => [row.split("|")[1]?.trim() ?? "", row] as const))(
    "says of %s what became of it, and the tests that it names exist",
    (_, row) => {
      const [state, reason] = row
        .split("|")
        .slice(2)
        .map((cell) => cell.trim());
      const proofs = proofsOf(row);

      expect(["fixed", "kept", "later"]).toContain(state);
      expect(reason?.length).toBeGreaterThan(5);
      if (state === "fixed") expect(proofs.length).toBeGreaterThan(0);
      for (const [file, title] of proofs) expect(textOf(file)).toContain(title);
    },
  );

  test("names only folders that are there", () => {
    const folders = new Set(readdirSync(FOLDER));
    const named = [...README.matchAll(/^\| `([^|]+)\|/gm)].flatMap(([, cell]) =>
      [...(cell ?? "").matchAll(/([a-z]+)/g)].map(([name]) => name),
    );

    expect(named.filter((name) => !folders.has(name))).toEqual([]);
  });
});
