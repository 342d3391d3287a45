/** The program whose memory bench/memory.ts measures: a first plan of 100,000 resources, and nothing else. */
import { generateConfig } from "./generate-config.ts";
import { createMemoryCluster, importLedger, loadConfig, plan } from "./memory-cluster.ts";
import { timed } from "./report.ts";

const SIZE = { graphs: 100, queries_per_graph: 998, queries_per_file: 10 };

const cluster = createMemoryCluster();
const files = generateConfig(SIZE);
const { value, wall_ms, cpu_ms } = await timed(async () => {
  const loaded = await loadConfig(cluster, files);
  await importLedger(cluster, loaded);
  return { resources: loaded.desired.resources.size, changes: (await plan(cluster, loaded)).changes.length };
});
const peak_mebibytes = Math.round(process.resourceUsage().maxRSS / 1_024);
process.stdout.write(JSON.stringify({ ...value, cpu_ms, wall_ms, peak_mebibytes }));
