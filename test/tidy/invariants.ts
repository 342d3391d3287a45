/** Numbered invariants are cited in code and proven by a test that says so in its title (style 7.20). */
import type { TidyRule } from "./rule.ts";
import type { SourceFile, SourceTree } from "./source-tree.ts";
import { lineOf } from "./syntax.ts";
import { testCallsOf } from "./test-calls.ts";

/** How many invariants there are of each letter (reliability 7). */
const COUNTS: Readonly<Record<string, number>> = { L: 9, S: 9, A: 7, K: 5, R: 6, C: 4, Q: 3, I: 4, U: 2 };

export const invariantsAreTested: TidyRule = {
  guarantee: "every invariant that lib cites appears in the title of a test",
  check(tree) {
    const proven = provenIds(tree);
    return tree.typescript("lib/").flatMap((file) =>
      citations(file)
        .filter(({ id }) => !proven.has(id))
        .map(({ id, line }) => ({
          path: file.path,
          line,
          message: `no test title cites ${id}; name it in the test that proves it`,
        })),
    );
  },
  caught: [
    {
      files: { "lib/a/a.ts": "/** Keeps L4. */", "test/a.test.ts": 'test("an answer lasts", () => {});' },
      path: "lib/a/a.ts",
      line: 1,
      says: "no test title cites L4",
    },
    {
      files: {
        "lib/a/a.ts": "/**\n * Checks S1 to S3.\n */",
        "test/a.test.ts": 'test("it holds (S1, S3)", () => {});',
      },
      path: "lib/a/a.ts",
      line: 2,
      says: "no test title cites S2",
    },
    {
      files: {
        "lib/a/a.ts": "// invariants R1, R2",
        "test/a.test.ts": 'test("R1 holds, see R22", () => {});',
      },
      path: "lib/a/a.ts",
      line: 1,
      says: "no test title cites R2",
    },
  ],
  spared: [
    {
      "lib/a/a.ts": "/** Keeps L4. */",
      "test/a.test.ts": 'test.each([1])("an answer %s lasts (L4)", () => {});',
    },
    { "lib/a/a.ts": '/** I64 and S3 have nothing to do with L99 or T7. */\nconst a = "L1";' },
  ],
};

interface Citation {
  readonly id: string;
  readonly line: number;
}

function provenIds(tree: SourceTree): ReadonlySet<string> {
  const titles = tree
    .typescript("test/")
    .flatMap(testCallsOf)
    .map((call) => call.title ?? "");
  return new Set(titles.flatMap((title) => idsIn(title).map(({ id }) => id)));
}

function citations(file: SourceFile): readonly Citation[] {
  return file.syntax().comments.flatMap((comment) =>
    comment.value.split("\n").flatMap((text, index) =>
      idsIn(text)
        // The store of that name is meant, unless the line speaks of other invariants of the state.
        .filter(({ id, ranged }) => id !== "S3" || ranged || /\binvariant|\bS[124-9]\b/.test(text))
        .map(({ id }) => ({ id, line: lineOf(comment) + index })),
    ),
  );
}

/** The invariants that `text` names, ranges such as "S1 to S4" included. */
function idsIn(text: string): readonly { id: string; ranged: boolean }[] {
  return [...text.matchAll(/\b([A-Z])(\d{1,2})\b(?:(?: to |-|\.\.)\1(\d{1,2})\b)?/g)].flatMap((match) => {
    const letter = match[1] ?? "";
    const from = Number(match[2]);
    const to = match[3] === undefined ? from : Number(match[3]);
    const numbers = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
    const known = numbers.filter((number) => number >= 1 && number <= (COUNTS[letter] ?? 0));
    return known.map((number) => ({ id: `${letter}${number}`, ranged: to > from }));
  });
}
