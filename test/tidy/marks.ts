/** What must not stand in any text of the repository (style 7.16). */
import type { Finding, TidyRule } from "./rule.ts";
import type { SourceFile } from "./source-tree.ts";

/** The rules name what they look for, so their own files are not searched. */
const OWN_FILES = "test/tidy/";

const UNFINISHED = /\b(TODO|FIXME|XXX|HACK)\b/;
const MACHINE = /(^|[\s"'`(=])\/(home|Users|root|mnt|work)\/\w|registry\.\w+\.\w+|"resolved": "https?:/;
const CORPUS = /\bcorpus\//;
const ARROWS = /[\u2190-\u21ff\u27f0-\u27ff\u2900-\u297f]/;

export const noUnfinishedMarks: TidyRule = {
  guarantee: "no text carries a mark of unfinished work",
  check: (tree) =>
    searchLines(tree.files, UNFINISHED, "finish it, or open an issue and say in words what is not covered"),
  caught: [
    { files: { "lib/a/a.ts": "a();\n// TODO: b" }, path: "lib/a/a.ts", line: 2, says: "finish it" },
    { files: { "README.md": "FIXME" }, path: "README.md", line: 1, says: "finish it" },
  ],
  spared: [{ "lib/a/a.ts": "const todo = 1;\nconst XXXL = 2;" }],
};

export const noMachines: TidyRule = {
  guarantee: "no text names a place on somebody's machine or where packages come from",
  check: (tree) => [
    ...searchLines(tree.files, MACHINE, "say it without the path or the host; a reader has neither"),
    ...searchLines(
      tree.files.filter((file) => !/^(test\/conformance\/|package\.json)/.test(file.path)),
      CORPUS,
      "only test/conformance knows where its cases lie",
    ),
  ],
  caught: [
    {
      files: { "lib/a/a.ts": "// see /home/ana/a" },
      path: "lib/a/a.ts",
      line: 1,
      says: "without the path or the host",
    },
    {
      files: { "README.md": "x\nhttps://registry.example.com/" },
      path: "README.md",
      line: 2,
      says: "without the path or the host",
    },
    {
      files: { "test/a.test.ts": 'read("corpus/x.json")' },
      path: "test/a.test.ts",
      line: 1,
      says: "only test/conformance",
    },
  ],
  spared: [
    {
      "lib/a/a.ts": "// work/ is shared by all\n// spec/policy 1.3",
      "test/conformance/main.ts": "// corpus/x",
    },
  ],
};

export const noArrowCharacters: TidyRule = {
  guarantee: "no source uses an arrow that is not made of ASCII",
  check: (tree) => searchLines(tree.typescript(), ARROWS, "write -> or say it in words"),
  caught: [{ files: { "lib/a/a.ts": "// a \u2192 b" }, path: "lib/a/a.ts", line: 1, says: "write ->" }],
  spared: [{ "lib/a/a.ts": "// a -> b, \u00a73" }],
};

function searchLines(files: readonly SourceFile[], pattern: RegExp, message: string): readonly Finding[] {
  return files
    .filter((file) => !file.path.startsWith(OWN_FILES))
    .flatMap((file) =>
      file.lines.flatMap((text, index) => {
        const found = pattern.exec(text)?.[0].trim();
        return found === undefined
          ? []
          : [{ path: file.path, line: index + 1, message: `"${found}": ${message}` }];
      }),
    );
}
