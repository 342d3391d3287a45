/**
 * Text-shaped values of JSON lines (spec/schema 3.1): strings, enum values, dates, date-times and blobs.
 *
 * Guarantees: pure. Dates also come as whole days, date-times as whole milliseconds. A blob is `base64:` and its
 * payload; every other text would be a reference to a place outside the graph, which is refused.
 */
import { assertNever } from "../../digest/assert.ts";
import { type CalendarRead, inDateRange, inDateTimeRange, readDate, readDateTime } from "./calendar-text.ts";
import { type CellDecoder, type Decoded, decoded, outOfRange, wrongType } from "./decoded.ts";
import { exactInteger } from "./integer-cell.ts";
import type { JsonValue } from "./json-value.ts";
import { nearestName } from "./nearest-name.ts";

export const TEXT_DECODER: CellDecoder = (label, value) =>
  typeof value === "string" ? decoded(value) : wrongType(label, "text (String)", value);

export const BOOL_DECODER: CellDecoder = (label, value) =>
  typeof value === "boolean" ? decoded(value) : wrongType(label, "true or false (Bool)", value);

/** Reads one of the values of an enum. */
export function enumDecoder(values: readonly string[]): CellDecoder {
  const allowed = new Set(values);
  return (label, value) => {
    if (typeof value !== "string") return wrongType(label, `one of ${values.join(", ")}`, value);
    if (allowed.has(value)) return decoded(value);
    const near = nearestName(value, values);
    const hint = near === null ? "" : ` Did you mean '${near}'?`;
    return {
      tag: "fault",
      code: "load_enum_value",
      message: `invalid enum value '${value}' for ${label}; it allows ${values.join(", ")}.${hint}`,
    };
  };
}

export const DATE_DECODER: CellDecoder = (label, value) =>
  calendarCell(label, value, "a date (YYYY-MM-DD, or whole days since 1970-01-01)", readDate, inDateRange);

export const DATE_TIME_DECODER: CellDecoder = (label, value) =>
  calendarCell(
    label,
    value,
    "a date-time (YYYY-MM-DDThh:mm:ssZ, or whole milliseconds since 1970-01-01)",
    readDateTime,
    inDateTimeRange,
  );

function calendarCell(
  label: string,
  value: JsonValue,
  wanted: string,
  read: (text: string) => CalendarRead,
  inRange: (stored: number) => boolean,
): Decoded {
  if (typeof value === "string") {
    const outcome = read(value);
    if (outcome.tag === "read") return decoded(outcome.value);
    return {
      tag: "fault",
      code: "load_wrong_type",
      message: `${label} expects ${wanted}, got ${JSON.stringify(value)}: ${outcome.problem}.`,
    };
  }
  const exact = exactInteger(value);
  switch (exact.tag) {
    case "not_integer":
      return wrongType(label, wanted, value);
    case "huge":
      return outOfRange(label, wanted, value);
    case "integer":
      return inRange(Number(exact.value)) ? decoded(Number(exact.value)) : outOfRange(label, wanted, value);
    default:
      return assertNever(exact);
  }
}

const BLOB_PREFIX = "base64:";
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

export const BLOB_DECODER: CellDecoder = (label, value) => {
  if (typeof value !== "string") return wrongType(label, "text that begins with base64: (Blob)", value);
  if (!value.startsWith(BLOB_PREFIX)) {
    return {
      tag: "fault",
      code: "load_external_blob",
      message: `${label} holds a reference to a blob outside the graph, which no policy allows yet.`,
    };
  }
  const payload = value.slice(BLOB_PREFIX.length);
  const bytes = BASE64.test(payload) ? Buffer.from(payload, "base64") : null;
  if (bytes === null || bytes.toString("base64") !== payload) {
    return {
      tag: "fault",
      code: "load_wrong_type",
      message: `${label} holds text after base64: that is not padded standard Base64.`,
    };
  }
  return decoded(new Uint8Array(bytes));
};

/** The text that {@link BLOB_DECODER} reads back as the same bytes. */
export function blobText(bytes: Uint8Array): string {
  return BLOB_PREFIX + Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}
