/** Tests are named as guarantees, and none is left out (style 7.18). */
import type { Finding, TidyRule } from "./rule.ts";
import type { TestCall } from "./test-calls.ts";
import { testCallsOf } from "./test-calls.ts";

const WORDS_MIN = 4;

export const testTitles: TidyRule = {
  guarantee: "every test has a title that is a sentence in the present tense",
  check: (tree) =>
    tree.typescript("test/").flatMap((file) =>
      testCallsOf(file)
        .filter((call) => !call.name.startsWith("describe"))
        .flatMap((call) => judgeTitle(file.path, call)),
    ),
  caught: [
    {
      files: { "test/a.test.ts": 'test("works", () => {});' },
      path: "test/a.test.ts",
      line: 1,
      says: "say in a sentence",
    },
    {
      files: { "test/a.test.ts": '\nit("should keep all the names", () => {});' },
      path: "test/a.test.ts",
      line: 2,
      says: "present tense",
    },
    {
      files: { "test/a.test.ts": 'test.each([1])("case %s", () => {});' },
      path: "test/a.test.ts",
      line: 1,
      says: "say in a sentence",
    },
  ],
  spared: [
    {
      "test/a.test.ts":
        'test("a name comes back unchanged", () => {});\ntest.each([1])("%s is read as text", () => {});\ndescribe("the words of a", () => { it("come back", () => {}); });',
    },
  ],
};

export const noSkippedTests: TidyRule = {
  guarantee: "no test is skipped, singled out or still to be written",
  check: (tree) =>
    tree.typescript("test/").flatMap((file) =>
      testCallsOf(file)
        .filter((call) => /\.(skip|only|todo|fails|skipIf|runIf)(\.|$)/.test(call.name))
        .map((call) => ({
          path: file.path,
          line: call.line,
          message: `${call.name}: a test runs always, or it is deleted`,
        })),
    ),
  caught: [
    {
      files: { "test/a.test.ts": 'test.skip("a is always b", () => {});' },
      path: "test/a.test.ts",
      line: 1,
      says: "test.skip",
    },
    {
      files: { "test/a.test.ts": 'describe.only("a", () => {});' },
      path: "test/a.test.ts",
      line: 1,
      says: "describe.only",
    },
    {
      files: { "test/a.test.ts": 'test.todo("a is always b");' },
      path: "test/a.test.ts",
      line: 1,
      says: "test.todo",
    },
    {
      files: { "test/a.test.ts": 'test.skipIf(a)("a is always b", () => {});' },
      path: "test/a.test.ts",
      line: 1,
      says: "test.skipIf",
    },
  ],
  spared: [{ "test/a.test.ts": 'test("a skip is no jump", () => {});\nwords.only("a");' }],
};

function judgeTitle(path: string, call: TestCall): readonly Finding[] {
  if (call.title === null) return [];
  if (/^should\b/i.test(call.title)) {
    return [
      {
        path,
        line: call.line,
        message: `"${call.title}": state the guarantee in the present tense, without "should"`,
      },
    ];
  }
  // A suite may hold the subject of the sentence.
  if ([...call.suites, call.title].join(" ").split(/\s+/).length >= WORDS_MIN) return [];
  return [{ path, line: call.line, message: `"${call.title}": say in a sentence what is guaranteed` }];
}
