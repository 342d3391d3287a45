/**
 * Bench: the memory that a plan of 100,000 resources takes (design 12), in a process of its own, bundled as the command
 * line is, so that neither another bench nor a loader of TypeScript is in the figure. The heap is limited, because
 * without a limit V8 lets garbage lie as long as there is room.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { Figures, Report } from "./report.ts";

const HEAP_MEBIBYTES = 350;

/** Bundles the program that is measured, runs it as a process and reports what it measured. */
export async function benchMemory(report: Report): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "graphform-bench-"));
  try {
    const entry = fileURLToPath(new URL("measured-plan.ts", import.meta.url));
    const outfile = join(folder, "measured-plan.mjs");
    const require = 'import { createRequire as r } from "node:module"; const require = r(import.meta.url);';
    await build({
      ...{ entryPoints: [entry], outfile, bundle: true, platform: "node" },
      ...{ format: "esm", packages: "bundle", banner: { js: require }, logLevel: "error" },
      external: ["@lancedb/lancedb", "apache-arrow", "@cedar-policy/cedar-wasm"],
    });
    const ran = spawnSync(process.execPath, [`--max-old-space-size=${HEAP_MEBIBYTES}`, outfile], {
      encoding: "utf8",
    });
    if (ran.status !== 0) throw new Error(`the bench of memory failed: ${ran.stderr}`);
    const figures: unknown = JSON.parse(ran.stdout);
    const limits = { heap_limit_mebibytes: HEAP_MEBIBYTES, target_mebibytes: 512 };
    report("plan of everything, nothing applied yet", { ...(figures as Figures), ...limits });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
