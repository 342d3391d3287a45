/** Tally: what a simulation has exercised: calls, fates and rows of the truth table, and what it found. */
import type { Row } from "./chronicle.ts";
import type { Fate } from "./fates.ts";
import type { Scheduler } from "./scheduler.ts";

/** One broken invariant, and how to see it again. */
export interface Finding {
  readonly violation: string;
  readonly label: string;
  readonly trace: readonly string[];
}

export interface Tally {
  calls: number;
  /** Worlds that were brought to rest, and those that were equal to one of them. */
  states: number;
  equal: number;
  readonly fates: Map<Fate, number>;
  readonly rows: Map<Row, number>;
  readonly findings: Finding[];
}

export function newTally(): Tally {
  return { calls: 0, states: 0, equal: 0, fates: new Map(), rows: new Map(), findings: [] };
}

/** Adds what has happened under a scheduler. The rows are its world's, so they are counted once a world. */
export function addRun(tally: Tally, scheduler: Scheduler): void {
  tally.calls += scheduler.calls.length;
  for (const [fate, count] of scheduler.fates) tally.fates.set(fate, (tally.fates.get(fate) ?? 0) + count);
}

export function addRows(tally: Tally, rows: ReadonlyMap<Row, number>): void {
  for (const [row, count] of rows) tally.rows.set(row, (tally.rows.get(row) ?? 0) + count);
}

/** Keeps a few findings of each invariant with their traces; more of the same say nothing new. */
export function addFindings(
  tally: Tally,
  label: string,
  violations: readonly string[],
  trace: readonly string[],
): void {
  for (const violation of violations) {
    const same = tally.findings.filter((each) => each.violation.slice(0, 2) === violation.slice(0, 2)).length;
    tally.findings.push({ violation, label, trace: same < FINDINGS_TRACED ? trace : [] });
  }
}

const FINDINGS_TRACED = 5;

/** For people: each invariant with how often it was broken, the first cases, and one trace. */
export function renderFindings(tally: Tally): string {
  const groups = new Map<string, Finding[]>();
  for (const finding of tally.findings) {
    const id = finding.violation.slice(0, 2);
    groups.set(id, [...(groups.get(id) ?? []), finding]);
  }
  return [...groups]
    .map(([id, found]) => {
      const first = found.slice(0, 4).map((each) => `  [${each.label}] ${each.violation}`);
      return [`${id} x${found.length}`, ...first, ...(found[0]?.trace ?? [])].join("\n");
    })
    .join("\n\n");
}
