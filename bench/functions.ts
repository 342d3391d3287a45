/**
 * Bench: each function as it is deployed. The JavaScript that it carries and the part of it that it reads to start; and
 * how long it takes to start in a bare process, beside an empty handler with the SDK clients that all start with.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundleEntry, bundleHandler } from "../infra/handler-code.ts";
import { HANDLER_NAMES } from "../infra/handler-name.ts";
import { bundleFacts } from "./bundle-facts.ts";
import { median, type Report } from "./report.ts";

const STARTS = 9;

/** Reports every function; Cedar and Lance are beside the bundles and not counted. */
export async function benchFunctions(report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "graphform-bench-"));
  try {
    const environment = environmentIn(folder);
    const empty = join(folder, "empty");
    await bundleEntry(fileURLToPath(new URL("empty-handler.ts", import.meta.url)), empty);
    const emptyMs = startCpuMs(empty, environment);
    report("empty handler", { start_cpu_ms: emptyMs });
    for (const name of HANDLER_NAMES) {
      const outdir = join(folder, name);
      const { total_bytes, start_bytes, start_packages } = bundleFacts(await bundleHandler(name, outdir));
      const start_cpu_ms = startCpuMs(outdir, environment);
      const ratio_to_empty = Number((start_cpu_ms / emptyMs).toFixed(2));
      const watched = ["yaml", "chevrotain", "re2js"].filter((each) => start_packages.has(each));
      report(name, {
        total_bytes,
        start_bytes,
        start_cpu_ms,
        ratio_to_empty,
        starts_with: watched.join(" ") || "no parser",
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What the stack gives the functions, as far as it takes to start. */
function environmentIn(folder: string): NodeJS.ProcessEnv {
  mkdirSync(folder, { recursive: true });
  const settings = join(folder, "settings.json");
  writeFileSync(settings, JSON.stringify({ format_version: 1 }));
  return {
    PATH: process.env["PATH"],
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "none",
    AWS_SECRET_ACCESS_KEY: "none",
    AWS_LAMBDA_FUNCTION_NAME: "bench",
    GRAPHFORM_SETTINGS: settings,
    GRAPHFORM_BUCKET: "bench",
    GRAPHFORM_LEASE_TABLE: "bench",
    GRAPHFORM_APPLIES_QUEUE: "https://sqs.us-east-1.amazonaws.com/1/applies.fifo",
    GRAPHFORM_TASKS_QUEUE: "https://sqs.us-east-1.amazonaws.com/1/tasks.fifo",
    GRAPHFORM_NOTICES_TOPIC: "arn:aws:sns:us-east-1:1:notices",
    GRAPHFORM_API_ID: "bench",
  };
}

/** Processor time of a process that loads the handler and ends, without that of Node itself. */
function startCpuMs(folder: string, env: NodeJS.ProcessEnv): number {
  const url = pathToFileURL(join(folder, "index.mjs")).href;
  const script = `
    const before = process.cpuUsage();
    const { handler } = await import(${JSON.stringify(url)});
    const { user, system } = process.cpuUsage(before);
    if (typeof handler !== "function") throw new Error("there is no handler");
    process.stdout.write(String((user + system) / 1000));`;
  const args = ["--input-type=module", "--eval", script];
  const starts = Array.from({ length: STARTS }, () =>
    Number(
      execFileSync(process.execPath, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }),
    ),
  );
  return Math.round(median(starts));
}
