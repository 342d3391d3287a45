/**
 * Cluster config cases: a command on a folder with given files, folders and graphs.
 *
 * Every command has one row in `COMMANDS`; a command without a row fails its cases by name instead of passing them by
 * silence. `duplicate_yaml_keys` asks for the keys of a bare YAML text and has no folder.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseYaml } from "../../../lib/config/yaml-document.ts";
import { loadDesired } from "../../../lib/desired/desired.ts";
import { validateOutput } from "../../../lib/desired/validate-output.ts";
import { readBundle } from "../../../lib/file/bundle-reader.ts";
import { type CaseFact, factProblems } from "../case-fact.ts";
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

/** What every command's output has in common; the rest of it is looked at through the facts only. */
export interface CommandOutput {
  readonly ok: boolean;
  readonly diagnostics: readonly {
    readonly code: string;
    readonly severity: string;
    readonly path: string;
    readonly message: string;
  }[];
}

/** Runs one command on the folder `directory`, which already holds the files of the case. */
type RunCommand = (directory: string, testCase: ClusterConfigCase) => Promise<CommandOutput>;

const COMMANDS: Readonly<Record<string, RunCommand>> = {
  validate: async (directory) => validateOutput(loadDesired(await readBundle(directory))),
};

export const runCase: RunCase = async (each) => {
  const testCase = each as ClusterConfigCase;
  if (testCase.command === "duplicate_yaml_keys") return judgeDuplicates(testCase);
  const command = COMMANDS[testCase.command];
  if (command === undefined) return failed([`the command ${testCase.command} is not wired`]);
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "graphform-case-")));
  try {
    writeFolder(directory, testCase);
    return failed(problemsOf(testCase, await command(directory, testCase)));
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
