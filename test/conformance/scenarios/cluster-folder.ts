/**
 * A cluster in a temporary folder, for scenarios: a small books with one graph, one query and one policy, which each
 * scenario changes as it needs. Commands run as a user runs them, with `--json`.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { assert } from "../../../lib/digest/assert.ts";
import { valueAt } from "../case-fact.ts";
import { type CommandOutput, createGraph, runCommand } from "../cluster-commands.ts";

export const BOOKS_SCHEMA = "node Book {\n  title: String @key\n  pages: I32?\n}\n";
export const WIDER_SCHEMA = "node Book {\n  title: String @key\n  pages: I32?\n  year: I32?\n}\n";

/** A change of this schema that no migration can make. */
export const NARROWER_SCHEMA = "node Book {\n  title: String @key\n  pages: String?\n}\n";

/** The ledger as far as scenarios look into it. */
export interface StateFile {
  readonly state_revision: number;
  readonly applied_revision: {
    readonly config_digest: string | null;
    readonly resources: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  readonly resource_statuses: Readonly<Record<string, unknown>>;
}

export const LIBRARY: Readonly<Record<string, string>> = {
  "cluster.yaml": [
    "version: 1",
    "metadata: { name: books }",
    "graphs:",
    "  books:",
    "    schema: books.pg",
    "    queries: { find_book: { file: books.gq } }",
    "policies:",
    "  readers:",
    "    file: readers.yaml",
    "    applies_to: [books]",
    "",
  ].join("\n"),
  "books.pg": BOOKS_SCHEMA,
  "books.gq": [
    "query find_book($title: String) {",
    "  match { $b: Book { title: $title } }",
    "  return { $b.title, $b.pages }",
    "}",
    "",
  ].join("\n"),
  "readers.yaml": "version: 1\nrules: []\n",
};

/** A command's output, asked by path as the cases of the corpus ask. */
export interface ScenarioOutput extends CommandOutput {
  readonly codes: readonly string[];
  at(path: string): unknown;
  /** The change of one address, or undefined. */
  change(resource: string): Readonly<Record<string, unknown>> | undefined;
}

export interface ClusterFolder {
  readonly path: string;
  write(path: string, text: string): void;
  read(path: string): string;
  json(path: string): unknown;
  exists(path: string): boolean;
  /** The intents that are open. */
  intents(): readonly string[];
  /** The versions of every graph. */
  graphs(): readonly string[];
  remove(path: string): void;
  /** Creates a graph behind the back of the control plane. */
  create(graph: string, schema: string): Promise<void>;
  run(command: string, ...args: readonly string[]): Promise<ScenarioOutput>;
}

const RECOVERIES = "__cluster/recoveries";

/** The books, with `files` instead of or beside its own. It is removed when the test is over. */
export function clusterFolder(files: Readonly<Record<string, string>> = {}): ClusterFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "graphform-scenario-")));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  };
  for (const [name, text] of Object.entries({ ...LIBRARY, ...files })) write(name, text);
  const exists = (name: string) => existsSync(join(path, name));
  const read = (name: string) => readFileSync(join(path, name), "utf8");
  return {
    path,
    write,
    read,
    json: (name) => JSON.parse(read(name)) as unknown,
    exists,
    intents: () => (exists(RECOVERIES) ? readdirSync(join(path, RECOVERIES)) : []),
    graphs: () =>
      exists("graphs")
        ? readdirSync(join(path, "graphs"), { recursive: true, encoding: "utf8" }).filter((name) =>
            name.includes("__manifest"),
          )
        : [],
    remove: (name) => rmSync(join(path, name), { recursive: true, force: true }),
    create: (graph, schema) => createGraph(path, `graphs/${graph}.omni`, schema),
    run: async (command, ...args) => scenarioOutput(command, await runCommand(command, path, args)),
  };
}

function scenarioOutput(command: string, output: CommandOutput | null): ScenarioOutput {
  assert(output !== null, `there is a command ${command}`);
  return {
    ...output,
    codes: output.diagnostics.map((each) => each.code),
    at: (path) => valueAt(output, path),
    change: (resource) => changesOf(output).find((each) => each["resource"] === resource),
  };
}

function changesOf(output: CommandOutput): readonly Readonly<Record<string, unknown>>[] {
  return (valueAt(output, "changes") ?? []) as readonly Readonly<Record<string, unknown>>[];
}

/** A books that has been imported and applied. */
export async function appliedFolder(files: Readonly<Record<string, string>> = {}): Promise<ClusterFolder> {
  const folder = clusterFolder(files);
  const imported = await folder.run("import");
  const applied = await folder.run("apply");
  assert(imported.ok && applied.ok, `the books applies: ${JSON.stringify(applied.diagnostics)}`);
  return folder;
}

/** A lock as another program leaves it. */
export function lockText(lockId: string, operation = "apply", version = 1): string {
  const lock = { version, lock_id: lockId, operation, created_at: "2026-02-03T04:05:06Z", pid: 77 };
  return JSON.stringify(lock, null, 2);
}
