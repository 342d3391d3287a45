/**
 * Bench: validate from nothing, and plan after one query was changed, by number of queries. The second must do work
 * in proportion to the change (design 12): the counts say how much was compiled.
 */
import { bundleOfFiles } from "../lib/config/bundle.ts";
import { loadDesired } from "../lib/desired/desired.ts";
import { validateOutput } from "../lib/desired/validate-output.ts";
import { changeQueries, generateConfig } from "./generate-config.ts";
import { apply, createMemoryCluster, type Files, importLedger, loadConfig, plan } from "./memory-cluster.ts";
import { type Report, timed } from "./report.ts";

const QUERIES_PER_GRAPH = 100;
const GRAPH_COUNTS = [1, 10, 100];

/** Reports cold and warm times and counts for each size. */
export async function benchCompile(report: Report): Promise<void> {
  loadDesired(bundleOfFiles("bench", generateConfig(sizeOf(1))));
  for (const graphs of GRAPH_COUNTS) {
    const queries = graphs * QUERIES_PER_GRAPH;
    const files = generateConfig(sizeOf(graphs));
    await reportValidate(report, queries, files);
    await reportPlan(report, queries, files);
  }
}

function sizeOf(graphs: number) {
  return { graphs, queries_per_graph: QUERIES_PER_GRAPH, queries_per_file: 5 };
}

async function reportValidate(report: Report, queries: number, files: Files): Promise<void> {
  const { value, wall_ms, cpu_ms } = await timed(() => {
    const desired = loadDesired(bundleOfFiles("bench", files));
    return { desired, output: validateOutput(desired) };
  });
  if (!value.output.ok) throw new Error(`validate: ${JSON.stringify(value.output.diagnostics)}`);
  const queries_per_cpu_second = Math.round((queries * 1_000) / Math.max(1, cpu_ms));
  report(`validate ${shown(queries)} queries, cold`, {
    cpu_ms,
    wall_ms,
    queries_per_cpu_second,
    ...compiledCounts(value.desired.compiled),
  });
}

async function reportPlan(report: Report, queries: number, files: Files): Promise<void> {
  const cluster = createMemoryCluster();
  const first = await loadConfig(cluster, files);
  await importLedger(cluster, first);
  await apply(cluster, first);
  const changed = changeQueries(files, 1);
  const { value, wall_ms, cpu_ms } = await timed(async () => {
    const loaded = await loadConfig(cluster, changed);
    return { loaded, output: await plan(cluster, loaded) };
  });
  report(`plan ${shown(queries)} queries, one file changed, warm`, {
    cpu_ms,
    wall_ms,
    changes: value.output.changes.length,
    ...compiledCounts(value.loaded.desired.compiled),
  });
}

function compiledCounts(compiled: ReturnType<typeof loadDesired>["compiled"]) {
  const checked = compiled.query_files.reduce((sum, file) => sum + file.declarations.length, 0);
  return { parsed_files: compiled.query_files.length, checked_queries: checked };
}

function shown(count: number): string {
  return count.toLocaleString("en-US");
}
