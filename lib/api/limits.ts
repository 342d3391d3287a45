/** Limits of the API. */

/** Longest JSON body of a request, in bytes. */
export const JSON_BODY_BYTES_MAX = 64 * 1024;
/** Longest bundle that is sent through the API itself, in bytes: what the gateway passes on, as base64. */
export const BUNDLE_BODY_BYTES_MAX = 4 * 1024 * 1024;
/** Longest answer that a function behind the gateway can give: the JSON of its result, in bytes. Lambda takes 6 MiB. */
export const ANSWER_BYTES_MAX = 5_800_000;
/** Longest answer that is packed to fit, in bytes of what is in it. */
export const UNPACKED_ANSWER_BYTES_MAX = 64 * 1024 * 1024;
/** Shorter answers are not worth packing, in bytes. */
export const PACKED_ANSWER_BYTES_MIN = 32 * 1024;
/** Items on one page unless the caller asks for fewer or more. */
export const PAGE_ITEMS = 50;
export const PAGE_ITEMS_MAX = 200;
/** Longest page token that is looked at, in characters. */
export const PAGE_TOKEN_CHARACTERS_MAX = 2_048;
/** Longest idempotency key, in characters. */
export const IDEMPOTENCY_KEY_CHARACTERS_MAX = 200;
/** Answers up to this length are kept for repetitions of a request, in bytes. */
export const KEPT_ANSWER_BYTES_MAX = 256 * 1024;
/** How long a request may be worked on before a repetition of it may take it over, in milliseconds. */
export const REQUEST_WORK_MS = 120_000;
/** Longest wait for a run, in seconds, below what a gateway waits for an answer. */
export const WAIT_SECONDS_MAX = 25;
/** Between two looks at a run that is waited for, in milliseconds. */
export const WAIT_LOOK_MS = 1_000;
/** Characters of the type of a body that an answer quotes. */
export const BODY_TYPE_SHOWN_CHARACTERS_MAX = 100;
/** Longest reason or text of a request, in characters. */
export const REASON_CHARACTERS_MAX = 1_000;
/** Graphs that one request may name as targets. */
export const TARGETS_MAX = 1_000;
/** How long an approval may count at most, in seconds: ninety days. */
export const APPROVAL_SECONDS_MAX = 90 * 24 * 60 * 60;
