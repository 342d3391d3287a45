/** If it has no noun, it has no home; and a barrel hides edges (style 9.13, 9.14, 7.1). */
import type { Finding, TidyRule } from "./rule.ts";
import type { SourceFile } from "./source-tree.ts";
import type { Node } from "./syntax.ts";
import { importsOf, lineOf } from "./syntax.ts";

/** The folders of our own files; a tool gives its settings the name that it wants. */
const FOLDERS = ["lib/", "cli/", "functions/", "infra/", "bench/", "test/"];
const EMPTY_NOUNS =
  /(^|[-./])(utils?|utilit(y|ies)|helpers?|common|core|misc|managers?|services?)(?=[-./]|$)/;
const EMPTY_SUFFIX = /(Utils?|Helpers?|Managers?|Services?|Impl)$/;
const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|contract|d))?\.ts$/;

export const namesAreNouns: TidyRule = {
  guarantee:
    "no file, folder or exported type is called utils, helpers, common, core, manager or service, and files are in kebab-case",
  check: (tree) =>
    tree.typescript(...FOLDERS).flatMap((file) => [...judgePath(file.path), ...judgeExports(file)]),
  caught: [
    { files: { "lib/utils/a.ts": "" }, path: "lib/utils/a.ts", line: 1, says: "says nothing" },
    { files: { "lib/a/date-helpers.ts": "" }, path: "lib/a/date-helpers.ts", line: 1, says: "says nothing" },
    { files: { "lib/a/core.ts": "" }, path: "lib/a/core.ts", line: 1, says: "says nothing" },
    { files: { "lib/a/fooBar.ts": "" }, path: "lib/a/fooBar.ts", line: 1, says: "kebab-case" },
    {
      files: { "lib/a/a.ts": "\nexport class LockManager {}" },
      path: "lib/a/a.ts",
      line: 2,
      says: "LockManager",
    },
    {
      files: { "cli/a.ts": "export interface ApplyService {}" },
      path: "cli/a.ts",
      line: 1,
      says: "ApplyService",
    },
  ],
  spared: [
    {
      "lib/a/score.ts": "export type Scores = 1;\nclass InnerManager {}",
      "test/a/commonly.test.ts": "",
    },
  ],
};

export const noBarrels: TidyRule = {
  guarantee: "no file only passes on what others export",
  check: (tree) => tree.typescript().flatMap(judgeBarrel),
  caught: [
    {
      files: { "lib/a/index.ts": "export const a = 1;" },
      path: "lib/a/index.ts",
      line: 1,
      says: "name the file for its concept",
    },
    {
      files: { "lib/a/a.ts": '\nexport * from "./b.ts";' },
      path: "lib/a/a.ts",
      line: 2,
      says: "import it where it is",
    },
    {
      files: { "lib/a/a.ts": 'export { b } from "./b.ts";\nexport type { c } from "./c.ts";' },
      path: "lib/a/a.ts",
      line: 1,
      says: "import it where it is",
    },
  ],
  spared: [{ "lib/a/a.ts": 'import { b } from "./b.ts";\nexport const a = b;', "lib/a/b.ts": "" }],
};

function judgePath(path: string): readonly Finding[] {
  const empty = EMPTY_NOUNS.exec(path.replace(/\.ts$/, ""))?.[2];
  if (empty !== undefined) {
    return [
      { path, line: 1, message: `"${empty}" says nothing; name the file for the one concept that it holds` },
    ];
  }
  const name = path.split("/").at(-1) ?? "";
  return KEBAB_CASE.test(name) ? [] : [{ path, line: 1, message: "write the file name in kebab-case" }];
}

function judgeExports(file: SourceFile): readonly Finding[] {
  return file.syntax().nodes.flatMap((node) => {
    const name = node.type === "ExportNamedDeclaration" ? declaredName(node.declaration) : "";
    if (!EMPTY_SUFFIX.test(name)) return [];
    return [
      {
        path: file.path,
        line: lineOf(node),
        message: `"${name}" says what it is like and not what it is; find its noun`,
      },
    ];
  });
}

function declaredName(node: Node | null | undefined): string {
  switch (node?.type) {
    case "ClassDeclaration":
    case "TSInterfaceDeclaration":
    case "TSTypeAliasDeclaration":
      return node.id?.name ?? "";
    default:
      return "";
  }
}

function judgeBarrel(file: SourceFile): readonly Finding[] {
  if (/(^|\/)index\.ts$/.test(file.path)) {
    return [
      { path: file.path, line: 1, message: "name the file for its concept; an index hides who uses what" },
    ];
  }
  const { nodes } = file.syntax();
  const star = nodes.filter((node) => node.type === "ExportAllDeclaration");
  const statements = nodes[0]?.type === "Program" ? nodes[0].body : [];
  const onlyPassesOn =
    statements.length > 0 &&
    importsOf(file.syntax()).length > 0 &&
    statements.every(
      (node) => node.type === "ExportNamedDeclaration" && node.source !== null && node.source !== undefined,
    );
  const lines = new Set([...star.map(lineOf), ...(onlyPassesOn ? [lineOf(statements[0]!)] : [])]);
  return [...lines].map((line) => ({
    path: file.path,
    line,
    message: "import it where it is, and drop the file in between",
  }));
}
