/**
 * Whether the text of a date or a date-time means a day or an instant (spec/query 6.2, W-18).
 *
 * Guarantees: pure; no clock, no time zone of the machine. Accepts `YYYY-MM-DD`, and for date-times a `T` or a space,
 * hours and minutes, then if wanted seconds, a fraction and `Z` or an offset.
 */
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const DATETIME =
  /^(\d{4}-\d{2}-\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(?:[Zz]|[+-](\d{2}):?(\d{2}))?$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** True for a day of the calendar. */
export function isDateText(text: string): boolean {
  const parts = DATE.exec(text);
  if (parts === null) return false;
  const month = Number(parts[2]);
  const day = Number(parts[3]);
  const days = DAYS[month - 1];
  if (days === undefined) return false;
  return day >= 1 && day <= (month === 2 && isLeapYear(Number(parts[1])) ? 29 : days);
}

/** True for an instant; a bare day is the start of that day. */
export function isDateTimeText(text: string): boolean {
  if (isDateText(text)) return true;
  const parts = DATETIME.exec(text);
  if (parts === null || !isDateText(parts[1]!)) return false;
  const [hours, minutes, seconds, offsetHours, offsetMinutes] = parts
    .slice(2)
    .map((part) => Number(part ?? 0));
  return hours! <= 23 && minutes! <= 59 && seconds! <= 59 && offsetHours! <= 23 && offsetMinutes! <= 59;
}
