/** The small stores that a survey is made of, against maps and sets. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFewTexts } from "../../../lib/engine/load/few-texts.ts";
import { createFingerprintTable } from "../../../lib/engine/load/fingerprint-table.ts";
import { LOOKUP_VALUES_MAX } from "../../../lib/engine/load/limits.ts";
import { createLineSet } from "../../../lib/engine/load/line-set.ts";

describe("a fingerprint table", () => {
  it("numbers texts as a map would, through every growth", () => {
    const table = createFingerprintTable();
    const texts = Array.from({ length: 5_000 }, (_, index) => `text-${index % 3_333}`);
    const expected = new Map<string, number>();
    for (const text of texts) if (!expected.has(text)) expected.set(text, expected.size);

    const entries = texts.map((text) => {
      const entry = table.add(text);
      table.setLine(entry, expected.get(text)! + 1);
      table.increment(entry);
      return entry;
    });

    expect(entries).toEqual(texts.map((text) => expected.get(text)));
    expect(table.size()).toBe(3_333);
    for (const [text, entry] of expected) {
      expect(table.find(text)).toBe(entry);
      expect(table.line(entry)).toBe(entry + 1);
      expect(table.count(entry)).toBe(entry < 5_000 - 3_333 ? 2 : 1);
    }
    expect(table.find("never added")).toBe(-1);
  });

  it("keeps the flags of an entry apart", () => {
    const table = createFingerprintTable();
    const entry = table.add("a");
    table.mark(entry, 1);
    table.mark(entry, 4);
    expect([1, 2, 4].map((flag) => table.has(entry, flag))).toEqual([true, false, true]);
  });
});

describe("a line set", () => {
  it("holds exactly what was added", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40_000)), (lines) => {
        const set = createLineSet();
        for (const line of lines) set.add(line);
        const expected = new Set(lines);
        expect(set.size()).toBe(expected.size);
        for (const line of lines)
          expect([set.has(line), set.has(line + 1)]).toEqual([true, expected.has(line + 1)]);
      }),
    );
  });
});

describe("few texts", () => {
  it("are kept while they are few and given up when they are many", () => {
    const texts = createFewTexts();
    for (let index = 0; index < LOOKUP_VALUES_MAX; index++) texts.add(`t${index}`);
    texts.add("t0");
    expect(texts.all()).toHaveLength(LOOKUP_VALUES_MAX);
    texts.add("one more");
    expect(texts.all()).toBeNull();
  });
});
