/** Expected outcomes are values; throwing means a bug, and catching is for what others throw (style 7.7). */
import { isAdapter } from "./folder-table.ts";
import type { Finding, TidyRule } from "./rule.ts";
import type { SourceFile } from "./source-tree.ts";
import type { Node } from "./syntax.ts";
import { endLineOf, lineOf } from "./syntax.ts";

const THROW_FILE = "lib/digest/assert.ts";
/** A `try` outside the adapters guards one call of somebody else's, not a stretch of our own work. */
const GUARDED_LINES_MAX = 6;
/** Whole files that are the border to a library that throws. */
const BORDER_FILES: ReadonlySet<string> = new Set(["lib/policy/cedar.ts"]);

export const noThrow: TidyRule = {
  guarantee: "nothing in lib throws but assert and assertNever",
  check: (tree) =>
    tree
      .typescript("lib/")
      .filter((file) => file.path !== THROW_FILE)
      .flatMap((file) =>
        findStatements(
          file,
          "ThrowStatement",
          "return the outcome as a value, or call assert if only a bug leads here",
        ),
      ),
  caught: [
    {
      files: { "lib/plan/a.ts": 'export function a() {\n  throw new Error("x");\n}' },
      path: "lib/plan/a.ts",
      line: 2,
      says: "return the outcome",
    },
    {
      files: { "lib/file/a.ts": 'throw new Error("x");' },
      path: "lib/file/a.ts",
      line: 1,
      says: "return the outcome",
    },
  ],
  spared: [{ [THROW_FILE]: "throw new Error();", "cli/a.ts": "throw new Error();" }],
};

export const noWideTry: TidyRule = {
  guarantee: `a try in lib stands in an adapter or guards at most ${GUARDED_LINES_MAX} lines around a call that others throw from`,
  check: (tree) =>
    tree
      .typescript("lib/")
      .filter((file) => !isAdapter(file.path) && !BORDER_FILES.has(file.path))
      .flatMap((file) => file.syntax().nodes.flatMap((node) => judgeTry(file, node))),
  caught: [
    {
      files: { "lib/plan/a.ts": `try {\n${"  a();\n".repeat(7)}} catch {}` },
      path: "lib/plan/a.ts",
      line: 1,
      says: "guard only the call",
    },
    {
      files: { "lib/apply/a.ts": "\ntry {\n  a();\n} catch {\n  b();\n}" },
      path: "lib/apply/a.ts",
      line: 2,
      says: "calls nothing of others",
    },
  ],
  spared: [
    { "lib/plan/a.ts": "try {\n  return JSON.parse(text);\n} catch {\n  return null;\n}" },
    {
      "lib/file/a.ts": `try {\n${"  a();\n".repeat(30)}} catch {}`,
      "lib/a/a.ts": "try {\n  new URL(a);\n} catch {}",
    },
    { "lib/apply/a.ts": `try {\n${"  a();\n".repeat(30)}} finally {\n  release();\n}` },
  ],
};

function findStatements(file: SourceFile, type: Node["type"], message: string): readonly Finding[] {
  return file
    .syntax()
    .nodes.filter((node) => node.type === type)
    .map((node) => ({ path: file.path, line: lineOf(node), message }));
}

function judgeTry(file: SourceFile, node: Node): readonly Finding[] {
  if (node.type !== "TryStatement" || node.handler === null || node.handler === undefined) return [];
  const lines = endLineOf(node.block) - lineOf(node.block) - 1;
  if (lines > GUARDED_LINES_MAX) {
    const message = `the try spans ${lines} lines; guard only the call that throws, and turn it into a value there`;
    return [{ path: file.path, line: lineOf(node), message }];
  }
  const foreign = new Set(foreignNames(file));
  const names = file.text.slice(node.block.start ?? 0, node.block.end ?? 0).match(/[A-Za-z_$][\w$]*/g) ?? [];
  if (names.some((name) => foreign.has(name))) return [];
  return [
    {
      path: file.path,
      line: lineOf(node),
      message: "the try calls nothing of others; our own code returns outcomes and does not throw",
    },
  ];
}

const THROWING_GLOBALS = [
  "JSON",
  "URL",
  "BigInt",
  "RegExp",
  "TextDecoder",
  "decodeURIComponent",
  "structuredClone",
  "Intl",
];

/** The names in `file` that belong to packages or to globals that throw. */
function foreignNames(file: SourceFile): readonly string[] {
  const decoders = file.text.includes("new TextDecoder") ? ["decode"] : [];
  const imported = file.syntax().nodes.flatMap((node) => {
    if (node.type !== "ImportDeclaration" || node.source.value.startsWith(".")) return [];
    return node.specifiers.map((each) => each.local.name);
  });
  return [...THROWING_GLOBALS, ...decoders, ...imported];
}
