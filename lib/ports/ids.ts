/**
 * Ids: the only source of identity and randomness. Every answer is a fresh canonical ULID (26 upper-case Crockford
 * characters) that sorts after every earlier answer of the same process.
 */
export interface Ids {
  /** A fresh id, never given before by any source. */
  next(): string;
}
