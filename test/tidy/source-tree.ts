/** SourceTree: the files that the tidy rules look at, read once, in path order. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PlantedFiles } from "./rule.ts";
import type { Syntax } from "./syntax.ts";
import { parseSyntax } from "./syntax.ts";

export interface SourceFile {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
  /** The lines of the file, without their ends. */
  readonly lines: readonly string[];
  /** The syntax of a TypeScript file. */
  syntax(): Syntax;
}

export interface SourceTree {
  readonly files: readonly SourceFile[];
  /** The TypeScript files whose path begins with one of `folders`; all of them without any. */
  typescript(...folders: readonly string[]): readonly SourceFile[];
  find(path: string): SourceFile | undefined;
}

const FOLDERS = ["lib", "cli", "functions", "infra", "bench", "test", "bin", "examples", "docs"];
const ROOT_FILES = ["README.md", "package.json", "tsconfig.json", "biome.json", "vitest.config.ts"];
const SKIPPED = /(^|\/)(node_modules|golden|cdk\.out|dist|\.[^/]+)(\/|$)/;
const TEXT_FILE = /(\.(ts|js|mjs|md|json|ya?ml|pg|gq|sh)|^bin\/[^.]+)$/;

/** The tree of the repository at `root`. */
export function readSourceTree(root: string): SourceTree {
  const paths = FOLDERS.flatMap((folder) => listFiles(root, folder));
  const present = new Set(readdirSync(root));
  paths.push(...ROOT_FILES.filter((file) => present.has(file)));
  return makeTree(paths.map((path) => makeFile(path, readFileSync(join(root, path), "utf8"))));
}

/** A tree of the files given, for the tests of the rules. */
export function plantTree(files: PlantedFiles): SourceTree {
  return makeTree(Object.entries(files).map(([path, text]) => makeFile(path, text)));
}

function listFiles(root: string, folder: string): string[] {
  if (!readdirSync(root).includes(folder.split("/")[0] ?? folder)) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name).slice(root.length).replaceAll("\\", "/").replace(/^\//, ""),
    )
    .filter((path) => TEXT_FILE.test(path) && !SKIPPED.test(path));
}

function makeTree(unsorted: readonly SourceFile[]): SourceTree {
  const files = [...unsorted].sort((a, b) => (a.path < b.path ? -1 : 1));
  return {
    files,
    typescript: (...folders) =>
      files.filter(
        (file) =>
          file.path.endsWith(".ts") &&
          (folders.length === 0 || folders.some((folder) => file.path.startsWith(folder))),
      ),
    find: (path) => files.find((file) => file.path === path),
  };
}

function makeFile(path: string, text: string): SourceFile {
  let syntax: Syntax | null = null;
  return {
    path,
    text,
    lines: text.split("\n"),
    syntax() {
      syntax ??= parseSyntax(path, text);
      return syntax;
    },
  };
}
