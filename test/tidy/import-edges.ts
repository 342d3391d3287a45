/** Folders are the data flow: imports run down the table of lib/README.md and never up (style 7.2). */
import { posix } from "node:path";
import type { FolderTable } from "./folder-table.ts";
import { libFolder, PLANTED_README, readFolderTable } from "./folder-table.ts";
import type { Finding, TidyRule } from "./rule.ts";
import type { Imported } from "./syntax.ts";
import { importsOf } from "./syntax.ts";

const README = { "lib/README.md": PLANTED_README };

export const importEdges: TidyRule = {
  guarantee:
    "a folder of lib imports only from the folders that lib/README.md allows it, and with the .ts extension",
  check(tree) {
    const table = readFolderTable(tree);
    return tree.typescript("lib/").flatMap((file) => {
      const folder = libFolder(file.path);
      if (!table.allowed.has(folder)) {
        return [
          {
            path: file.path,
            line: 1,
            message: `lib/${folder} has no row in lib/README.md; add one or move the file`,
          },
        ];
      }
      return importsOf(file.syntax()).flatMap((imported) => judge(file.path, folder, imported, table));
    });
  },
  caught: [
    {
      files: { ...README, "lib/policy/a.ts": 'import { b } from "../plan/b.ts";' },
      path: "lib/policy/a.ts",
      line: 1,
      says: "lib/policy may not import from lib/plan",
    },
    {
      files: { ...README, "lib/plan/a.ts": '\nimport type { b } from "../engine/lance/b.ts";' },
      path: "lib/plan/a.ts",
      line: 2,
      says: "only the files directly in lib/engine",
    },
    {
      files: { ...README, "lib/apply/a.ts": 'export { b } from "../file/b.ts";' },
      path: "lib/apply/a.ts",
      line: 1,
      says: "lib/apply may not import from lib/file",
    },
    {
      files: { ...README, "lib/policy/a.ts": 'const b = import("../../cli/b.ts");' },
      path: "lib/policy/a.ts",
      line: 1,
      says: "lib imports nothing outside lib",
    },
    {
      files: { ...README, "lib/policy/a.ts": 'import { b } from "./b.js";' },
      path: "lib/policy/a.ts",
      line: 1,
      says: "write the extension .ts",
    },
    { files: { ...README, "lib/stuff/a.ts": "" }, path: "lib/stuff/a.ts", line: 1, says: "has no row" },
    { files: { ...README, "lib/a.ts": "" }, path: "lib/a.ts", line: 1, says: "has no row" },
  ],
  spared: [
    {
      ...README,
      "lib/plan/a.ts":
        'import { b } from "../engine/b.ts";\nimport { c } from "yaml";\nimport { d } from "./d.ts";',
    },
    {
      ...README,
      "lib/apply/a.ts": 'import { b } from "../engine/lance/b.ts";\nimport { c } from "../plan/c.ts";',
    },
  ],
};

function judge(path: string, folder: string, imported: Imported, table: FolderTable): readonly Finding[] {
  const { specifier, line } = imported;
  if (!specifier.startsWith(".")) return [];
  const found = (message: string): readonly Finding[] => [{ path, line, message }];
  if (!/\.(ts|json)$/.test(specifier))
    return found(`write the extension .ts in the import of "${specifier}"`);
  const target = posix.normalize(posix.join(posix.dirname(path), specifier));
  if (!target.startsWith("lib/"))
    return found(`lib imports nothing outside lib; hand "${specifier}" in as a value`);
  const targetFolder = libFolder(target);
  if (!table.allowed.get(folder)?.has(targetFolder)) {
    return found(
      `lib/${folder} may not import from lib/${targetFolder}; move the code, or hand the value in`,
    );
  }
  if (table.portOnly.get(folder)?.has(targetFolder) && target.split("/").length > 3) {
    return found(
      `lib/${folder} may import only the files directly in lib/${targetFolder}, the port, and not "${specifier}"`,
    );
  }
  return [];
}
