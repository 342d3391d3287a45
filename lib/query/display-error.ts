/** Errors as OmniGraph prints them (spec/query 5.13): `type error: T7: ...`, `parse error: ...`. */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";

/** The one-line text of a type error. Our own codes are not part of it, as uncoded errors have none there. */
export function displayError(error: Diagnostic): string {
  const code = /^T\d+$/.test(error.code) ? `${error.code}: ` : "";
  return `type error: ${code}${error.message}`;
}

/** The one-line text of a syntax error. */
export function displaySyntaxError(error: Diagnostic): string {
  const place =
    error.source === undefined ? "" : ` (line ${error.source.line}, column ${error.source.column})`;
  return `parse error: ${error.message}${place}`;
}
