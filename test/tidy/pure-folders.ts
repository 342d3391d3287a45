/** The folders that decide do nothing else: no promise and no async in them (style 7.11). */
import { libFolder, PLANTED_README, readFolderTable } from "./folder-table.ts";
import type { TidyRule } from "./rule.ts";
import type { Node } from "./syntax.ts";
import { lineOf } from "./syntax.ts";

const README = { "lib/README.md": PLANTED_README };

export const pureFolders: TidyRule = {
  guarantee: "the pure folders of lib hold no promise and no async function",
  check(tree) {
    const { pure } = readFolderTable(tree);
    const files = tree.typescript("lib/").filter((file) => pure.has(libFolder(file.path)));
    return files.flatMap((file) =>
      file
        .syntax()
        .nodes.filter(isAsynchronous)
        .map((node) => ({
          path: file.path,
          line: lineOf(node),
          message: "decide here, act elsewhere: take the values that the promise would bring as arguments",
        })),
    );
  },
  caught: [
    {
      files: { ...README, "lib/policy/a.ts": "export async function a() {}" },
      path: "lib/policy/a.ts",
      line: 1,
      says: "decide here",
    },
    {
      files: { ...README, "lib/plan/a.ts": "\nexport type A = Promise<string>;" },
      path: "lib/plan/a.ts",
      line: 2,
      says: "decide here",
    },
    {
      files: { ...README, "lib/plan/a.ts": "export const a = Promise.resolve(1);" },
      path: "lib/plan/a.ts",
      line: 1,
      says: "decide here",
    },
    {
      files: { ...README, "lib/plan/a.ts": "await a;" },
      path: "lib/plan/a.ts",
      line: 1,
      says: "decide here",
    },
    {
      files: { ...README, "lib/plan/a.ts": "export const a = async () => 1;" },
      path: "lib/plan/a.ts",
      line: 1,
      says: "decide here",
    },
  ],
  spared: [
    {
      ...README,
      "lib/apply/a.ts": "export async function a(): Promise<void> {}",
      "lib/plan/a.ts": "// a Promise in words",
    },
  ],
};

function isAsynchronous(node: Node): boolean {
  if (node.type === "AwaitExpression") return true;
  if (node.type === "Identifier") return node.name === "Promise" || node.name === "PromiseLike";
  return "async" in node && node.async === true;
}
