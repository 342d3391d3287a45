/** Patterns of @check: RE2, searched anywhere in the text (spec/schema 9, 10.4). */
import { describe, expect, it } from "vitest";
import { compileCheckPattern } from "../../lib/schema/check-pattern.ts";

function matches(pattern: string, text: string): boolean {
  const compiled = compileCheckPattern(pattern);
  return compiled.tag === "ok" && compiled.test(text);
}

describe("a pattern", () => {
  it("matches anywhere in the text unless it is anchored", () => {
    expect(matches("b+", "abbc")).toBe(true);
    expect(matches("^b+$", "abbc")).toBe(false);
    expect(matches("^b+$", "bb")).toBe(true);
  });

  it("keeps no state between texts", () => {
    const compiled = compileCheckPattern("a");
    if (compiled.tag === "invalid") expect.fail("the pattern compiles");
    expect([compiled.test("xa"), compiled.test("x"), compiled.test("a"), compiled.test("xa")]).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  it.each(["(?=a)", "(a)\\1", "(?<!a)b", "a(", "[z-a]", "a**"])(
    "is refused when RE2 has no %s",
    (pattern) => {
      expect(compileCheckPattern(pattern).tag).toBe("invalid");
    },
  );

  it("takes time linear in the text where backtracking engines take for ever", () => {
    expect(matches("^(a+)+$", `${"a".repeat(20_000)}b`)).toBe(false);
  });
});
