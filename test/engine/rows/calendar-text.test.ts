/** Dates and moments as text, against the calendar of the platform. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readDate, readDateTime, writeDate, writeDateTime } from "../../../lib/engine/rows/calendar-text.ts";
import { DATE_DAYS_MAX, DATE_DAYS_MIN } from "../../../lib/engine/rows/limits.ts";

describe("calendar text", () => {
  it("is the inverse of writing for every day that can be written", () => {
    const day = fc.integer({ min: DATE_DAYS_MIN, max: DATE_DAYS_MAX });
    fc.assert(
      fc.property(day, (days) => {
        expect(readDate(writeDate(days))).toEqual({ tag: "read", value: days });
      }),
      { examples: [[DATE_DAYS_MIN], [DATE_DAYS_MAX], [-1], [0], [11_016]] },
    );
  });

  it("refuses exactly the days that the calendar does not have", () => {
    const part = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, "0"));
    const year = fc.integer({ min: 0, max: 9_999 }).map((value) => String(value).padStart(4, "0"));
    fc.assert(
      fc.property(year, part(13), part(32), (y, m, d) => {
        const text = `${y}-${m}-${d}`;
        const instant = new Date(`${text}T00:00:00Z`);
        const exists = !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(text);
        expect(readDate(text).tag).toBe(exists ? "read" : "refused");
      }),
      {
        numRuns: 1_000,
        examples: [
          ["1900", "02", "29"],
          ["2000", "02", "29"],
        ],
      },
    );
  });

  it("shifts a moment by its offset and leaves needless zeros out", () => {
    expect(readDateTime("1970-01-01T00:00:00.5-00:30")).toEqual({ tag: "read", value: 1_800_500 });
    expect(writeDateTime(1_800_500)).toBe("1970-01-01T00:30:00.500Z");
    expect(writeDateTime(1_800_000)).toBe("1970-01-01T00:30:00Z");
  });
});
