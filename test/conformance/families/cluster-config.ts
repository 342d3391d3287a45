/**
 * Cluster config cases: a command on a folder with given files, folders and graphs. `duplicate_yaml_keys` asks for the
 * keys of a bare YAML text and has no folder.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseYaml } from "../../../lib/config/yaml-document.ts";
import { type CaseFact, factProblems } from "../case-fact.ts";
import { type CommandOutput, createGraph, runCommand } from "../cluster-commands.ts";
import type { CaseResult, ConformanceCase, RunCase } from "../family.ts";

interface ExpectedDiagnostic {
  readonly code: string;
  readonly path?: string;
  readonly severity?: string;
  readonly message_contains?: readonly string[];
}

export interface ClusterConfigCase extends ConformanceCase {
  readonly command: string;
  readonly yaml?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly dirs?: readonly string[];
  /** Schema text by the path of the graph root. */
  readonly graphs?: Readonly<Record<string, string>>;
  /** What follows the command's name. */
  readonly args?: readonly string[];
  readonly expect?: {
    readonly ok: boolean | null;
    readonly codes_include: readonly string[];
    readonly codes_exclude: readonly string[];
    readonly diagnostics: readonly ExpectedDiagnostic[];
    readonly first_code?: string;
  };
  readonly facts?: readonly CaseFact[];
}

export const runCase: RunCase = async (each) => {
  const testCase = each as ClusterConfigCase;
  if (testCase.command === "duplicate_yaml_keys") return judgeDuplicates(testCase);
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "graphform-case-")));
  try {
    writeFolder(directory, testCase);
    for (const [path, schema] of Object.entries(testCase.graphs ?? {})) {
      await createGraph(directory, path, schema);
    }
    const output = await runCommand(testCase.command, directory, testCase.args ?? []);
    if (output === null) return failed([`there is no command ${testCase.command}`]);
    return failed(problemsOf(testCase, output));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

function failed(problems: readonly string[]): CaseResult {
  return problems.length === 0 ? { tag: "passed" } : { tag: "failed", detail: problems.join("; ") };
}

function judgeDuplicates(testCase: ClusterConfigCase): CaseResult {
  const { duplicates } = parseYaml(testCase.yaml ?? "", "cluster.yaml");
  return failed(factProblems(duplicates, testCase.facts ?? []));
}

function writeFolder(directory: string, testCase: ClusterConfigCase): void {
  for (const folder of testCase.dirs ?? []) mkdirSync(join(directory, folder), { recursive: true });
  for (const [path, content] of Object.entries(testCase.files ?? {})) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content.replaceAll("$" + "{DIR}", directory));
  }
}

function problemsOf(testCase: ClusterConfigCase, output: CommandOutput): readonly string[] {
  const { expect } = testCase;
  const codes = output.diagnostics.map((each) => each.code);
  const problems = factProblems(output, testCase.facts ?? []);
  if (expect === undefined) return problems;
  if (expect.ok !== null && output.ok !== expect.ok) {
    problems.push(`ok is ${output.ok} with ${JSON.stringify(output.diagnostics)}`);
  }
  for (const code of expect.codes_include) if (!codes.includes(code)) problems.push(`${code} is absent`);
  for (const code of expect.codes_exclude) if (codes.includes(code)) problems.push(`${code} is present`);
  if (expect.first_code !== undefined && codes[0] !== expect.first_code) {
    problems.push(`the first code is ${codes[0]}, not ${expect.first_code}`);
  }
  for (const wanted of expect.diagnostics) {
    if (!output.diagnostics.some((each) => matches(each, wanted))) {
      problems.push(`no diagnostic like ${JSON.stringify(wanted)} in ${JSON.stringify(output.diagnostics)}`);
    }
  }
  return problems;
}

function matches(found: CommandOutput["diagnostics"][number], wanted: ExpectedDiagnostic): boolean {
  const message = found.message.toLowerCase();
  return (
    found.code === wanted.code &&
    (wanted.path === undefined || found.path === wanted.path) &&
    (wanted.severity === undefined || found.severity === wanted.severity) &&
    (wanted.message_contains ?? []).every((part) => message.includes(part.toLowerCase()))
  );
}
