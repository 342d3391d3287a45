/**
 * Bench: each function as it is deployed. The JavaScript that it carries and the part of it that it reads to start; and
 * how long it takes to start in a bare process, beside an empty handler with the SDK clients that all start with.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleEntry, bundleHandler } from "../infra/handler-code.ts";
import { HANDLER_NAMES } from "../infra/handler-name.ts";
import { bundleFacts } from "./bundle-facts.ts";
import type { Report } from "./report.ts";
import { environmentIn, startCpuMs } from "./start-time.ts";

const STARTS = 9;

/** Reports every function; Cedar and Lance are beside the bundles and not counted. */
export async function benchFunctions(report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "graphform-bench-"));
  try {
    const environment = environmentIn(folder);
    const empty = join(folder, "empty");
    await bundleEntry(fileURLToPath(new URL("empty-handler.ts", import.meta.url)), empty);
    const emptyMs = startCpuMs(empty, environment, STARTS);
    report("empty handler", { start_cpu_ms: emptyMs });
    for (const name of HANDLER_NAMES) {
      const outdir = join(folder, name);
      const { total_bytes, start_bytes, start_packages } = bundleFacts(await bundleHandler(name, outdir));
      const start_cpu_ms = startCpuMs(outdir, environment, STARTS);
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
