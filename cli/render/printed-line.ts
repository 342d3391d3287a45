/**
 * PrintedLine: the last look at a line before it is written, whoever made it. Renderers escape what they put into it
 * (printable.ts); this holds even where one has not: no control character passes but the colours of this program, and no
 * build system takes the line for an order. Pure.
 */
import type { Style } from "../style.ts";
import { printable } from "./printable.ts";

const ESCAPE = "\u001b";
const ANY_COLOUR = `${ESCAPE}\\[\\d+m`;

/** What picocolors writes for the styles of style.ts, and nothing else that a terminal obeys. */
const COLOUR = new RegExp(`(${ESCAPE}\\[(?:1|2|22|31|32|33|36|39)m)`);

/**
 * `::add-mask::` at the beginning of a line is an order to GitHub Actions, which skips blanks before it
 * (docs.github.com, "Workflow commands"). Colours may stand before it as well.
 */
const LEADING_COLONS = new RegExp(`^((?:\\s|${ANY_COLOUR})*):(?=(?:${ANY_COLOUR})*:)`);
/** `##[command]` of GitHub Actions, `##vso[` of Azure Pipelines, `##teamcity[`: obeyed anywhere in a line. */
export const BRACKET_COMMAND = /#(?=#\w*\[)/g;

/** The line as it may be written; what stands in it for a line break or a control character can be seen. */
export function printedLine(line: string, { coloured }: Pick<Style, "coloured">): string {
  const parts = coloured ? line.split(COLOUR) : [line];
  // Splitting by a group puts what it matched at the odd places.
  const shown = parts.map((part, index) => (index % 2 === 1 ? part : printable(part))).join("");
  return shown.replace(LEADING_COLONS, "$1\\u003a").replace(BRACKET_COMMAND, "\\u0023");
}
