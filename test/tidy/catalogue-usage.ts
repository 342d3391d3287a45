/** Every diagnostic code is reported by something and shown by a test (style 7.8). */
import type { TidyRule } from "./rule.ts";
import type { SourceFile, SourceTree } from "./source-tree.ts";
import { lineOf } from "./syntax.ts";

interface CodeRow {
  readonly code: string;
  readonly path: string;
  readonly line: number;
}

/** Characters of a put-together code that are fixed, so that no pattern is so short that it covers everything. */
const CODE_PARTS_MIN = 6;
const CATALOGUE = "lib/diagnostic/catalogue/";
const ROWS = "export const A_CODES = {\n  a_missing: { severity: 'error', summary: 's' },\n} as const;";

export const codesAreReported: TidyRule = {
  guarantee: "every code of the catalogue is reported somewhere in lib, cli or functions",
  check(tree) {
    const sources = tree
      .typescript("lib/", "cli/", "functions/")
      .filter((file) => !file.path.startsWith(CATALOGUE));
    const mentioned = mentionedWords(sources.map((file) => file.text));
    const patterns = sources.flatMap(codePatterns);
    return codeRows(tree)
      .filter(({ code }) => !mentioned.has(code) && !patterns.some((pattern) => pattern.test(code)))
      .map(({ code, path, line }) => ({
        path,
        line,
        message: `nothing reports ${code}; report it or remove its row`,
      }));
  },
  caught: [
    {
      files: { [`${CATALOGUE}a.ts`]: ROWS, "lib/a/a.ts": "// amissing" },
      path: `${CATALOGUE}a.ts`,
      line: 2,
      says: "nothing reports a_missing",
    },
  ],
  spared: [
    { [`${CATALOGUE}a.ts`]: ROWS, "cli/a.ts": 'diagnostic("a_missing");' },
    { [`${CATALOGUE}a.ts`]: ROWS, "lib/a/a.ts": `report(\`\${which}_missing\`);` },
  ],
};

export const codesAreTested: TidyRule = {
  guarantee: "every code of the catalogue appears in a test",
  check(tree) {
    const mentioned = mentionedWords(
      tree
        .typescript("test/")
        .filter((file) => file.path.endsWith(".test.ts"))
        .map((file) => file.text),
    );
    return codeRows(tree)
      .filter((row) => !mentioned.has(row.code))
      .map(({ code, path, line }) => ({
        path,
        line,
        message: `no test shows ${code}; write one that provokes it`,
      }));
  },
  caught: [
    {
      files: { [`${CATALOGUE}a.ts`]: ROWS, "test/a.ts": '"a_missing"' },
      path: `${CATALOGUE}a.ts`,
      line: 2,
      says: "no test shows a_missing",
    },
  ],
  spared: [{ [`${CATALOGUE}a.ts`]: ROWS, "test/a.test.ts": 'expect(code).toBe("a_missing");' }],
};

/** The rows of the catalogue: the keys of the exported objects whose values have a severity. */
function codeRows(tree: SourceTree): readonly CodeRow[] {
  return tree.typescript(CATALOGUE).flatMap((file) =>
    file.syntax().nodes.flatMap((node) => {
      if (node.type !== "ObjectProperty" || node.value.type !== "ObjectExpression") return [];
      const isRow = node.value.properties.some(
        (each) =>
          each.type === "ObjectProperty" && each.key.type === "Identifier" && each.key.name === "severity",
      );
      const code =
        node.key.type === "Identifier"
          ? node.key.name
          : node.key.type === "StringLiteral"
            ? node.key.value
            : "";
      return isRow ? [{ code, path: file.path, line: lineOf(node) }] : [];
    }),
  );
}

/** Codes that are put together, such as `schema_${rule}_unknown`; the compiler checks that each of them exists. */
function codePatterns(file: SourceFile): readonly RegExp[] {
  return file.syntax().nodes.flatMap((node) => {
    if (node.type !== "TemplateLiteral") return [];
    const parts = node.quasis.map((part) => part.value.raw);
    const isCode = parts.every((part) => /^[a-z_]*$/.test(part)) && parts.join("").length >= CODE_PARTS_MIN;
    return isCode ? [new RegExp(`^${parts.join("[a-z_]+")}$`)] : [];
  });
}

/** The words inside quotes and after dots: a code in prose is no use of it. */
function mentionedWords(texts: readonly string[]): ReadonlySet<string> {
  return new Set(texts.flatMap((text) => text.match(/[A-Za-z0-9_]+/g) ?? []));
}
