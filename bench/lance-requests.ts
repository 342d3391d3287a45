/**
 * What rows ask of S3: in a load, and when a reclaim looks whether one of their datasets holds anything that nothing needs.
 * Counted on a server of this process, with the real engine. Plans and applies that change no rows ask nothing of Lance
 * and do not load it.
 */
import { Readable } from "node:stream";
import { bucketPlace, s3Url } from "../lib/aws/bucket-place.ts";
import { createS3GraphStorage } from "../lib/aws/graph-storage.ts";
import { lanceStorageOptions } from "../lib/aws/lance-options.ts";
import { createS3ObjectStore } from "../lib/aws/object-store.ts";
import type { GraphId, OperationId, RunId } from "../lib/digest/ids.ts";
import { createEngine } from "../lib/engine/create-engine.ts";
import { createLanceTables } from "../lib/engine/lance/lance-tables.ts";
import { createLedgerStoreOver } from "../lib/ports/ledger-over-objects.ts";
import type { SeenRequest } from "../test/wire/emulators/fault-proxy.ts";
import { type Aws, startAws } from "../test/wire/emulators/start-aws.ts";
import { generateConfig } from "./generate-config.ts";
import {
  apply,
  createMemoryCluster,
  importLedger,
  loadConfig,
  type MemoryCluster,
} from "./memory-cluster.ts";

const ONE_GRAPH = { graphs: 1, queries_per_graph: 1, queries_per_file: 1 };
const GRAPH = "graph-0" as GraphId;
/** Rows of one type in one load. */
export const LOADED_ROWS = 1_000;

/** Calls by the names of the object store's methods. */
export type LanceRequests = ReadonlyMap<string, number>;

export interface RowRequests {
  /** Of a merge of rows of one type onto as many of them. */
  readonly merge: LanceRequests;
  /** Of the clean-up of a graph, for one dataset. */
  readonly clean_up: LanceRequests;
}

export async function lanceRequests(): Promise<RowRequests> {
  const aws = await startAws();
  try {
    const cluster = clusterOn(aws);
    const files = generateConfig(ONE_GRAPH);
    await importLedger(cluster, await loadConfig(cluster, files));
    await apply(cluster, await loadConfig(cluster, files));
    await load(cluster, "append");
    const merge = await requestsOf(aws, isOfRows, () => load(cluster, "merge"));
    const clean_up = await requestsOf(aws, isOfLife, () => cluster.ports.engine.cleanUp(GRAPH));
    return { merge, clean_up: withoutOneListing(clean_up) };
  } finally {
    await aws.stop();
  }
}

async function load({ ports }: MemoryCluster, mode: "append" | "merge"): Promise<void> {
  const loaded = await ports.engine.load({
    operation_id: ports.ids.next() as OperationId,
    run_id: ports.ids.next() as RunId,
    actor: "bench",
    graph: GRAPH,
    mode,
    open: () => Readable.from(lines()),
    source_name: "rows.jsonl",
  });
  if (loaded.tag !== "done") throw new Error(`load: ${JSON.stringify(loaded)}`);
}

function* lines(): Generator<Uint8Array> {
  for (let index = 0; index < LOADED_ROWS; index += 1) {
    const data = { slug: `market-${index}`, name: `Market ${index}`, size: index / 7 };
    yield Buffer.from(`${JSON.stringify({ type: "Market", data })}\n`);
  }
}

async function requestsOf(
  { proxies }: Aws,
  isCounted: (request: SeenRequest) => boolean,
  work: () => Promise<unknown>,
): Promise<LanceRequests> {
  proxies.s3.clear();
  await work();
  const counts = new Map<string, number>();
  for (const method of proxies.s3.seen.filter(isCounted).map(methodOf)) {
    counts.set(method, 1 + (counts.get(method) ?? 0));
  }
  return counts;
}

/** Only Lance looks below the folder of a dataset; its listings name the folder as a prefix. */
function isOfRows({ path }: SeenRequest): boolean {
  return decodeURIComponent(path).includes(".lance/");
}

/** Below the folder of an incarnation: its datasets are found there, and then looked into. */
function isOfLife({ path }: SeenRequest): boolean {
  return /graph-0\.omni\/[0-9A-Z]{26}\//.test(decodeURIComponent(path));
}

/** Finding the datasets takes one listing, however many they are. */
function withoutOneListing(counts: LanceRequests): LanceRequests {
  return new Map([...counts].map(([method, count]) => [method, method === "list" ? count - 1 : count]));
}

/** Named like what costs the same. */
export function methodOf({ method, path }: Pick<SeenRequest, "method" | "path">): string {
  if (method === "GET") return /[?&](list-type|prefix)=/.test(path) ? "list" : "get";
  if (method === "HEAD") return "head";
  return method === "DELETE" ? "remove" : "putIfAbsent";
}

function clusterOn(aws: Aws): MemoryCluster {
  const cluster = createMemoryCluster();
  const { clock, ids, log } = cluster.ports;
  const place = bucketPlace(aws.bucket, `clusters/${aws.name()}`);
  const store = createS3ObjectStore(aws.s3, place);
  const storage = createS3GraphStorage(aws.s3, place);
  const storage_options = lanceStorageOptions(aws.settings);
  const root = s3Url(place);
  const tables = createLanceTables({ root, storage, storage_options });
  const engine = createEngine({ store, tables, clock, ids, log });
  return {
    ...cluster,
    ports: { ...cluster.ports, store, ledger: createLedgerStoreOver(store), engine, root },
  };
}
