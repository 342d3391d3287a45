/**
 * Dates and date-times between text and stored number: days and milliseconds since 1970-01-01 (spec/schema 3.1).
 *
 * Guarantees: pure. Reading refuses what storage would change: days that do not exist, times without an offset,
 * fractions finer than a millisecond. Years are 0000 to 9999, so that everything stored can be written again.
 */
import { DATE_DAYS_MAX, DATE_DAYS_MIN, DATETIME_MS_MAX, DATETIME_MS_MIN, DAY_MS } from "./limits.ts";

export type CalendarRead =
  | { readonly tag: "read"; readonly value: number }
  | { readonly tag: "refused"; readonly problem: string };

const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
/** From 0000-03-01 to 1970-01-01. */
const DAYS_FROM_MARCH_OF_YEAR_0 = 719_468;
const DATE_TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(Z|[+-]\d{2}:\d{2})?$/;

function refused(problem: string): CalendarRead {
  return { tag: "refused", problem };
}

/** Epoch days of `YYYY-MM-DD`. */
export function readDate(text: string): CalendarRead {
  const parts = DATE.exec(text);
  if (!parts) return refused("a date is written YYYY-MM-DD");
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month))
    return refused("there is no such day");
  return { tag: "read", value: epochDays(year, month, day) };
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysInMonth(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : (MONTH_DAYS[month - 1] ?? 0);
}

/** Counts years from March, so that the leap day is a year's last; a million dates are read without a Date each. */
function epochDays(year: number, month: number, day: number): number {
  const [y, m] = month > 2 ? [year, month - 3] : [year - 1, month + 9];
  const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return y * 365 + leapDays + Math.floor((m * 153 + 2) / 5) + day - 1 - DAYS_FROM_MARCH_OF_YEAR_0;
}

/** Epoch milliseconds of `YYYY-MM-DDThh:mm[:ss[.fff]]` with `Z` or an offset. */
export function readDateTime(text: string): CalendarRead {
  const parts = DATE_TIME.exec(text);
  if (!parts) return refused("a date-time is written YYYY-MM-DDThh:mm:ssZ");
  const [, date = "", hour, minute, second = "0", fraction = "", offset] = parts;
  if (offset === undefined) return refused("it has no offset such as Z or +02:00");
  const day = readDate(date);
  if (day.tag === "refused") return day;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    return refused("there is no such time of day");
  if (/[1-9]/.test(fraction.slice(3))) return refused("it is finer than a millisecond");
  const milliseconds = Number(fraction.slice(0, 3).padEnd(3, "0"));
  const shift = offsetMinutes(offset);
  if (shift === null) return refused("there is no such offset");
  const minutes = Number(hour) * 60 + Number(minute) - shift;
  const value = day.value * DAY_MS + minutes * 60_000 + Number(second) * 1_000 + milliseconds;
  return inDateTimeRange(value)
    ? { tag: "read", value }
    : refused("its year in UTC is not one of 0000 to 9999");
}

function offsetMinutes(offset: string): number | null {
  if (offset === "Z") return 0;
  const [hours, minutes] = [Number(offset.slice(1, 3)), Number(offset.slice(4, 6))];
  if (hours > 23 || minutes > 59) return null;
  return (offset.startsWith("-") ? -1 : 1) * (hours * 60 + minutes);
}

export function inDateRange(days: number): boolean {
  return days >= DATE_DAYS_MIN && days <= DATE_DAYS_MAX;
}

export function inDateTimeRange(milliseconds: number): boolean {
  return milliseconds >= DATETIME_MS_MIN && milliseconds <= DATETIME_MS_MAX;
}

/** `YYYY-MM-DD`. */
export function writeDate(days: number): string {
  return new Date(days * DAY_MS).toISOString().slice(0, 10);
}

/** `YYYY-MM-DDThh:mm:ssZ`, with three fraction digits where the milliseconds are not zero. */
export function writeDateTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(".000Z", "Z");
}
