/** Comments are sentences that say why; the first one of a file says what the file is for (style 7.15, 7.16). */
import type { TidyRule } from "./rule.ts";
import type { SourceFile } from "./source-tree.ts";
import type { Comment } from "./syntax.ts";
import { lineOf } from "./syntax.ts";

export const headerComment: TidyRule = {
  guarantee: "every source file begins with a block comment that says what it is for",
  check: (tree) =>
    tree
      .typescript("lib/", "cli/", "functions/", "infra/", "bench/", "test/")
      .filter((file) => !beginsWithComment(file))
      .map((file) => ({
        path: file.path,
        line: 1,
        message: "begin the file with /** its purpose, what it guarantees, where its rules come from */",
      })),
  caught: [
    {
      files: { "lib/a/a.ts": "export const a = 1;\n/** Late. */" },
      path: "lib/a/a.ts",
      line: 1,
      says: "begin the file with",
    },
    {
      files: { "lib/a/a.ts": "// A line comment.\na();" },
      path: "lib/a/a.ts",
      line: 1,
      says: "begin the file with",
    },
    {
      files: { "test/a.test.ts": "/** */\na();" },
      path: "test/a.test.ts",
      line: 1,
      says: "begin the file with",
    },
  ],
  spared: [{ "lib/a/a.ts": "/** The a of b. */\na();", "lib/a/b.ts": "/**\n * The b of c.\n */\na();" }],
};

export const noCommentedOutCode: TidyRule = {
  guarantee: "no comment holds code that somebody switched off",
  check: (tree) =>
    tree.typescript().flatMap((file) =>
      file
        .syntax()
        .comments.flatMap(switchedOffLines)
        .map((line) => ({ path: file.path, line, message: "delete the code; the history keeps it" })),
    ),
  caught: [
    {
      files: { "lib/a/a.ts": "a();\n// const b = a();" },
      path: "lib/a/a.ts",
      line: 2,
      says: "delete the code",
    },
    {
      files: { "lib/a/a.ts": "// if (a) {\n//   b();\n// }" },
      path: "lib/a/a.ts",
      line: 1,
      says: "delete the code",
    },
    {
      files: { "lib/a/a.ts": '// import { a } from "./a.ts";' },
      path: "lib/a/a.ts",
      line: 1,
      says: "delete the code",
    },
    {
      files: { "lib/a/a.ts": "/*\n  return a.b(c);\n*/" },
      path: "lib/a/a.ts",
      line: 2,
      says: "delete the code",
    },
    {
      files: { "test/a.ts": "// expect(a.b).toBe(c);" },
      path: "test/a.ts",
      line: 1,
      says: "delete the code",
    },
  ],
  spared: [
    {
      "lib/a/a.ts":
        "// If a holds, return to b; otherwise leave c.\n// import of a file: see b\n// for each of them (there are two) this holds.",
    },
    { "lib/a/a.ts": "/** Reads `const a = 1;` and so on.\n *\n * ```ts\n * const a = b();\n * ```\n */" },
  ],
};

function beginsWithComment(file: SourceFile): boolean {
  return /^(#!.*\n)?\/\*\*[\s*]*[^\s*/]/.test(file.text);
}

const STATEMENT =
  /^(import\b.* from |export |const |let |var |return\b|await |throw |if \(|for \(|while \(|switch \(|function |async |\} else|type \w+ =|interface \w+)/;
const CALL = /^[\w$.]+\(.*\)(\.\w+\(.*\))*;$/;
const ASSIGNMENT = /^[\w$.[\]]+ [+-]?= .*;$/;

/** The lines of `comment` that read as statements; examples fenced in a doc comment are prose. */
function switchedOffLines(comment: Comment): readonly number[] {
  let fenced = false;
  return comment.value.split("\n").flatMap((raw, index) => {
    const text = raw.replace(/^\s*\*?\s*/, "").trim();
    if (text.startsWith("```")) fenced = !fenced;
    if (fenced) return [];
    const isCode = (STATEMENT.test(text) && /[;{]$/.test(text)) || CALL.test(text) || ASSIGNMENT.test(text);
    return isCode ? [lineOf(comment) + index] : [];
  });
}
