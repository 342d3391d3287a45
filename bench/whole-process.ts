/**
 * Bench: whole processes, because a person waits for the whole: Node alone, the command without work, and plan, of the
 * example folder and of a generated folder of a real cluster's size, both applied before and unchanged.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { generateConfig, INDUSTRY_SIZE } from "./generate-config.ts";
import { median, type Report } from "./report.ts";

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
const COMMAND = join(PROJECT, "bin", "graphform");
const RUNS = 9;

/** Makes a process write its CPU time, in microseconds, to descriptor 3 as the last thing it does. */
const CPU_PROBE =
  'import { writeSync } from "node:fs"; process.on("exit", () => { const u = process.cpuUsage(); writeSync(3, String(u.user + u.system)); });';

/** Reports the medians of some starts of each. */
export async function benchWholeProcess(report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "graphform-bench-"));
  try {
    const example = join(folder, "company-brain");
    cpSync(join(PROJECT, "examples", "company-brain"), example, { recursive: true });
    const generated = join(folder, "industry");
    writeFolder(generated, generateConfig(INDUSTRY_SIZE));
    report("node alone", measure(["-e", "0"]));
    report("graphform --version", measure([COMMAND, "--version"]));
    for (const [name, config] of [
      ["example", example],
      ["73 queries", generated],
    ] as const) {
      command(config, "import");
      command(config, "apply");
      report(`validate, ${name}`, measure([COMMAND, "validate", "--config", config]));
      report(`plan, ${name}, unchanged`, measure([COMMAND, "plan", "--config", config]));
      rmSync(join(config, "__graphform", "compiled"), { recursive: true });
      report(`plan, ${name}, nothing compiled yet`, measure([COMMAND, "plan", "--config", config]));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function writeFolder(root: string, files: ReadonlyMap<string, Uint8Array>): void {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), bytes);
  }
}

function command(config: string, verb: string): void {
  const ran = spawnSync(process.execPath, [COMMAND, verb, "--config", config], { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`graphform ${verb}: ${ran.stdout}${ran.stderr}`);
}

function measure(args: readonly string[]): { readonly wall_ms: number; readonly cpu_ms: number } {
  const wall: number[] = [];
  const cpu: number[] = [];
  const probe = ["--import", `data:text/javascript,${encodeURIComponent(CPU_PROBE)}`];
  for (let run = 0; run < RUNS; run += 1) {
    const start = performance.now();
    const ran = spawnSync(process.execPath, [...probe, ...args], {
      stdio: ["ignore", "ignore", "inherit", "pipe"],
      encoding: "utf8",
    });
    wall.push(performance.now() - start);
    if (ran.status !== 0) throw new Error(`${args.join(" ")} ended with ${ran.status}`);
    cpu.push(Number(ran.output[3]) / 1_000);
  }
  return { wall_ms: Math.round(median(wall)), cpu_ms: Math.round(median(cpu)) };
}
