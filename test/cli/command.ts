/** Runs the graphform command as a person or a script does: a process of its own, in a folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const COMMAND = join(ROOT, "bin", "graphform");
export const EXAMPLE = join(ROOT, "examples", "company-brain");
const WAIT_STEP_MS = 5;
const WAIT_MAX_MS = 20_000;

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ran>;
}

export function start(folder: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  const ended = new Promise<Ran>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, out, err }));
  });
  return { process: child, ended };
}

export function run(folder: string, ...args: readonly string[]): Promise<Ran> {
  return start(folder, args).ended;
}

/** One line for a shell, where `graphform` is the command. */
export function shell(folder: string, line: string): Promise<Ran> {
  const child = spawn(
    "/bin/sh",
    ["-c", `graphform() { "${process.execPath}" "${COMMAND}" "$@"; }\n${line}`],
    {
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (err += text));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, out, err })));
}

export interface JsonRan {
  readonly code: number | null;
  readonly document: Readonly<Record<string, unknown>>;
  readonly keys: readonly string[];
  readonly codes: readonly string[];
}

/** Runs with --json; fails unless standard output is one JSON object and nothing else. */
export async function runJson(folder: string, ...args: readonly string[]): Promise<JsonRan> {
  const { code, out } = await run(folder, ...args, "--json");
  const document = JSON.parse(out) as Readonly<Record<string, unknown>>;
  const diagnostics = (document["diagnostics"] ?? []) as readonly { readonly code: string }[];
  return { code, document, keys: Object.keys(document), codes: diagnostics.map((each) => each.code) };
}

const folders: string[] = [];

/** A folder whose name needs quoting, removed by `forgetFolders`. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "graphform cli #"));
  folders.push(folder);
  return folder;
}

export function copyOf(template: string): string {
  const folder = join(newFolder(), "config");
  cpSync(template, folder, { recursive: true });
  return folder;
}

export function forgetFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Waits until something is so, because another process does it. */
export async function until(what: () => boolean): Promise<void> {
  const started = Date.now();
  while (!what()) {
    if (Date.now() - started > WAIT_MAX_MS) throw new Error("it did not happen in time");
    await new Promise((resolve) => setTimeout(resolve, WAIT_STEP_MS));
  }
}

export function lockFile(folder: string): string {
  return join(folder, "__cluster", "lock.json");
}

export function isLocked(folder: string): boolean {
  return existsSync(lockFile(folder));
}
