/**
 * JSON as it may be written to a terminal or a build log. JSON escapes C0 controls itself; what else is invisible, and
 * what a build system takes for an order (printed-line.ts), can only stand inside of its texts, so that an escape of
 * JSON takes its place and readers get the same document. Pure.
 */
import { UNPRINTABLE } from "./printable.ts";
import { BRACKET_COMMAND } from "./printed-line.ts";

export function printedJson(json: string): string {
  return json
    .replace(UNPRINTABLE, (character) => (character === "\n" ? character : jsonEscape(character)))
    .replace(BRACKET_COMMAND, "\\u0023");
}

/** One escape for each UTF-16 unit. */
function jsonEscape(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
