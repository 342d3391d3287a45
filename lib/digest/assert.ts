/** The only places that throw: a broken promise of our own code, never an expected outcome (style 7.7). */

/** Fails if `condition` is false; `promise` says in a sentence what should have held. */
export function assert(condition: boolean, promise: string): asserts condition {
  if (!condition) throw new Error(`internal error, please report: ${promise}`);
}

/** Closes an exhaustive switch over a union. */
export function assertNever(value: never): never {
  throw new Error(`internal error, please report: unexpected variant ${JSON.stringify(value)}`);
}
