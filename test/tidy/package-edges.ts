/** Each part of the world has one place that talks to it (style 7.3; design 10). */

import type { Finding, TidyRule } from "./rule.ts";
import type { SourceFile } from "./source-tree.ts";
import { importsOf, lineOf } from "./syntax.ts";

interface Territory {
  /** What is imported. */
  readonly specifier: RegExp;
  /** The paths that may import it. */
  readonly allowed: RegExp;
  readonly instead: string;
}

const TERRITORIES: readonly Territory[] = [
  {
    specifier: /^(node:)?(fs|fs\/promises)$/,
    allowed: /^(lib\/file|cli|test|bench|bin|infra)\//,
    instead: "files belong to lib/file; take an object store or bytes instead",
  },
  {
    specifier: /^(@lancedb\/|apache-arrow$)/,
    allowed: /^(lib\/engine\/lance|test|bench)\//,
    instead: "Lance belongs to lib/engine/lance; go through the ports of lib/engine/tables.ts",
  },
  {
    specifier: /^(@aws-sdk\/|@smithy\/)/,
    allowed: /^(lib\/aws|test|bench)\//,
    instead: "the AWS SDK belongs to lib/aws; take a port instead",
  },
  {
    specifier: /^(aws-cdk-lib(\/|$)|constructs$)/,
    allowed: /^(infra|test\/infra)\//,
    instead: "CDK belongs to infra",
  },
  {
    specifier: /^(node:)?crypto$/,
    allowed: /^(lib\/digest|lib\/file|cli|test|bench|bin|infra)\//,
    instead: "use sha256 of lib/digest; random ids come from the ids port",
  },
  {
    specifier: /^@cedar-policy\//,
    allowed: /^(lib\/policy\/cedar\.ts$|test\/)/,
    instead: "Cedar is loaded by lib/policy/cedar.ts only, at its first use",
  },
  {
    specifier:
      /^(node:)?(child_process|cluster|dgram|dns|http|http2|https|net|os|readline|tls|vm|worker_threads)(\/|$)/,
    allowed: /^(lib\/aws|lib\/file|cli|test|bench|bin|infra|functions)\//,
    instead: "the machine and the network belong to adapters; take a port instead",
  },
];

export const packageEdges: TidyRule = {
  guarantee:
    "files, Lance, AWS, CDK, Cedar, cryptography and the network are each imported in one place only",
  check: (tree) => tree.typescript().flatMap(checkFile),
  caught: [
    {
      files: { "lib/plan/a.ts": 'import { readFileSync } from "node:fs";' },
      path: "lib/plan/a.ts",
      line: 1,
      says: "files belong to lib/file",
    },
    {
      files: { "lib/plan/a.ts": 'import fs from "fs/promises";' },
      path: "lib/plan/a.ts",
      line: 1,
      says: "files belong to lib/file",
    },
    {
      files: { "lib/engine/a.ts": '\nimport type { Table } from "@lancedb/lancedb";' },
      path: "lib/engine/a.ts",
      line: 2,
      says: "Lance belongs to",
    },
    {
      files: { "cli/a.ts": 'const arrow = createRequire(import.meta.url)("apache-arrow");' },
      path: "cli/a.ts",
      line: 1,
      says: "Lance belongs to",
    },
    {
      files: { "functions/a.ts": 'const s3 = await import("@aws-sdk/client-s3");' },
      path: "functions/a.ts",
      line: 1,
      says: "the AWS SDK belongs to",
    },
    {
      files: { "lib/aws/a.ts": 'import { Stack } from "aws-cdk-lib/core";' },
      path: "lib/aws/a.ts",
      line: 1,
      says: "CDK belongs to infra",
    },
    {
      files: { "lib/ledger/a.ts": 'import { createHash } from "node:crypto";' },
      path: "lib/ledger/a.ts",
      line: 1,
      says: "use sha256",
    },
    {
      files: { "lib/policy/decide.ts": 'require("@cedar-policy/cedar-wasm/nodejs");' },
      path: "lib/policy/decide.ts",
      line: 1,
      says: "Cedar is loaded by",
    },
    {
      files: { "lib/apply/a.ts": 'import { request } from "node:https";' },
      path: "lib/apply/a.ts",
      line: 1,
      says: "the network belong to adapters",
    },
  ],
  spared: [
    {
      "lib/file/a.ts": 'import { open } from "node:fs/promises";',
      "cli/a.ts": 'import { readFileSync } from "node:fs";',
    },
    {
      "lib/engine/lance/a.ts": 'const arrow = load("apache-arrow");',
      "lib/plan/a.ts": 'import { parse } from "yaml";',
    },
    { "lib/plan/a.ts": '// "node:fs" in words\nconst message = "use node:fs";' },
  ],
};

function checkFile(file: SourceFile): readonly Finding[] {
  return specifiersOf(file).flatMap(({ specifier, line }) =>
    TERRITORIES.filter((each) => each.specifier.test(specifier) && !each.allowed.test(file.path)).map(
      (each) => ({
        path: file.path,
        line,
        message: `"${specifier}": ${each.instead}`,
      }),
    ),
  );
}

/** Imports, and the one literal argument of a call that may be a `require` of any making. */
function specifiersOf(file: SourceFile): readonly { specifier: string; line: number }[] {
  const syntax = file.syntax();
  const required = syntax.nodes.flatMap((node) => {
    if (node.type !== "CallExpression" || node.callee.type === "Import" || node.arguments.length !== 1)
      return [];
    const [argument] = node.arguments;
    return argument?.type === "StringLiteral" ? [{ specifier: argument.value, line: lineOf(node) }] : [];
  });
  return [
    ...importsOf(syntax),
    ...required.filter((each) => each.specifier.includes("/") || each.specifier.includes("-")),
  ];
}
