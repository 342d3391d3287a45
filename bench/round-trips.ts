/**
 * Bench: store calls of the commands on a cluster of 10 graphs with 100 queries each: how many, and the longest chain
 * in which each waits for the one before (design 12). Calls to object store, ledger and lease table count; the rows of
 * graphs are in memory and do not.
 */
import { changeQueries, generateConfig, growSchema } from "./generate-config.ts";
import {
  apply,
  createMemoryCluster,
  type Files,
  importLedger,
  loadConfig,
  loadForApply,
  plan,
  refresh,
} from "./memory-cluster.ts";
import type { Report } from "./report.ts";
import { WaveCounter } from "./wave-counter.ts";

const SIZE = { graphs: 10, queries_per_graph: 100, queries_per_file: 1 };
const CHANGED_QUERIES = 10;
/** A cluster of a hundred graphs, in whose first fifty all queries change. */
const WIDE = { graphs: 100, queries_per_graph: 20, queries_per_file: 1 };
const CHANGED_GRAPHS = 50;

/** Reports calls, chain and target of each command. */
export async function benchRoundTrips(report: Report): Promise<void> {
  const counter = new WaveCounter();
  const cluster = createMemoryCluster(counter.gate);
  const files = generateConfig(SIZE);
  const planned = (config: Files) =>
    counter.count(async () => plan(cluster, await loadConfig(cluster, config)));
  const applied = (config: Files) =>
    counter.count(async () => apply(cluster, await loadForApply(cluster, config)));

  await importLedger(cluster, await loadConfig(cluster, files));
  report("first apply, 10 graphs", await applied(files));
  report("plan, unchanged", { ...(await planned(files)), target_chain: 3 });
  report("apply, unchanged", { ...(await applied(files)), target_chain: 5 });
  const one = changeQueries(files, 1, 1);
  report("apply, 1 changed query", { ...(await applied(one)), target_chain: 8 });
  const queries = changeQueries(one, CHANGED_QUERIES);
  report("plan, 10 changed queries", { ...(await planned(queries)), target_chain: 3 });
  const catalog = await applied(queries);
  report("apply, 10 changed queries", { ...catalog, target_chain: 8 });
  const grown = growSchema(queries);
  report("plan, one changed schema", await planned(grown));
  const moved = await applied(grown);
  report("apply, one changed schema", { ...moved, target_chain: "8 + 5" });
  await benchWideCluster(report);
}

async function benchWideCluster(report: Report): Promise<void> {
  const counter = new WaveCounter();
  const cluster = createMemoryCluster(counter.gate);
  const files = generateConfig(WIDE);
  await importLedger(cluster, await loadConfig(cluster, files));
  await apply(cluster, await loadConfig(cluster, files));
  let changed: Files = files;
  for (let graph = 0; graph < CHANGED_GRAPHS; graph += 1) {
    changed = changeQueries(changed, WIDE.queries_per_graph, graph);
  }
  const catalog = await counter.count(async () => apply(cluster, await loadForApply(cluster, changed)));
  report("apply, 1,000 changed queries of 100 graphs", { ...catalog, target_chain: 8 });
  const loaded = await loadConfig(cluster, changed);
  report("refresh of 100 graphs", await counter.count(() => refresh(cluster, loaded)));
}
