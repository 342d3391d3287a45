/**
 * Bench: what a deployment costs on AWS: a thousand runs of each kind, and a month in which nobody asks for anything.
 * Requests, bytes and lines of the log are counted on a deployment in memory, the requests of Lance on an S3 server of
 * this process, alarms and queues in the template of the stack; processor time is measured. What is assumed is in
 * cost-assumptions.ts, prices in aws-prices.ts. Left out: free tiers, storage beyond a month, support and taxes.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleHandler } from "../infra/handler-code.ts";
import { API_MEMORY_MB, GRAPH_MEMORY_MB, SMALL_MEMORY_MB } from "../infra/limits.ts";
import { packFiles } from "../lib/intake/pack.ts";
import type { ScheduledKind } from "../lib/worker/work-message.ts";
import { PRICES_DATE, PRICES_REGION, type Resource } from "./aws-prices.ts";
import {
  ANSWER_MS,
  COLD_STARTS_A_RUN,
  DATASETS_A_GRAPH,
  LANCE_BYTES_MS,
  LEASE_ITEM_BYTES,
  QUEUE_MS,
  RUNTIME_START_CPU_MS,
  SCHEDULED_COLD_SHARE,
} from "./cost-assumptions.ts";
import { type Counted, type CountedDeployment, createCountedDeployment } from "./counted-deployment.ts";
import { changeQueries, generateConfig, growSchema } from "./generate-config.ts";
import { type IdleUsage, idleUsage } from "./idle-usage.ts";
import { type LanceRequests, LOADED_ROWS, lanceRequests } from "./lance-requests.ts";
import type { Files } from "./memory-cluster.ts";
import type { Figures, Report } from "./report.ts";
import { stackFacts } from "./stack-facts.ts";
import { environmentIn, importCpuMs, startCpuMs } from "./start-time.ts";
import { dollarsByService, dollarsOf, sumOf, times, type Usage } from "./usage.ts";
import { waitingFor } from "./waiting.ts";
import {
  gatewayUsage,
  gbSeconds,
  invocationUsage,
  messageUsage,
  processorMs,
  requestUsage,
  s3Usage,
  workMs,
} from "./work-usage.ts";

const SIZE = { graphs: 10, queries_per_graph: 100, queries_per_file: 1 };
const CHANGED_QUERIES = 10;
const RUNS = 1_000;
const CLUSTERS = [1, 100] as const;
const STARTS = 3;
const LONG_RUN_MS = 300_000;
const DONE: ReadonlySet<string> = new Set(["planned", "applied", "noop"]);

/** Whoever runs this bench may do everything, and each of it is asked of Cedar. */
const POLICY = `version: 1
groups: { operators: [ana] }
rules:
  - id: operators
    allow:
      actors: { group: operators }
      actions: [graph_list, cluster_validate, cluster_plan, cluster_apply, cluster_refresh, cluster_import,
        cluster_read_status, cluster_read_history]
`;

/** How long environments take to start, in milliseconds of the function's memory. */
interface Starts {
  readonly api: number;
  readonly plan: number;
  readonly apply: number;
  readonly schedule: number;
  /** Loading Lance into a worker, at the first touch of rows. */
  readonly lance: number;
}

interface Bench {
  readonly report: Report;
  readonly deployment: CountedDeployment;
  readonly starts: Starts;
}

interface Run {
  readonly name: string;
  readonly kind: "plan" | "apply";
  readonly files: Files;
}

export async function benchAwsCost(report: Report): Promise<void> {
  report(`prices of ${PRICES_REGION}, ${PRICES_DATE}`, { assumed_answer_ms: ANSWER_MS });
  const deployment = createCountedDeployment();
  const bench: Bench = { report, deployment, starts: await measureStarts() };
  report("cold starts, ms", { ...bench.starts });
  const files = new Map(generateConfig(SIZE)).set("policies/cluster.yaml", Buffer.from(POLICY));
  await begin(deployment, files);
  const queries = changeQueries(files, CHANGED_QUERIES);
  const grown = growSchema(queries);
  const runs: readonly Run[] = [
    { name: "plans, unchanged", kind: "plan", files },
    { name: "applies, unchanged", kind: "apply", files },
    { name: "plans, 10 changed queries", kind: "plan", files: queries },
    { name: "applies, 10 changed queries", kind: "apply", files: queries },
    { name: "plans, one changed schema", kind: "plan", files: grown },
    { name: "applies, one changed schema", kind: "apply", files: grown },
  ];
  for (const run of runs) await measureRun(bench, run);
  reportLongWait(report);
  const { merge, clean_up } = await lanceRequests();
  reportRows(bench, merge);
  await measureIdle(bench, cleanUpUsage(bench, clean_up));
}

/** A cluster with a ledger and the config applied. */
async function begin(deployment: CountedDeployment, files: Files): Promise<void> {
  await deployment.request("POST", "import", {});
  await deployment.work("applies");
  const { digest: bundle_digest } = await bundleOf(deployment, files);
  await deployment.request("POST", "applies", { bundle_digest });
  await deployment.work("applies");
}

async function bundleOf(deployment: CountedDeployment, files: Files) {
  const zip = await packFiles([...files].map(([path, bytes]) => ({ path, bytes })));
  const kept = await deployment.request("POST", "bundles", zip);
  return { kept, digest: textIn(kept.value.body, "bundle_digest") };
}

/** What a caller asks for who plans or applies a folder, as the command line does, and what the worker does for it. */
async function measureRun({ report, deployment, starts }: Bench, run: Run): Promise<void> {
  const { kept, digest: bundle_digest } = await bundleOf(deployment, run.files);
  const [route, queue] =
    run.kind === "plan" ? (["plans", "tasks"] as const) : (["applies", "applies"] as const);
  const ordering = await deployment.request("POST", route, { bundle_digest });
  const path = `runs/${textIn(objectIn(ordering.value.body, "run"), "run_id")}`;
  const asking = await deployment.request("GET", `${path}?wait=0`);
  const looking = await deployment.request("GET", `${path}?wait=1`);
  const work = await deployment.work(queue);
  const end = await deployment.request("GET", path);
  const plan_id = run.kind === "plan" ? textIn(objectIn(end.value.body, "run"), "plan_id") : null;
  const plan = plan_id === null ? null : await deployment.request("GET", `plans/${plan_id}`);
  const outcome = textIn(objectIn(end.value.body, "run"), "outcome");
  if (!DONE.has(outcome)) throw new Error(`${run.name}: ${outcome}`);
  if (work.row_calls > 0)
    throw new Error(`${run.name} touches rows, and what Lance asks for is not counted here`);

  const busyMs = workMs(work, GRAPH_MEMORY_MB);
  const coldMs = COLD_STARTS_A_RUN * starts[run.kind];
  const runMs = QUEUE_MS + coldMs + busyMs;
  const waiting = waitingFor(runMs);
  const once = [kept, ordering, end, ...(plan === null ? [] : [plan])].map(apiUsage);
  const look = requestUsage({ calls: differenceOf(looking.calls, asking.calls), lease_bytes: 0 });
  const api = sumOf(...once, times(waiting.questions - 1, apiUsage(asking)), times(waiting.looks, look), {
    lambda_gb_s: gbSeconds(waiting.held_ms, API_MEMORY_MB),
  });
  const worker = sumOf(invocationUsage(work, GRAPH_MEMORY_MB), messageUsage());
  const cold: Usage = {
    lambda_gb_s:
      gbSeconds(coldMs, GRAPH_MEMORY_MB) + gbSeconds(COLD_STARTS_A_RUN * starts.api, API_MEMORY_MB),
  };
  const name = `1,000 ${run.name}`;
  report(`${name}: one run`, {
    outcome,
    run_ms: Math.round(runMs),
    worker_ms: Math.round(busyMs),
    held_api_ms: waiting.held_ms,
    worker_gb_s: rounded(worker.lambda_gb_s),
    api_gb_s: rounded(api.lambda_gb_s),
    cold_gb_s: rounded(cold.lambda_gb_s),
    kb_written: Math.round((work.bytes_written + kept.bytes_written) / 1_000),
  });
  report(`${name}: requests`, requestsIn(times(RUNS, sumOf(api, worker))));
  report(`${name}: US dollars`, dollars(times(RUNS, sumOf(api, worker, cold))));
}

/** What rows cost beside the run that brings them. Lance is taken to ask one request after the other. */
function reportRows({ report, starts }: Bench, requests: LanceRequests): void {
  const asked = sumOf(...[...requests].map(([method, count]) => s3Usage(method, count)));
  const ms = totalOf(requests) * ANSWER_MS;
  const usage = sumOf(asked, { lambda_gb_s: gbSeconds(ms + starts.lance, GRAPH_MEMORY_MB) });
  report(`1,000 merges of ${LOADED_ROWS} rows, Lance alone`, {
    ...requestsIn(times(RUNS, asked)),
    gb_s: rounded(RUNS * (usage.lambda_gb_s ?? 0)),
    ...dollars(times(RUNS, usage)),
  });
}

/** What a reclaim asks of the datasets of a cluster, beside the calls that are counted in memory. */
function cleanUpUsage({ report }: Bench, requests: LanceRequests): Usage {
  report("a look into one dataset", Object.fromEntries(requests));
  const dataset = sumOf(...[...requests].map(([method, count]) => s3Usage(method, count)));
  const ms = (1 + DATASETS_A_GRAPH * totalOf(requests)) * ANSWER_MS;
  const graph = sumOf(s3Usage("list", 1), times(DATASETS_A_GRAPH, dataset), {
    lambda_gb_s: gbSeconds(ms, GRAPH_MEMORY_MB),
  });
  return times(SIZE.graphs, graph);
}

function apiUsage(request: Counted<{ readonly bytes: number }>): Usage {
  return sumOf(invocationUsage(request, API_MEMORY_MB), gatewayUsage(request.value.bytes));
}

/** Somebody who waits for a long run holds an execution of the API all the while. */
function reportLongWait(report: Report): void {
  const { questions, held_ms, looks } = waitingFor(LONG_RUN_MS);
  const held: Usage = { lambda_gb_s: gbSeconds(held_ms, API_MEMORY_MB) };
  report("1,000 waits for a run of 5 minutes", {
    questions: RUNS * questions,
    looks: RUNS * looks,
    gb_s: rounded(RUNS * (held.lambda_gb_s ?? 0)),
    held_usd: rounded(dollarsOf(times(RUNS, held))),
  });
}

async function measureIdle({ report, deployment, starts }: Bench, cleanUp: Usage): Promise<void> {
  const facts = stackFacts();
  report("stack", { ...facts });
  const counted = async (kind: ScheduledKind): Promise<Counted<null>> => {
    const work = await deployment.scheduled(kind);
    const ms = Math.round(workMs(work, GRAPH_MEMORY_MB));
    report(`one ${kind} of a cluster`, { ...Object.fromEntries(work.calls), worker_ms: ms });
    return work;
  };
  const cold = (ms: number, memoryMb: number): Usage => ({
    lambda_gb_s: SCHEDULED_COLD_SHARE * gbSeconds(ms, memoryMb),
  });
  const worker = (work: Counted<null>): Usage =>
    sumOf(
      invocationUsage(work, GRAPH_MEMORY_MB),
      messageUsage(),
      cold(starts.apply + (work.row_calls > 0 ? starts.lance : 0), GRAPH_MEMORY_MB),
    );
  const [watch, refresh, reclaim] = [
    await counted("watch"),
    await counted("refresh"),
    await counted("reclaim"),
  ];
  for (const clusters of CLUSTERS) {
    const tick = async (kind: ScheduledKind): Promise<Usage> =>
      sumOf(
        invocationUsage(await deployment.tick(kind, clusters), SMALL_MEMORY_MB),
        cold(starts.schedule, SMALL_MEMORY_MB),
      );
    const scheduled = {
      watch_tick: await tick("watch"),
      refresh_tick: await tick("refresh"),
      reclaim_tick: await tick("reclaim"),
      watch: worker(watch),
      refresh: worker(refresh),
      reclaim: sumOf(worker(reclaim), cleanUp),
    };
    const idle = idleUsage(facts, scheduled, clusters, watch.lease_bytes + LEASE_ITEM_BYTES);
    reportIdle(report, clusters, idle);
  }
}

function reportIdle(report: Report, clusters: number, idle: IdleUsage): void {
  const name = `a month of nothing, ${clusters === 1 ? "1 cluster" : `${clusters} clusters`}`;
  const parts = Object.entries(idle) as readonly (readonly [string, Usage])[];
  const all = sumOf(...parts.map(([, usage]) => usage));
  report(`${name}: requests`, { ...requestsIn(all), gb_s: Math.round(all.lambda_gb_s ?? 0) });
  const byPart = parts.map(([part, usage]) => [`${part}_usd`, rounded(dollarsOf(usage))] as const);
  report(`${name}: by part`, Object.fromEntries(byPart));
  report(`${name}: US dollars`, dollars(all));
}

const REQUESTS = [
  "s3_writes",
  "s3_reads",
  "dynamodb_writes",
  "dynamodb_reads",
  "lambda_requests",
  "sqs_fifo_requests",
  "sqs_requests",
  "gateway_requests",
  "sns_requests",
] as const satisfies readonly Resource[];

function requestsIn(usage: Usage): Figures {
  return Object.fromEntries(
    REQUESTS.flatMap((each) => ((usage[each] ?? 0) > 0 ? [[each, Math.round(usage[each] ?? 0)]] : [])),
  );
}

function dollars(usage: Usage): Figures {
  const services = [...dollarsByService(usage)].map(([name, usd]) => [`${name}_usd`, rounded(usd)] as const);
  return { ...Object.fromEntries(services), total_usd: rounded(dollarsOf(usage)) };
}

/** Bundles the functions and measures how long they take to start. */
async function measureStarts(): Promise<Starts> {
  const folder = mkdtempSync(join(tmpdir(), "graphform-bench-"));
  try {
    const environment = environmentIn(folder);
    const start = async (name: "api" | "plan" | "apply" | "schedule", memoryMb: number): Promise<number> => {
      const outdir = join(folder, name);
      await bundleHandler(name, outdir);
      const cpuMs = RUNTIME_START_CPU_MS + startCpuMs(outdir, environment, STARTS);
      return Math.round(processorMs(cpuMs, memoryMb));
    };
    const lance = importCpuMs(import.meta.resolve("@lancedb/lancedb"), "loaded.connect", environment, STARTS);
    return {
      api: await start("api", API_MEMORY_MB),
      plan: await start("plan", GRAPH_MEMORY_MB),
      apply: await start("apply", GRAPH_MEMORY_MB),
      schedule: await start("schedule", SMALL_MEMORY_MB),
      lance: Math.round(LANCE_BYTES_MS + processorMs(lance, GRAPH_MEMORY_MB)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function differenceOf(
  more: ReadonlyMap<string, number>,
  less: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  return new Map([...more].map(([name, count]) => [name, count - (less.get(name) ?? 0)]));
}

function totalOf(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, each) => sum + each, 0);
}

function objectIn(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function textIn(value: unknown, name: string): string {
  const text = objectIn(value, name);
  if (typeof text !== "string") throw new Error(`there is no ${name}: ${JSON.stringify(value)}`);
  return text;
}

function rounded(value: number | undefined): number {
  return Math.round((value ?? 0) * 1_000) / 1_000;
}
