/** Start time: the processor time that a bare process takes to load a handler or a package, under the stack's environment. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { median } from "./report.ts";

/** What the stack gives the functions, as far as it takes to start. */
export function environmentIn(folder: string): NodeJS.ProcessEnv {
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

/** Processor time of a process that loads the handler in `folder` and ends, without that of Node itself. */
export function startCpuMs(folder: string, env: NodeJS.ProcessEnv, starts: number): number {
  const url = pathToFileURL(join(folder, "index.mjs")).href;
  return importCpuMs(url, "typeof loaded.handler === 'function'", env, starts);
}

/** The same for any module; `isWhole` is an expression that must hold of what is `loaded`. */
export function importCpuMs(
  specifier: string,
  isWhole: string,
  env: NodeJS.ProcessEnv,
  starts: number,
): number {
  const script = `
    const before = process.cpuUsage();
    const loaded = await import(${JSON.stringify(specifier)});
    const { user, system } = process.cpuUsage(before);
    if (!(${isWhole})) throw new Error("it is not what was to be loaded");
    process.stdout.write(String((user + system) / 1000));`;
  const args = ["--input-type=module", "--eval", script];
  const times = Array.from({ length: starts }, () =>
    Number(
      execFileSync(process.execPath, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }),
    ),
  );
  return Math.round(median(times));
}
