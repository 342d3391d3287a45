/** A valid policy bundle to put one mistake into, and what parsing says about it. */
import { parsePolicy } from "../../lib/policy/parse.ts";

/** A valid bundle to put one mistake into; the mistake replaces one line. */
export const LINES = [
  "version: 1",
  "groups:",
  "  staff: [ada, bob]",
  "protected_branches: [main]",
  "rules:",
  "  - id: staff-reads",
  "    allow:",
  "      actors: { group: staff }",
  "      actions: [read]",
  "      branch_scope: protected",
];

/** The valid bundle with line `line` (from 1) replaced by `text`. */
export function withLine(line: number, text: string): string {
  return LINES.map((each, index) => (index + 1 === line ? text : each)).join("\n");
}

/** What parsing says against `text`, or its warnings. */
export function problemsOf(text: string) {
  const parsed = parsePolicy(text, "staff.policy.yaml");
  const found = parsed.tag === "invalid" ? parsed.diagnostics : parsed.warnings;
  return found.map(({ code, path, message, source }) => ({
    code,
    path,
    message,
    line: source?.line,
    column: source?.column,
  }));
}

/** One mistake: what it is, the bundle, the code, words of the message, the path, line and column. */
export type Mistake = readonly [string, string, string, string, string, number, number];
