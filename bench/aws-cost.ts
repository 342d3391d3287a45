/**
 * Bench: what plans and applies cost on AWS, from the requests that they make. Requests are counted, on the cluster of
 * the bench of round trips; the time that a function runs is its chain of requests times an assumed answer time, plus
 * the processor time that was measured. Prices are the public ones of us-east-1 and may change; storage, transfer and
 * free tiers are left out.
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
} from "./memory-cluster.ts";
import { type Report, timed } from "./report.ts";
import { WaveCounter } from "./wave-counter.ts";

const SIZE = { graphs: 10, queries_per_graph: 100, queries_per_file: 1 };

/** US dollars, us-east-1, November 2026. */
const PRICES = {
  s3_put_or_list: 0.005 / 1_000,
  s3_get: 0.0004 / 1_000,
  dynamodb_write_kib: 0.625 / 1_000_000,
  dynamodb_read_4kib: 0.125 / 1_000_000,
  lambda_request: 0.2 / 1_000_000,
  lambda_arm_gb_s: 0.0000133334,
  sqs_fifo_request: 0.5 / 1_000_000,
  api_request: 1 / 1_000_000,
} as const;

/** Assumed, not measured: how long S3 and DynamoDB take to answer. */
const ANSWER_MS = 25;
/** Memory of the functions that plan and apply. */
const FUNCTION_GB = 2;
/** The item of a lease, rounded up. */
const LEASE_KIB = 3;
/** Sending, receiving and deleting the message of a run. */
const QUEUE_REQUESTS = 3;
/** Ordering a run, and asking twice how it is. */
const API_REQUESTS = 3;
const RUNS = 1_000;

const LEASE_CHANGES = new Set(["acquire", "renew", "release", "break"]);
const LEASE_READS = new Set(["read", "knows"]);

/** Dollars for the requests of one run. Removals from S3 are free; a lease change reads and writes its item. */
function requestCost(methods: ReadonlyMap<string, number>): number {
  let dollars = 0;
  for (const [method, count] of methods) {
    if (LEASE_CHANGES.has(method)) {
      dollars += count * (PRICES.dynamodb_read_4kib + LEASE_KIB * PRICES.dynamodb_write_kib);
    } else if (LEASE_READS.has(method)) dollars += count * PRICES.dynamodb_read_4kib;
    else if (method === "get") dollars += count * PRICES.s3_get;
    else if (method !== "remove") dollars += count * PRICES.s3_put_or_list;
  }
  return dollars;
}

/** Reports what a thousand runs of each kind cost. */
export async function benchAwsCost(report: Report): Promise<void> {
  const counter = new WaveCounter();
  const cluster = createMemoryCluster(counter.gate);
  const files = generateConfig(SIZE);
  const measure = async (name: string, run: () => Promise<unknown>): Promise<void> => {
    const { value: count, cpu_ms } = await timed(() => counter.count(run));
    const function_ms = count.chain * ANSWER_MS + cpu_ms;
    const requests = RUNS * requestCost(counter.methods);
    const lambda =
      RUNS * (PRICES.lambda_request + (function_ms / 1_000) * FUNCTION_GB * PRICES.lambda_arm_gb_s);
    const around = RUNS * (QUEUE_REQUESTS * PRICES.sqs_fifo_request + API_REQUESTS * PRICES.api_request);
    report(name, {
      calls: count.calls,
      function_ms,
      requests_usd: dollars(requests),
      lambda_usd: dollars(lambda),
      queue_and_api_usd: dollars(around),
      total_usd: dollars(requests + lambda + around),
    });
  };
  const planned = (config: Files) => async () => plan(cluster, await loadConfig(cluster, config));
  const applied = (config: Files) => async () => apply(cluster, await loadForApply(cluster, config));

  await importLedger(cluster, await loadConfig(cluster, files));
  await apply(cluster, await loadConfig(cluster, files));
  await measure("1,000 plans, unchanged", planned(files));
  await measure("1,000 applies, unchanged", applied(files));
  const queries = changeQueries(files, 10);
  await measure("1,000 plans, 10 changed queries", planned(queries));
  await measure("1,000 applies, 10 changed queries", applied(queries));
  await measure("1,000 applies, one changed schema", applied(growSchema(queries)));
}

function dollars(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
