/**
 * Ids: the only source of identity and randomness. Every answer is a fresh canonical ULID (26 upper-case Crockford
 * characters) that sorts after every earlier answer of the same process.
 */
export interface Ids {
  /** A fresh id, never given before by any source. */
  next(): string;
  /**
   * A fresh secret, 64 lower-case hex characters. Ids of one millisecond follow each other, so that whoever sees one
   * knows the next; nothing that was ever given out tells a secret.
   */
  secret(): string;
}
