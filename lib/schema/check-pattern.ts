/**
 * Patterns of @check: RE2 expressions, matched by unanchored search (spec/schema 9, 10.4).
 *
 * Guarantees: matching takes time linear in the text; there are no look-around and no back-references. Patterns are
 * compiled when the schema is, so that no accepted schema can make writes fail.
 */
import { RE2JS } from "re2js";

export type CheckPattern =
  | { readonly tag: "ok"; readonly test: (text: string) => boolean }
  | { readonly tag: "invalid"; readonly message: string };

/** Compiles `pattern`; `test` is true if some part of a text matches. */
export function compileCheckPattern(pattern: string): CheckPattern {
  try {
    const compiled = RE2JS.compile(pattern);
    return { tag: "ok", test: (text) => compiled.matcher(text).find() };
  } catch (error) {
    // The library reports a faulty pattern by throwing.
    return { tag: "invalid", message: error instanceof Error ? error.message : String(error) };
  }
}
