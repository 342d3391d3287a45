/**
 * Lines as Markdown, for a comment on a pull request: one fenced block that nothing in the lines can end, and short
 * enough for GitHub to take. What is too much is left out of the middle, because a plan begins with what it is and ends
 * with its counts. Pure.
 */
import { printedLine } from "./printed-line.ts";

/** Characters of one comment that GitHub takes. */
export const COMMENT_CHARACTERS_MAX = 65_536;
/** Characters of it that are left to whoever posts the text, for lines of their own. */
export const COMMENT_MARGIN_CHARACTERS = 1_536;
/** Characters at the end of the text that are kept when it is too long. */
const END_CHARACTERS_MAX = 6_000;
/** Room for the line that says what is left out, in characters. */
const NOTE_CHARACTERS_MAX = 200;
/** A longer run of backticks is shortened to this, so that the fence around it stays short. */
const BACKTICKS_MAX = 99;
const FENCE_MIN = 3;
const UNCOLOURED = { coloured: false } as const;

export function renderMarkdown(lines: readonly string[]): string {
  const safe = lines
    .flatMap((line) => line.split(/\r\n|\r|\n/))
    .map((line) => shortenBackticks(printedLine(line, UNCOLOURED)));
  const fence = "`".repeat(Math.max(FENCE_MIN, longestBackticks(safe) + 1));
  const room = COMMENT_CHARACTERS_MAX - COMMENT_MARGIN_CHARACTERS - 2 * (fence.length + 1);
  return `${[fence, ...withoutMiddle(safe, room), fence].join("\n")}\n`;
}

function shortenBackticks(line: string): string {
  return line.replace(/`+/g, (run) => run.slice(0, BACKTICKS_MAX));
}

function longestBackticks(lines: readonly string[]): number {
  return lines
    .flatMap((line) => line.match(/`+/g) ?? [])
    .reduce((longest, run) => Math.max(longest, run.length), 0);
}

/** All lines if they fit into `room` characters; else those at the beginning and at the end that do. */
function withoutMiddle(lines: readonly string[], room: number): readonly string[] {
  if (fitting(lines, room) === lines.length) return lines;
  const ending = fitting([...lines].reverse(), END_CHARACTERS_MAX);
  const before = lines.slice(0, lines.length - ending);
  const beginning = fitting(before, room - END_CHARACTERS_MAX - NOTE_CHARACTERS_MAX);
  const left = before.length - beginning;
  const note = `... ${left} of ${lines.length} lines are left out here; the output of the command has them all ...`;
  return [...before.slice(0, beginning), note, ...lines.slice(lines.length - ending)];
}

/** How many lines, from the first on, fit into `room` characters, each with its line break. */
function fitting(lines: readonly string[], room: number): number {
  let used = 0;
  const over = lines.findIndex((line) => {
    used += line.length + 1;
    return used > room;
  });
  return over === -1 ? lines.length : over;
}
