/** The sources keep their rules (lib/README.md). Each rule is itself tested on small trees that break it. */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { TidyRule } from "./tidy/rule.ts";
import { renderFinding } from "./tidy/rule.ts";
import { TIDY_RULES } from "./tidy/rules.ts";
import { plantTree, readSourceTree } from "./tidy/source-tree.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const tree = readSourceTree(ROOT);

describe("the sources", () => {
  test.each(TIDY_RULES.map((rule) => [rule.guarantee, rule] as const))("keep the rule: %s", (_, rule) => {
    expect(rule.check(tree).map(renderFinding)).toEqual([]);
  });
});

describe("the rules", () => {
  test.each(cases((rule) => rule.caught))(
    "catch what they forbid: %s (example %i)",
    (_, __, rule, planted) => {
      const findings = rule.check(plantTree(planted.files));

      expect(findings).toContainEqual({
        path: planted.path,
        line: planted.line,
        message: expect.stringContaining(planted.says),
      });
    },
  );

  test.each(cases((rule) => rule.spared))(
    "leave alone what they allow: %s (example %i)",
    (_, __, rule, files) => {
      expect(rule.check(plantTree(files)).map(renderFinding)).toEqual([]);
    },
  );

  test("all have an example that they catch and one that they spare, and a guarantee of their own", () => {
    expect(TIDY_RULES.filter((rule) => rule.caught.length === 0 || rule.spared.length === 0)).toEqual([]);
    expect(new Set(TIDY_RULES.map((rule) => rule.guarantee)).size).toBe(TIDY_RULES.length);
  });

  test("are all in the list, so that none is written and never run", () => {
    const declared = tree
      .typescript("test/tidy/")
      .flatMap((file) => file.text.match(/^export const \w+: TidyRule\b/gm) ?? []);

    expect(declared).toHaveLength(TIDY_RULES.length);
  });

  test("look at files of every kind, so that an empty tree cannot pass for a tidy one", () => {
    for (const folder of ["lib/", "cli/", "test/"])
      expect(tree.typescript(folder).length).toBeGreaterThan(10);
    expect(tree.find("lib/README.md")).toBeDefined();
  });
});

/** One row for each example of each rule. */
function cases<Example>(examplesOf: (rule: TidyRule) => readonly Example[]) {
  return TIDY_RULES.flatMap((rule) =>
    examplesOf(rule).map((example, index) => [rule.guarantee, index + 1, rule, example] as const),
  );
}
