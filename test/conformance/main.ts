/**
 * `npm run conformance -- <corpus folder> [--json]`: runs every case of `<corpus>/conformance/<family>.json` and
 * prints, per family, passed, failed and deliberate deviations. Exit code 1 on any failed case, and on a deviation
 * row that no longer deviates.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CaseResult, ConformanceCase, RunCase } from "./family.ts";

const FAMILIES: Readonly<Record<string, () => Promise<{ runCase: RunCase }>>> = {
  schema_parser: () => import("./families/schema-parser.ts"),
  query_parser: () => import("./families/query-parser.ts"),
  query_typecheck: () => import("./families/query-typecheck.ts"),
  query_lint: () => import("./families/query-lint.ts"),
  schema_migration: () => import("./families/schema-migration.ts"),
  cluster_config: () => import("./families/cluster-config.ts"),
  policy: () => import("./families/policy.ts"),
};

interface DeviationRow {
  readonly id: string;
  readonly reason: string;
}

interface FamilyReport {
  passed: number;
  failed: string[];
  deviations: string[];
}

async function runFamily(
  name: string,
  cases: readonly ConformanceCase[],
  deviations: ReadonlyMap<string, string>,
) {
  const report: FamilyReport = { passed: 0, failed: [], deviations: [] };
  const details: string[] = [];
  const { runCase } = await FAMILIES[name]!();
  for (const testCase of cases) {
    const result: CaseResult = await runCase(testCase).catch(crashed);
    const reason = deviations.get(testCase.id);
    if (result.tag === "passed" && reason === undefined) report.passed += 1;
    else if (result.tag === "passed") {
      report.failed.push(testCase.id);
      details.push(`${testCase.id}: is listed as a deviation and passes; remove its row`);
    } else if (reason !== undefined) report.deviations.push(testCase.id);
    else {
      report.failed.push(testCase.id);
      details.push(`${testCase.id}: ${result.detail}`);
    }
  }
  return { report, details };
}

/** A case that makes the program throw has found a defect; the other cases are still run. */
function crashed(error: unknown): CaseResult {
  return { tag: "failed", detail: `threw ${error instanceof Error ? error.message : String(error)}` };
}

async function main(): Promise<number> {
  const args = process.argv.slice(2);
  const json = args.includes("--json");
  const corpus = args.find((each) => !each.startsWith("--"));
  if (corpus === undefined) {
    process.stderr.write("usage: npm run conformance -- <corpus folder> [--json]\n");
    return 2;
  }
  const rows: DeviationRow[] = JSON.parse(
    readFileSync(new URL("./deviations.json", import.meta.url), "utf8"),
  );
  const deviations = new Map(rows.map((row) => [row.id, row.reason]));
  const families: Record<string, FamilyReport> = {};
  const lines: string[] = [];
  for (const name of Object.keys(FAMILIES)) {
    const file = join(corpus, "conformance", `${name}.json`);
    const cases: ConformanceCase[] = JSON.parse(readFileSync(file, "utf8"));
    const { report, details } = await runFamily(name, cases, deviations);
    families[name] = report;
    lines.push(
      `${name.padEnd(18)} ${report.passed} passed, ${report.failed.length} failed, ${report.deviations.length} deviations`,
      ...details.map((detail) => `  ${detail}`),
      ...report.deviations.map((id) => `  deviates on purpose: ${id}: ${deviations.get(id)}`),
    );
  }
  process.stdout.write(json ? `${JSON.stringify({ families }, null, 2)}\n` : `${lines.join("\n")}\n`);
  return Object.values(families).some((report) => report.failed.length > 0) ? 1 : 0;
}

process.exitCode = await main();
