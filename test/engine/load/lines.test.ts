/** Bytes to numbered lines: strict, bounded, the same however the bytes are cut. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LINE_BYTES_MAX, SLICE_BYTES } from "../../../lib/engine/load/limits.ts";
import { readLines, type SourceLine } from "../../../lib/engine/load/lines.ts";

async function linesOf(chunks: readonly Uint8Array[]): Promise<readonly SourceLine[]> {
  const lines: SourceLine[] = [];
  const open = async function* () {
    yield* chunks;
  };
  for await (const block of readLines(open)) if (block.tag === "lines") lines.push(...block.lines);
  return lines;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("readLines", () => {
  it("gives the same lines however the bytes are cut", async () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom("a", "é", "😀", " ", "\r", "\n") }), {
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat(9), { maxLength: 30 }), async (parts, cuts) => {
        const whole = bytes(parts.join("\n"));
        const chunks: Uint8Array[] = [];
        let from = 0;
        for (const cut of cuts) {
          chunks.push(whole.slice(from, from + cut));
          from += cut;
        }
        chunks.push(whole.slice(from));
        expect(await linesOf(chunks)).toEqual(await linesOf([whole]));
      }),
    );
  });

  it("numbers lines from 1, counts blank ones, and takes CRLF for a line end", async () => {
    const lines = await linesOf([bytes("a\r\n\r\n  \nb\n\nc")]);
    expect(lines.map(({ number, text }) => [number, text])).toEqual([
      [1, "a"],
      [4, "b"],
      [6, "c"],
    ]);
  });

  it("ignores a byte order mark at the beginning and nowhere else", async () => {
    const lines = await linesOf([bytes("\ufeffa\n\ufeffb")]);
    expect(lines.map((line) => line.text)).toEqual(["a", "\ufeffb"]);
  });

  it("names the line that is not UTF-8 and reads on", async () => {
    const broken = new Uint8Array([0x61, 0x0a, 0xc3, 0x28, 0x0a, 0x62]);
    expect(await linesOf([broken])).toEqual([
      { number: 1, text: "a", fault: null },
      { number: 2, text: "", fault: "not_utf8" },
      { number: 3, text: "b", fault: null },
    ]);
  });

  it("names a line that is too long, keeps none of it, and reads on", async () => {
    const piece = new Uint8Array(SLICE_BYTES).fill(0x61);
    const pieces = Array.from({ length: LINE_BYTES_MAX / SLICE_BYTES + 2 }, () => piece);
    const lines = await linesOf([bytes("x\n"), ...pieces, bytes("\ny\n"), ...pieces]);
    expect(lines).toEqual([
      { number: 1, text: "x", fault: null },
      { number: 2, text: "", fault: "too_long" },
      { number: 3, text: "y", fault: null },
      { number: 4, text: "", fault: "too_long" },
    ]);
  });
});
