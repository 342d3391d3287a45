/** Limits of the row codec, named with their unit last (style 7.14). */

/** How deep a JSON line may nest; a row needs 3 levels. */
export const JSON_DEPTH_LEVELS_MAX = 32;
/** Decimal digits of an integer that is looked at exactly; no 64-bit integer needs more than 20. */
export const INTEGER_DIGITS_MAX = 400;
/** How many letters a mistyped name may differ from the one that is suggested. */
export const SUGGESTION_EDITS_MAX = 2;
/** Names longer than this are not compared for suggestions. */
export const SUGGESTION_NAME_CHARACTERS_MAX = 64;
/** First and last day that `YYYY-MM-DD` can write: 0000-01-01 and 9999-12-31, in days since 1970-01-01. */
export const DATE_DAYS_MIN = -719_528;
export const DATE_DAYS_MAX = 2_932_896;
export const DAY_MS = 86_400_000;
/** The same days in milliseconds, the last one to its last millisecond. */
export const DATETIME_MS_MIN = DATE_DAYS_MIN * DAY_MS;
export const DATETIME_MS_MAX = (DATE_DAYS_MAX + 1) * DAY_MS - 1;
/** How much of a value a message shows. */
export const SHOWN_CHARACTERS_MAX = 60;
/** Any 32-bit float that has a decimal of 6 digits or fewer is found with 6; 9 digits tell all of them apart. */
export const FLOAT32_DIGITS_MIN = 6;
export const FLOAT32_DIGITS_MAX = 9;
