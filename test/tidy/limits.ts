/** A limit on everything, and all limits of a folder in one file (style 7.14). */
import type { TidyRule } from "./rule.ts";
import type { Node } from "./syntax.ts";
import { lineOf } from "./syntax.ts";

export const limitsHaveAHome: TidyRule = {
  guarantee: "every limit of lib is declared in the limits.ts of its folder, with its unit last",
  check: (tree) =>
    tree.typescript("lib/").flatMap((file) =>
      file.syntax().nodes.flatMap((node) => {
        const name = limitName(node);
        if (name === "") return [];
        const misnamed = /^(MAX|MIN)_/.test(name);
        if (misnamed) {
          return [
            { path: file.path, line: lineOf(node), message: `${name}: put the bound last, as in BYTES_MAX` },
          ];
        }
        if (/(^|\/)limits\.ts$/.test(file.path)) return [];
        return [
          {
            path: file.path,
            line: lineOf(node),
            message: `${name}: declare it in the limits.ts of its folder`,
          },
        ];
      }),
    ),
  caught: [
    {
      files: { "lib/a/a.ts": "\nconst DEPTH_MAX = 32;" },
      path: "lib/a/a.ts",
      line: 2,
      says: "DEPTH_MAX: declare it in",
    },
    {
      files: { "lib/a/a.ts": "export const FILE_BYTES_MAX = 4 * 1024;" },
      path: "lib/a/a.ts",
      line: 1,
      says: "FILE_BYTES_MAX: declare",
    },
    {
      files: { "lib/a/limits.ts": "export const MAX_BYTES = 5;" },
      path: "lib/a/limits.ts",
      line: 1,
      says: "put the bound last",
    },
  ],
  spared: [
    {
      "lib/a/limits.ts": "export const DEPTH_MAX = 32;",
      "lib/a/a.ts": 'const MAX = "a";\nconst I32_MAX = 2 ** 31;\nconst max = 5;',
    },
  ],
};

/** The name of a constant of the module that bounds something, or an empty text. */
function limitName(node: Node): string {
  if (node.type !== "VariableDeclarator" || node.id.type !== "Identifier") return "";
  const isNumber = node.init?.type === "NumericLiteral" || node.init?.type === "BinaryExpression";
  // The range of a number format is a fact and no choice of ours.
  if (/^(I|U|F|INT|UINT|FLOAT)\d+_/.test(node.id.name)) return "";
  return isNumber && /^([A-Z0-9_]+_(MAX|MIN)|(MAX|MIN)_[A-Z0-9_]+)$/.test(node.id.name) ? node.id.name : "";
}
