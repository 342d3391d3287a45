/**
 * Coverage of the simulation, as a ledger and not as a percentage (reliability 9): for each scenario how many calls it
 * makes, and how often each fate and each row of the truth table was met when every call was enumerated. It is checked
 * in as coverage.json, so that nothing can quietly stop being exercised.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Row } from "./chronicle.ts";
import { callsOf } from "./enumeration.ts";
import { type Fate, fatesOf } from "./fates.ts";
import { SCENARIOS } from "./scenarios.ts";

export const COVERAGE_FORMAT_VERSION = 1;

export interface ScenarioCoverage {
  /** Calls of the scenario when nothing goes wrong. */
  readonly calls: number;
  /** How many calls meet each fate. */
  readonly fates: Readonly<Partial<Record<Fate, number>>>;
}

export interface Coverage {
  readonly format_version: typeof COVERAGE_FORMAT_VERSION;
  readonly scenarios: Readonly<Record<string, ScenarioCoverage>>;
  /** How often all of them together met each row of the truth table. */
  readonly rows: Readonly<Partial<Record<Row, number>>>;
}

const FILE = fileURLToPath(new URL("coverage.json", import.meta.url));

export function recordedCoverage(): Coverage {
  return JSON.parse(readFileSync(FILE, "utf8")) as Coverage;
}

export function recordCoverage(coverage: Coverage): void {
  writeFileSync(FILE, `${JSON.stringify(coverage, null, 2)}\n`);
}

/** What each scenario offers to the enumeration now. */
export async function offeredCoverage(): Promise<Coverage["scenarios"]> {
  const scenarios: Record<string, ScenarioCoverage> = {};
  for (const scenario of SCENARIOS) {
    const calls = await callsOf(scenario);
    const fates: Partial<Record<Fate, number>> = {};
    for (const call of calls)
      for (const fate of fatesOf(call, call.ordinal === 0)) fates[fate] = (fates[fate] ?? 0) + 1;
    scenarios[scenario.name] = { calls: calls.length, fates };
  }
  return scenarios;
}
