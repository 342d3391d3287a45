/**
 * A `@check` pattern, compiled: an unanchored search in linear time (spec/schema 9), without look-around or
 * back-references.
 */
import { RE2JS } from "re2js";

export type CompiledCheckPattern =
  | { readonly tag: "compiled"; readonly matches: (text: string) => boolean }
  | { readonly tag: "invalid"; readonly problem: string };

export function compileCheckPattern(pattern: string): CompiledCheckPattern {
  try {
    const compiled = RE2JS.compile(pattern);
    return { tag: "compiled", matches: (text) => compiled.matcher(text).find() };
  } catch (error) {
    return { tag: "invalid", problem: error instanceof Error ? error.message : String(error) };
  }
}
