/** Limits of the memory adapter. */

/** Keys of one page of a listing, as on S3. */
export const LIST_KEYS_MAX = 1000;
