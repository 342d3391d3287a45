/**
 * Bench: the memory that a plan of 100,000 resources takes (design 12), in a process of its own, so that no other
 * bench has left anything in it. The figure holds everything: Node, the loader of TypeScript, the files themselves.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { generateConfig } from "./generate-config.ts";
import { createMemoryCluster, importLedger, loadConfig, plan } from "./memory-cluster.ts";
import { type Report, timed } from "./report.ts";

const SELF = fileURLToPath(import.meta.url);
const SIZE = { graphs: 100, queries_per_graph: 998, queries_per_file: 10 };

/** Runs this file as a process and reports what it measured. */
export async function benchMemory(report: Report): Promise<void> {
  const ran = spawnSync(process.execPath, ["--import", "tsx", SELF], { encoding: "utf8" });
  if (ran.status !== 0) throw new Error(`the bench of memory failed: ${ran.stderr}`);
  const figures: unknown = JSON.parse(ran.stdout);
  report("plan of everything, nothing applied yet", figures as Readonly<Record<string, number>>);
}

async function measure(): Promise<void> {
  const cluster = createMemoryCluster();
  const files = generateConfig(SIZE);
  const { value, wall_ms, cpu_ms } = await timed(async () => {
    const loaded = await loadConfig(cluster, files);
    await importLedger(cluster, loaded);
    return {
      resources: loaded.desired.resources.size,
      changes: (await plan(cluster, loaded)).changes.length,
    };
  });
  const peak_mebibytes = Math.round(process.resourceUsage().maxRSS / 1_024);
  process.stdout.write(JSON.stringify({ ...value, cpu_ms, wall_ms, peak_mebibytes, target_mebibytes: 512 }));
}

if (process.argv[1] === SELF) await measure();
