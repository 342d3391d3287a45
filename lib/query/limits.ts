/** Every limit of the query language in one place (spec/query 1, 3.2; style 7.14). */

/** A longer `.gq` file is refused before it is read. */
export const QUERY_FILE_CHARACTERS_MAX = 4 * 1024 * 1024;
/** Brackets of any kind inside one another; keeps a hostile file from exhausting the stack of the parser. */
export const NESTING_LEVELS_MAX = 64;
/** More diagnostics than this for one file help nobody; the rest is left out. */
export const SYNTAX_DIAGNOSTICS_MAX = 100;
/** Text of a token or name quoted in a message is cut after this many characters. */
export const QUOTED_CHARACTERS_MAX = 40;
/** Longer integers are read no further; they are larger than every limit below. */
export const INTEGER_DIGITS_MAX = 24;
/** Largest value of an I64. */
export const I64_MAX = 9_223_372_036_854_775_807n;
/** Smallest value of an I64. */
export const I64_MIN = -9_223_372_036_854_775_808n;
/** Largest `limit`: an unsigned 64-bit number. */
export const LIMIT_ROWS_MAX = 18_446_744_073_709_551_615n;
/** Largest hop bound: an unsigned 32-bit number. */
export const HOP_BOUND_MAX = 4_294_967_295n;
/** Largest dimension of a vector. */
export const VECTOR_DIMENSION_MAX = 2_147_483_647n;
/** A traversal that may take more hops than this gets a lint note. */
export const HOPS_UNREMARKED_MAX = 8;
/** A name further than this many edits from an existing one is not suggested. */
export const SUGGESTION_EDITS_MAX = 2;
/** Parameter JSON longer than this is refused before it is parsed. */
export const PARAMETERS_CHARACTERS_MAX = 16 * 1024 * 1024;
