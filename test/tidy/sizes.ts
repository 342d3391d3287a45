/** Functions fit a screen and files fit a head (style 7.9). */
import type { Finding, TidyRule } from "./rule.ts";
import type { SourceFile } from "./source-tree.ts";
import type { Node } from "./syntax.ts";
import { endLineOf, lineOf } from "./syntax.ts";
import { testCallsOf } from "./test-calls.ts";

const FUNCTION_LINES_MAX = 70;
const FILE_LINES_MAX = 400;

const LONG_FUNCTION = `function a() {\n${"  b();\n".repeat(70)}}`;
const LONG_SUITE = `export function suite() {\n${'  test("a is b", () => {});\n'.repeat(70)}}`;

export const functionLength: TidyRule = {
  guarantee: `no function is longer than ${FUNCTION_LINES_MAX} lines`,
  check: (tree) =>
    tree.typescript().flatMap((file) => {
      const syntax = file.syntax();
      return syntax.nodes.flatMap((node) => judgeFunction(file, node));
    }),
  caught: [
    { files: { "lib/a/a.ts": `\n${LONG_FUNCTION}` }, path: "lib/a/a.ts", line: 2, says: "72 lines" },
    {
      files: { "test/a.ts": `const a = () => ({\n${"  b,\n".repeat(70)}});` },
      path: "test/a.ts",
      line: 1,
      says: "72 lines",
    },
    {
      files: { "cli/a.ts": `class A {\n  b() {\n${"  c();\n".repeat(69)}  }\n}` },
      path: "cli/a.ts",
      line: 2,
      says: "71 lines",
    },
  ],
  spared: [
    { "lib/a/a.ts": `function a() {\n${"  b();\n".repeat(68)}}` },
    { "test/a.test.ts": LONG_SUITE },
    { "lib/a/a.ts": `const a = [\n${"  b,\n".repeat(100)}];` },
  ],
};

export const fileLength: TidyRule = {
  guarantee: `no source file is longer than ${FILE_LINES_MAX} lines`,
  check: (tree) =>
    tree
      .typescript()
      .filter((file) => lineCount(file) > FILE_LINES_MAX)
      .map((file) => ({
        path: file.path,
        line: FILE_LINES_MAX + 1,
        message: `the file has ${lineCount(file)} lines, at most ${FILE_LINES_MAX} are allowed; give the second concept a file of its own`,
      })),
  caught: [
    { files: { "lib/a/a.ts": "a();\n".repeat(401) }, path: "lib/a/a.ts", line: 401, says: "401 lines" },
  ],
  spared: [{ "lib/a/a.ts": "a();\n".repeat(400), "README.md": "text\n".repeat(900) }],
};

function lineCount(file: SourceFile): number {
  return file.lines.length - (file.lines.at(-1) === "" ? 1 : 0);
}

function judgeFunction(file: SourceFile, node: Node): readonly Finding[] {
  const isFunction =
    /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression|ClassMethod|ClassPrivateMethod|ObjectMethod)$/;
  if (!isFunction.test(node.type) || isSuite(file, node)) return [];
  const lines = endLineOf(node) - lineOf(node) + 1;
  if (lines <= FUNCTION_LINES_MAX) return [];
  const message = `the function has ${lines} lines, at most ${FUNCTION_LINES_MAX} are allowed; keep its branches and move the leaves out`;
  return [{ path: file.path, line: lineOf(node), message }];
}

/** True for a function of test/ that declares tests: it is a list, and each of them has a function of its own. */
function isSuite(file: SourceFile, node: Node): boolean {
  if (!file.path.startsWith("test/")) return false;
  return testCallsOf(file).some((call) => call.line > lineOf(node) && call.line <= endLineOf(node));
}
