/** Types are kept: no `any`, no cast through `unknown`, no silenced compiler or linter (style 9.3). */
import type { Finding, TidyRule } from "./rule.ts";
import type { SourceFile } from "./source-tree.ts";
import type { Node } from "./syntax.ts";
import { lineOf } from "./syntax.ts";

/** The brands, and what the SDK of a store throws: the two places where a type is asserted and not proven. */
const CAST_FILES: ReadonlySet<string> = new Set(["lib/digest/digest.ts", "lib/aws/outcome.ts"]);

export const noAny: TidyRule = {
  guarantee: "no source has the type any",
  check: (tree) =>
    findNodes(
      tree.typescript(),
      (node) => node.type === "TSAnyKeyword",
      "say what it is, or take unknown and parse it",
    ),
  caught: [
    {
      files: { "lib/a/a.ts": "\nexport const a = (b: any) => b;" },
      path: "lib/a/a.ts",
      line: 2,
      says: "take unknown and parse it",
    },
    {
      files: { "test/a.test.ts": "const a = b as any;" },
      path: "test/a.test.ts",
      line: 1,
      says: "take unknown",
    },
  ],
  spared: [{ "lib/a/a.ts": 'const any = "any";\n// any of these\nexpect.any(Number);' }],
};

export const noBlindCasts: TidyRule = {
  guarantee: "no source outside the brands casts a value through unknown or never",
  check: (tree) =>
    findNodes(
      tree.typescript("lib/", "cli/", "functions/", "infra/").filter((file) => !CAST_FILES.has(file.path)),
      isBlindCast,
      "parse the value into its type instead of asserting it",
    ),
  caught: [
    {
      files: { "lib/a/a.ts": "const a = b as unknown as string;" },
      path: "lib/a/a.ts",
      line: 1,
      says: "parse the value",
    },
    {
      files: { "cli/a.ts": "\nconst a = (b as unknown) as A;" },
      path: "cli/a.ts",
      line: 2,
      says: "parse the value",
    },
    {
      files: { "lib/a/a.ts": "const a = b as never;" },
      path: "lib/a/a.ts",
      line: 1,
      says: "parse the value",
    },
  ],
  spared: [
    {
      "lib/a/a.ts": "const a = b as A;\nconst c = d as const;\nconst e: unknown = f as unknown;",
      "lib/digest/digest.ts": "a as unknown as B;",
    },
  ],
};

const SILENCERS = /@ts-(ignore|nocheck|expect-error)|biome-ignore|eslint-disable/;

export const noSilencedChecks: TidyRule = {
  guarantee: "no comment silences the compiler or the linter",
  check: (tree) =>
    tree.typescript().flatMap((file) =>
      file
        .syntax()
        .comments.filter((comment) => SILENCERS.test(comment.value))
        .map((comment) => ({
          path: file.path,
          line: lineOf(comment),
          message: "repair what the checker says instead of silencing it",
        })),
    ),
  caught: [
    { files: { "lib/a/a.ts": "// @ts-ignore\na();" }, path: "lib/a/a.ts", line: 1, says: "repair what" },
    {
      files: { "test/a.ts": "\n// biome-ignore lint: x\na();" },
      path: "test/a.ts",
      line: 2,
      says: "repair what",
    },
  ],
  spared: [{ "lib/a/a.ts": 'const text = "@ts-ignore";' }],
};

function findNodes(
  files: readonly SourceFile[],
  wanted: (node: Node) => boolean,
  message: string,
): readonly Finding[] {
  return files.flatMap((file) =>
    file
      .syntax()
      .nodes.filter(wanted)
      .map((node) => ({ path: file.path, line: lineOf(node), message })),
  );
}

function isBlindCast(node: Node): boolean {
  if (node.type !== "TSAsExpression") return false;
  if (node.typeAnnotation.type === "TSNeverKeyword") return true;
  const inner = node.expression;
  return inner.type === "TSAsExpression" && /^TS(Unknown|Never)Keyword$/.test(inner.typeAnnotation.type);
}
