/**
 * A hundred clusters on the wire, their uploads, applies and graph effects interleaved, while the worker of one hangs and
 * the lease of another is held by a dead one: all others come to their end meanwhile, and then these two.
 */
import { DeleteMessageCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createDynamoLeaseTable } from "../../lib/aws/lease-table.ts";
import type { ClusterName, LockId, RunId } from "../../lib/digest/ids.ts";
import { SYSTEM_CLOCK } from "../../lib/file/clock.ts";
import { createUlids } from "../../lib/file/ids.ts";
import { type Files, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { bundledHandlers } from "./bundled-handlers.ts";
import { outcomeOf, problemsAtRest } from "./cluster-at-rest.ts";
import { type Deployed, deliveryOf, startDeployed } from "./deployed.ts";
import { isManifest } from "./moments.ts";
import { startSandbox } from "./sandbox.ts";
import { readStored } from "./stored-cluster.ts";
import { call, configOf, newestRun, orderImport, SETTINGS, take, uploadConfig } from "./wire-cluster.ts";

const CLUSTERS = Array.from({ length: 100 }, (_, index) => `c${index}`);
/** Its worker is frozen in the middle of an apply, with the lease and the message in its hands. */
const HANGING = "c12";
/** Its lease is held by somebody who is not there any more. */
const ORPHANED = "c36";
const OTHERS = CLUSTERS.filter((each) => each !== HANGING && each !== ORPHANED);
/** Every so many clusters have a graph, among them those two. */
const CLUSTERS_PER_GRAPH = 24;
/** Every so many clusters get two configs one after the other, among them those with a graph; the others get the second. */
const CLUSTERS_PER_UPDATE = 4;
/** Workers, and people who upload, at a time. */
const LANES = 10;
const IDLE_MS = 100;
const INVOCATION_MS = 300_000;
/** Longer than the test. */
const HIDDEN_S = 3600;

let deployed: Deployed;
beforeAll(async () => {
  deployed = await startDeployed(SETTINGS);
}, 120_000);
afterAll(() => deployed.stop());

const hasGraph = (cluster: string): boolean =>
  Number(cluster.slice(1)) % CLUSTERS_PER_GRAPH === CLUSTERS_PER_GRAPH / 2;

const isUpdated = (cluster: string): boolean => Number(cluster.slice(1)) % CLUSTERS_PER_UPDATE === 0;

/** Of each cluster another one. */
function filesOf(cluster: string, state: "first" | "second"): Files {
  const schema = { first: PERSON, second: PERSON_WITH_NOTE }[state];
  return configOf(hasGraph(cluster) ? { people: { schema } } : {}, `${cluster} ${state}`);
}

/** So many at once, each in its turn. */
async function inLanes(items: readonly string[], work: (item: string) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** Workers, until `source` has ended and nothing is left that they can do. */
async function workMeanwhile(source: Promise<unknown>): Promise<void> {
  let open = true;
  const worker = async (): Promise<void> => {
    for (;;) {
      const isLast = !open;
      const handled = await deployed.pump();
      if (handled === 0 && isLast) return;
      if (handled === 0) await SYSTEM_CLOCK.sleep(IDLE_MS);
    }
  };
  const workers = Array.from({ length: LANES }, worker);
  await source.finally(() => {
    open = false;
  });
  await Promise.all(workers);
}

async function handInOne(cluster: string, state: "first" | "second"): Promise<void> {
  const upload = { name: state, files: filesOf(cluster, state), mode: "auto" } as const;
  await take(deployed, await uploadConfig(deployed, cluster, upload));
}

interface FrozenWorker {
  /** It goes on; resolved when its message is done. */
  thaw(): Promise<void>;
}

/** The next message goes to a worker of its own, which is frozen when it has published its effect. */
async function freezeWorker(): Promise<FrozenWorker> {
  const code = await bundledHandlers(["apply"]);
  const sandbox = await startSandbox(code, "apply", deployed.environment);
  const url = deployed.queues.applies;
  const command = new ReceiveMessageCommand({
    QueueUrl: url,
    VisibilityTimeout: HIDDEN_S,
    MessageSystemAttributeNames: ["All"],
  });
  const [message] = (await deployed.aws.sqs.send(command)).Messages ?? [];
  if (message === undefined) throw new Error("no message");
  const frozen = sandbox.atRequest(isManifest, "after", async () => {
    sandbox.freeze();
    return "goes_on";
  });
  const invoked = sandbox.invoke(deliveryOf(url, message), INVOCATION_MS, 0);
  await frozen;
  return {
    async thaw() {
      sandbox.thaw();
      expect(await invoked).toMatchObject({ tag: "answered", value: { batchItemFailures: [] } });
      const { ReceiptHandle } = message;
      await deployed.aws.sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
      await sandbox.stop();
    },
  };
}

async function holdLease(cluster: string): Promise<LockId> {
  const place = { table: deployed.aws.table, cluster: cluster as ClusterName };
  const lease = createDynamoLeaseTable(deployed.aws.dynamodb, place, SYSTEM_CLOCK);
  const ids = createUlids();
  const lock_id = ids.next() as LockId;
  const holding = { owner: "dead", operation: "apply", token_floor: 0, duration_ms: 3_600_000 } as const;
  const outcome = await lease.acquire({ lock_id, run_id: ids.next() as RunId, ...holding });
  if (outcome.tag !== "done") throw new Error(outcome.tag);
  return lock_id;
}

/** Its configs are applied once, with their effects, and nothing of another cluster. */
async function problemsOf(cluster: string): Promise<readonly string[]> {
  const stored = await readStored(deployed.aws, cluster);
  const texts = [...stored.objects].filter(([key]) => key.includes("/resources/policy/"));
  const runs = [...stored.objects.keys()].filter((key) => key.startsWith("__graphform/runs/")).sort();
  const newest = runs.at(-1)?.slice("__graphform/runs/".length, -".json".length) ?? "";
  const { effects, moves, run } = outcomeOf(stored, newest);
  const configs = isUpdated(cluster) ? 2 : 1;
  const came = {
    run,
    effects,
    policies: moves["policy.control"],
    own: texts.filter(([, { text }]) => text.includes(`# ${cluster} `)).length,
  };
  const expected: typeof came = {
    run: { state: "ended", outcome: "applied" },
    effects: hasGraph(cluster) ? { "people.omni": ["create", "migrate"] } : {},
    policies: configs,
    own: configs,
  };
  const other =
    JSON.stringify(came) === JSON.stringify(expected) ? [] : [`it came to ${JSON.stringify(came)}`];
  return [...problemsAtRest(stored), ...other].map((each) => `${cluster}: ${each}`);
}

async function problemsOfAll(clusters: readonly string[]): Promise<readonly string[]> {
  const problems: string[] = [];
  await inLanes(clusters, async (cluster) => void problems.push(...(await problemsOf(cluster))));
  return problems;
}

it("lets a hundred clusters come to their end, whichever of them hangs, each with a history without a gap (L1)", async () => {
  expect([HANGING, ORPHANED].filter((cluster) => !hasGraph(cluster))).toEqual([]);
  expect(CLUSTERS.filter((cluster) => hasGraph(cluster) && !isUpdated(cluster))).toEqual([]);
  await workMeanwhile(inLanes(CLUSTERS, (cluster) => orderImport(deployed, cluster)));
  await workMeanwhile(inLanes(CLUSTERS.filter(isUpdated), (cluster) => handInOne(cluster, "first")));
  await handInOne(HANGING, "second");
  const frozen = await freezeWorker();
  const lock_id = await holdLease(ORPHANED);

  await workMeanwhile(inLanes([ORPHANED, ...OTHERS], (cluster) => handInOne(cluster, "second")));

  expect(await newestRun(deployed, HANGING)).toMatchObject({ state: "running", outcome: null });
  expect(await newestRun(deployed, ORPHANED)).toMatchObject({ state: "queued", outcome: null });
  expect(await problemsOfAll(OTHERS)).toEqual([]);

  await frozen.thaw();
  const body = { lock_id, reason: "its worker has died" };
  const path = `${ORPHANED}/force-unlock`;
  const unlocked = await call(deployed, { method: "POST", path, body, by: "ana" });
  await deployed.pump();

  expect(unlocked.status).toBe(200);
  expect(await problemsOfAll([HANGING, ORPHANED])).toEqual([]);
}, 300_000);
