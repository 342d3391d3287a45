/** What others have written reaches no terminal, log or comment as an order, and forges no line: it is shown. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printJson, printLines } from "../../cli/command-context.ts";
import { printable, printableFields } from "../../cli/render/printable.ts";
import { printedJson } from "../../cli/render/printed-json.ts";
import { printedLine } from "../../cli/render/printed-line.ts";
import { renderMarkdown } from "../../cli/render/render-markdown.ts";
import { styleFor } from "../../cli/style.ts";
import { captured } from "./captured.ts";
import { renderings } from "./hostile-documents.ts";

const PLAIN = styleFor(false, undefined);
const COLOURED = styleFor(true, undefined);
const ESCAPE = "\u001b";

/** By what each would do. */
const HOSTILE: readonly (readonly [string, string, string])[] = [
  ["forge a line", "a\nPlan: 0 to delete.", "a\\nPlan: 0 to delete."],
  ["overwrite a line", "a\rb", "a\\rb"],
  ["move to a column", "a\tb", "a\\tb"],
  ["clear the screen", `${ESCAPE}[2J`, "\\u001b[2J"],
  ["colour a lie green", `${ESCAPE}[32mok`, "\\u001b[32mok"],
  ["write the clipboard", `${ESCAPE}]52;c;cm0=\u0007`, "\\u001b]52;c;cm0=\\u0007"],
  ["use the 8-bit escape", "\u009b2J", "\\u009b2J"],
  ["end a line as C1 does", "a\u0085b", "a\\u0085b"],
  ["delete", "a\u007f", "a\\u007f"],
  ["end a text of C", "a\0b", "a\\u0000b"],
  ["turn the order", "a\u202egpj.exe", "a\\u202egpj.exe"],
  ["isolate", "\u2066a\u2069", "\\u2066a\\u2069"],
  ["mark a direction", "\u200fa\u061c", "\\u200fa\\u061c"],
  ["hide a difference", "ad\u200bmin\u00ad\ufeff", "ad\\u200bmin\\u00ad\\ufeff"],
  ["hide a text in tags", "a\u{e0041}", "a\\u{e0041}"],
  ["look like nothing", "a\u3164\u034f\ufe0f", "a\\u3164\\u034f\\ufe0f"],
  ["separate lines", "a\u2028b\u2029c", "a\\u2028b\\u2029c"],
  ["be half a character", "a\ud800", "a\\ud800"],
];

/** Order of GitHub Actions at the beginning of a line, or of it and others anywhere. */
const ORDERS = [
  "::add-mask::a",
  "\n::set-output name=a::b",
  "  ::stop-commands::x",
  "##[add-mask]a",
  "##vso[task]",
];

function expectHarmless(lines: readonly string[]): void {
  for (const line of lines) {
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u);
    expect(line.trimStart().startsWith("::")).toBe(false);
    expect(line).not.toMatch(/##\w*\[/);
  }
}

function withoutColours(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replaceAll(new RegExp(`${ESCAPE}\\[(1|2|22|3[1-69]|39)m`, "g"), ""));
}

function printed(lines: readonly string[], style = PLAIN): readonly string[] {
  const { context, text } = captured(".");
  printLines({ ...context, out: style }, lines);
  return text().split("\n").slice(0, -1);
}

const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...HOSTILE.map(([, text]) => text),
        ...ORDERS,
        "::",
        ":",
        "##",
        "[",
        "]",
        " ",
        "\u00a0",
      ),
      fc.string({ unit: "binary" }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(""));

describe("A text made printable", () => {
  it.each(HOSTILE)("shows what would %s", (_, text, shown) => {
    expect(printable(text)).toBe(shown);
    expect(printableFields({ [text]: [{ a: text, b: 1, c: null }] })).toEqual({
      [shown]: [{ a: shown, b: 1, c: null }],
    });
  });

  it.each(["graph.crm: 3 rows", "größe 数据 مرحبا", "😀", "C:\\new\\u001b", ""])(
    "leaves %j as it is",
    (text) => {
      expect(printable(text)).toBe(text);
    },
  );

  it("is printable, and once more the same", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(printable(printable(text))).toBe(printable(text));
        expectHarmless([`x${printable(text).replaceAll("#", "")}`]);
      }),
    );
  });
});

describe("Every renderer", () => {
  it.each(HOSTILE)("shows what would %s and lets none of it pass", (_, text, shown) => {
    for (const [name, lines] of renderings(text, PLAIN)) {
      expect([name, lines.some((line) => line.includes(shown))]).toEqual([name, true]);
      expectHarmless(lines);
      expect(printed(lines)).toEqual(lines);
    }
  });

  it("lets no control or invisible character pass whatever the texts are, coloured or not", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const plain = renderings(text, PLAIN);
        for (const [index, [, lines]] of renderings(text, COLOURED).entries()) {
          // Colours apart it is the same text, so that no colour is of somebody else.
          const bare = withoutColours(lines);
          expect(bare).toEqual(plain[index]![1]);
          for (const line of bare) expect(printable(line)).toBe(line);
          expectHarmless(printed(bare));
          expectHarmless(withoutColours(printed(lines, COLOURED)));
          expectHarmless(renderMarkdown(lines).split("\n"));
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("A line that is written", () => {
  it.each([
    ["::add-mask::a", "\\u003a:add-mask::a"],
    ["  ::add-mask::a", "  \\u003a:add-mask::a"],
    ["\u00a0\u3000::add-mask::a", "\u00a0\u3000\\u003a:add-mask::a"],
    ["a ::add-mask::a", "a ::add-mask::a"],
    [": a", ": a"],
    ["x ##[add-mask]a", "x \\u0023#[add-mask]a"],
    ["x ###vso[task]", "x #\\u0023#vso[task]"],
    ["## title [1]", "## title [1]"],
  ])("is no order to a build system: %j", (line, shown) => {
    expect(printedLine(line, PLAIN)).toBe(shown);
  });

  it("keeps the colours of a style, and nothing else, where there are colours at all", () => {
    const { bold, dim, green, yellow, red, cyan } = COLOURED;
    const line = [bold(red("a")), dim("b"), green("c"), yellow("d"), cyan("e")].join(" ");
    expect(printedLine(line, COLOURED)).toBe(line);
    expect(printedLine(red("a"), PLAIN)).toBe("\\u001b[31ma\\u001b[39m");
    expect(printedLine(`${ESCAPE}[8mhidden${ESCAPE}[2J`, COLOURED)).toBe("\\u001b[8mhidden\\u001b[2J");
    expect(printedLine(red("::add-mask::a"), COLOURED)).toBe(red("\\u003a:add-mask::a"));
    expect(printedLine(`${red(":")}:add-mask::a`, COLOURED)).toBe(`${red("\\u003a")}:add-mask::a`);
  });

  it("is one line, whatever a verb puts into it", () => {
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1 }), (lines) => {
        expect(printed(lines)).toHaveLength(lines.length);
        expectHarmless(printed(lines));
        expectHarmless(withoutColours(printed(lines, COLOURED)));
      }),
    );
  });

  it("says the same as JSON, with escapes for what JSON would let pass", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { context, text: written } = captured(".");
        printJson(context, { [text]: [text] });
        expect(JSON.parse(written())).toEqual({ [text]: [text] });
        expectHarmless(written().split("\n"));
      }),
    );
    expect(printedJson(JSON.stringify("a\u202e\u{e0041}"))).toBe('"a\\u202e\\udb40\\udc41"');
  });
});
