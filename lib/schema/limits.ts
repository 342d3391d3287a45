/** The limits of the schema language (spec/schema 3.4, 4.1; style 7.14). */

/** A schema text above this is refused before it is read. */
export const SCHEMA_BYTES_MAX = 2 * 1024 * 1024;
/** Diagnostics reported for one text; more would not be read by anyone. */
export const SCHEMA_DIAGNOSTICS_MAX = 200;
/** The greatest length of a vector. */
export const VECTOR_DIMENSION_MAX = 2_147_483_647;
/** The greatest bound of @card. */
export const CARDINALITY_MAX = 4_294_967_295;
/** Bounds of a range beyond 64-bit integers are doubles. */
export const BOUND_INTEGER_MIN = -(2n ** 63n);
export const BOUND_INTEGER_MAX = 2n ** 63n - 1n;
/** The greatest identifier: ids are JSON numbers, which are exact up to here. */
export const IDENTITY_ID_MAX = Number.MAX_SAFE_INTEGER;
/** Characters of the strange text that a syntax error quotes. */
export const FOUND_LENGTH_MAX = 40;
/** Alternatives that a syntax error lists. */
export const EXPECTED_NAMES_MAX = 8;
/** A declaration of more tokens tells its first syntax error only: recovery takes time quadratic in them. */
export const RECOVERY_TOKENS_MAX = 2_000;
