/**
 * The whole flow on the wire, without a fault: upload, plan, approval by a second person, apply, refresh, drift, repair,
 * through the handlers and over HTTP, with the notices that people get of it. Each part goes on where the last one ended.
 */
import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDeployment } from "../../functions/deployment.ts";
import { readEnvironment } from "../../functions/environment.ts";
import { lanceEngine } from "../../functions/lance-engine.ts";
import type { ClusterName } from "../../lib/digest/ids.ts";
import { SILENT_LOG } from "../../lib/ports/log.ts";
import type { Notice } from "../../lib/ports/notices.ts";
import { encodeWorkMessage } from "../../lib/worker/work-message.ts";
import { migrateBehind, newWorld } from "../apply/cluster.ts";
import { FIND_PERSON, type Files, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { lambdaContext, sqsEvent } from "./aws-events.ts";
import { type Deployed, startDeployed } from "./deployed.ts";
import {
  call,
  changesOf,
  configOf,
  handIn,
  historyOf,
  keysBelow,
  ledgerOf,
  newestRun,
  orderImport,
  SETTINGS,
  tick,
} from "./wire-cluster.ts";

const CLUSTER = "brain" as ClusterName;
const PEOPLE = { schema: PERSON, queries: { find_person: FIND_PERSON } };
const WITH_SHOP = configOf({ people: PEOPLE, shop: { schema: PERSON } });
const WITHOUT_SHOP = configOf({ people: PEOPLE });
const DEAD_ARN = "arn:aws:sqs:us-east-1:111122223333:applies-dead.fifo";
const CHAIN = `clusters/${CLUSTER}/graphs/people.omni/`;

let deployed: Deployed;
beforeAll(async () => {
  deployed = await startDeployed(SETTINGS);
}, 120_000);
afterAll(() => deployed.stop());

/** What has been told since this was asked last: which notices, and of which run. */
async function told(): Promise<readonly Pick<Notice, "kind" | "cluster" | "run_id">[]> {
  const notices = await deployed.notices();
  return notices.map(({ kind, cluster, run_id }) => ({ kind, cluster, run_id }));
}

const notice = (kind: Notice["kind"], run_id: string | null = null) => ({ kind, cluster: CLUSTER, run_id });

/** As the ledger and the API have it. */
async function statusOf(address: string) {
  const { resource_statuses } = await ledgerOf(deployed, CLUSTER);
  const { body } = await call(deployed, { method: "GET", path: `${CLUSTER}/status` });
  expect(body.resource_statuses[address]).toEqual(resource_statuses[address]);
  return resource_statuses[address];
}

/** The schedule prompts, and what it has prompted is worked on. */
async function refreshTick(): Promise<void> {
  await tick(deployed, "refresh");
  await deployed.pump();
}

/** Hands in a config to be planned; the plan says what is different from it. */
async function planned(name: string, files: Files) {
  const run = await handIn(deployed, CLUSTER, { name, files, mode: "plan" });
  expect(run).toMatchObject({ state: "ended", outcome: "planned", actor: "ci" });
  expect(await told()).toEqual([notice("plan_ready", run.run_id)]);
  const { body } = await call(deployed, { method: "GET", path: `${CLUSTER}/plans/${run.plan_id}` });
  return body;
}

async function applyPlan(plan_id: string) {
  const path = `${CLUSTER}/plans/${plan_id}/apply`;
  expect((await call(deployed, { method: "POST", path, body: {} })).status).toBe(202);
  await deployed.pump();
  return newestRun(deployed, CLUSTER);
}

async function applied(plan_id: string): Promise<void> {
  const run = await applyPlan(plan_id);
  expect(run).toMatchObject({ state: "ended", outcome: "applied" });
  expect(await told()).toEqual([notice("applied", run.run_id)]);
}

const changed = (resource: string, operation: string) =>
  expect.objectContaining({ resource, operation, disposition: "applied" });

describe("the flow", () => {
  it("applies what is uploaded, and tells it once", async () => {
    await orderImport(deployed, CLUSTER);
    await deployed.pump();
    const run = await handIn(deployed, CLUSTER, { name: "first", files: WITH_SHOP, mode: "auto" });

    expect(run).toMatchObject({ state: "ended", outcome: "applied", actor: "ci" });
    expect(await told()).toEqual([notice("applied", run.run_id)]);
  }, 120_000);

  it("deletes a graph only after a second person has approved it, whom it tells (C1, C3, A7)", async () => {
    const { plan_id } = await planned("second", WITHOUT_SHOP);
    const body = { address: "graph.shop", plan_id, reason: "nobody uses it" };
    const approval = { method: "POST", path: `${CLUSTER}/approvals`, body } as const;

    const alone = await call(deployed, approval);
    const waiting = await applyPlan(plan_id);
    const wanted = await told();
    const before = await ledgerOf(deployed, CLUSTER);
    const second = await call(deployed, { ...approval, by: "ana" });
    await deployed.pump();

    expect([alone.status, second.status]).toEqual([403, 201]);
    expect(waiting).toMatchObject({ state: "waiting_approval", outcome: null });
    expect(wanted).toEqual([notice("approval_wanted", waiting.run_id)]);
    expect(Object.keys(before.applied_revision.resources)).toContain("graph.shop");
    expect(await newestRun(deployed, CLUSTER)).toMatchObject({ run_id: waiting.run_id, outcome: "applied" });
    expect(await told()).toEqual([notice("applied", waiting.run_id)]);
    const after = await ledgerOf(deployed, CLUSTER);
    expect(Object.keys(after.applied_revision.resources)).not.toContain("graph.shop");
    const receipts = await historyOf(deployed, CLUSTER);
    expect(receipts.flatMap((each) => each.approvals_consumed)).toHaveLength(1);
  }, 120_000);

  it("finds nothing to tell where nothing has changed", async () => {
    const before = await ledgerOf(deployed, CLUSTER);
    const ordered = await call(deployed, { method: "POST", path: `${CLUSTER}/refresh`, body: {} });
    await deployed.pump();
    await refreshTick();

    const run = await newestRun(deployed, CLUSTER);
    expect(run).toMatchObject({ run_id: ordered.body.run.run_id, operation: "refresh", outcome: "noop" });
    expect(await told()).toEqual([]);
    expect((await ledgerOf(deployed, CLUSTER)).applied_revision).toEqual(before.applied_revision);
  }, 120_000);

  it("tells once of a graph that somebody has removed, proposes to make it again, and does", async () => {
    for (const Key of await keysBelow(deployed, CHAIN)) {
      await deployed.aws.s3.send(new DeleteObjectCommand({ Bucket: deployed.aws.bucket, Key }));
    }
    expect(await statusOf("graph.people")).toEqual({ status: "applied" });

    await refreshTick();
    const [drift, ...more] = await deployed.notices();
    const recorded = await statusOf("graph.people");
    await refreshTick();
    const later = await told();
    const { changes, plan_id } = await planned("third", WITHOUT_SHOP);
    await applied(plan_id);

    expect(recorded).toMatchObject({ status: "drifted", conditions: ["graph_missing"] });
    expect(drift).toMatchObject({ ...notice("drift"), codes: ["graph_drifted"] });
    expect(drift?.text).toContain("graph.people");
    expect([more, later]).toEqual([[], []]);
    expect(changes).toContainEqual(changed("graph.people", "create"));
    expect(await statusOf("graph.people")).toEqual({ status: "applied" });
    expect(await keysBelow(deployed, `${CHAIN}__manifest/`)).toHaveLength(1);
    const moves = changesOf(await historyOf(deployed, CLUSTER), "graph.people");
    expect(moves.filter((each) => each.trigger === "schedule")).toHaveLength(1);
  }, 120_000);

  it("tells once of a schema that somebody has changed, proposes to change it back, and does", async () => {
    await migrateElsewhere();

    await refreshTick();
    const found = await told();
    const recorded = await statusOf("schema.people");
    await refreshTick();
    const later = await told();
    const { changes, plan_id } = await planned("fourth", WITHOUT_SHOP);
    await applied(plan_id);
    await refreshTick();

    expect(recorded).toMatchObject({ status: "drifted", conditions: ["schema_mismatch"] });
    expect([found, later]).toEqual([[notice("drift")], []]);
    expect(changes).toContainEqual(changed("schema.people", "update"));
    expect(await statusOf("schema.people")).toEqual({ status: "applied" });
    expect(await told()).toEqual([]);
    expect(await keysBelow(deployed, `${CHAIN}__manifest/`)).toHaveLength(3);
    await historyOf(deployed, CLUSTER);
  }, 120_000);

  it("tells once that the cluster is blocked", async () => {
    const body = encodeWorkMessage({ format_version: 1, kind: "drain", cluster: CLUSTER });
    const letter = sqsEvent({ queueArn: DEAD_ARN, body, group: CLUSTER });

    for (let letters = 0; letters < 2; letters += 1) {
      const handled = await deployed.handlers.deadLetter.handler(letter, lambdaContext());
      expect(handled).toEqual({ batchItemFailures: [] });
    }

    expect(await told()).toEqual([notice("blocked")]);
  }, 60_000);
});

/** As another program on the same bucket would. */
async function migrateElsewhere(): Promise<void> {
  const { open } = createDeployment({
    environment: readEnvironment(process.env),
    aws: deployed.aws.settings,
    settings: SETTINGS,
    openEngine: lanceEngine,
    log: SILENT_LOG,
  });
  await migrateBehind({ world: newWorld(), ports: open(CLUSTER) }, "people", PERSON_WITH_NOTE);
}
