/** Time, randomness, the environment and the terminal are handed in, never reached for (style 7.12). */
import { isAdapter } from "./folder-table.ts";
import type { Finding, TidyRule } from "./rule.ts";
import type { SourceFile } from "./source-tree.ts";
import type { Node } from "./syntax.ts";
import { dottedName, lineOf } from "./syntax.ts";

const INSTEAD: Readonly<Record<string, string>> = {
  "Date.now": "take the time from the clock port",
  "performance.now": "take the time from the clock port",
  "process.hrtime": "take the time from the clock port",
  "Math.random": "take ids from the ids port, and seeds as arguments",
  "crypto.randomUUID": "take ids from the ids port",
  "globalThis.crypto": "take ids from the ids port",
  randomUUID: "take ids from the ids port",
  randomBytes: "take ids from the ids port",
  setTimeout: "wait through the clock port",
  setInterval: "wait through the clock port",
  setImmediate: "wait through the clock port",
  fetch: "go through a port",
  "process.env": "take the setting as an argument",
  "process.argv": "take the setting as an argument",
  "process.cwd": "take the folder as an argument",
  "process.exit": "return an outcome; only cli ends the process",
  "process.exitCode": "return an outcome; only cli ends the process",
  "process.stdout": "return a value; only cli prints",
  "process.stderr": "return a value; only cli prints",
  console: "return a diagnostic, or use the log port",
};

export const bannedCalls: TidyRule = {
  guarantee: "lib reaches for no clock, randomness, timer, environment or console outside its adapters",
  check: (tree) =>
    tree
      .typescript("lib/")
      .filter((file) => !isAdapter(file.path))
      .flatMap(checkFile),
  caught: [
    {
      files: { "lib/plan/a.ts": "const at = 1;\nconst now = Date.now();" },
      path: "lib/plan/a.ts",
      line: 2,
      says: "Date.now: take the time from the clock port",
    },
    {
      files: { "lib/plan/a.ts": "const now = new Date();" },
      path: "lib/plan/a.ts",
      line: 1,
      says: "new Date(): take the time",
    },
    {
      files: { "lib/plan/a.ts": "const now = [1].map(Math.random);" },
      path: "lib/plan/a.ts",
      line: 1,
      says: "Math.random: take ids",
    },
    {
      files: { "lib/plan/a.ts": "const id = crypto.randomUUID();" },
      path: "lib/plan/a.ts",
      line: 1,
      says: "crypto.randomUUID: take ids",
    },
    {
      files: { "lib/apply/a.ts": "await new Promise((done) => setTimeout(done, 5));" },
      path: "lib/apply/a.ts",
      line: 1,
      says: "setTimeout: wait",
    },
    {
      files: { "lib/plan/a.ts": "const key = process.env.KEY;" },
      path: "lib/plan/a.ts",
      line: 1,
      says: "process.env: take the setting",
    },
    {
      files: { "lib/plan/a.ts": "console.log(1);" },
      path: "lib/plan/a.ts",
      line: 1,
      says: "console: return a diagnostic",
    },
    {
      files: { "lib/plan/a.ts": 'import { env } from "node:process";' },
      path: "lib/plan/a.ts",
      line: 1,
      says: "node:process",
    },
  ],
  spared: [
    { "lib/file/clock.ts": "const now = Date.now();", "cli/main.ts": "console.log(process.env.HOME);" },
    {
      "lib/plan/a.ts":
        "const at = new Date(5);\n// console.log is not used\nconst text = 'Date.now()';\nconst o = { fetch: 1 };",
    },
  ],
};

function checkFile(file: SourceFile): readonly Finding[] {
  const syntax = file.syntax();
  return syntax.nodes.flatMap((node) => {
    const banned = bannedName(node, syntax.parentOf(node));
    return banned === null ? [] : [{ path: file.path, line: lineOf(node), message: banned }];
  });
}

function bannedName(node: Node, parent: Node | null): string | null {
  if (node.type === "NewExpression" && dottedName(node.callee) === "Date" && node.arguments.length === 0) {
    return "new Date(): take the time from the clock port";
  }
  if (node.type === "ImportDeclaration" && /^(node:)?(process|timers|perf_hooks)/.test(node.source.value)) {
    return `${node.source.value}: take what you need as an argument or through a port`;
  }
  const name = dottedName(node);
  const instead = Object.hasOwn(INSTEAD, name) ? INSTEAD[name] : undefined;
  if (instead === undefined) return null;
  if (node.type === "Identifier" && !isReference(node, parent)) return null;
  return `${name}: ${instead}`;
}

/** False for an identifier that only names a member, a key or a type of our own. */
function isReference(node: Node, parent: Node | null): boolean {
  switch (parent?.type) {
    case "MemberExpression":
      return parent.object === node;
    case "ObjectProperty":
      return parent.value === node && !parent.shorthand;
    case "CallExpression":
    case "NewExpression":
    case "SpreadElement":
    case "VariableDeclarator":
    case "ArrayExpression":
      return true;
    default:
      return false;
  }
}
