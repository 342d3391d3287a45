/**
 * The functions beside the one that applies, killed after each of their requests that change something: an upload that
 * is taken, a plan, a load, a command of an operator that takes the lease, a tick of the schedule. Each is repeated by
 * whatever repeats it on AWS, and is done once.
 */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HandlerName } from "../../infra/handler-name.ts";
import { FIND_PERSON, NOTES, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { deployedPart, manifestsOf, outcomeOf, problemsAtRest, runRecord } from "./cluster-at-rest.ts";
import { type Lambda, messageProblems, startLambda } from "./lambda.ts";
import {
  API_MS,
  call,
  comeBack,
  configOf,
  createCluster,
  LEASE_OVER_MS,
  newestRun,
  requestOf,
  SETTINGS,
  tick,
  uploadConfig,
} from "./lambda-cluster.ts";
import { describeMoment, dieAt, inSandboxes, momentsOf } from "./moments.ts";
import type { Sandbox, SentRequest } from "./sandbox.ts";
import { putBack, readStored, type StoredCluster } from "./stored-cluster.ts";

const CLUSTER = "demo";
const QUERIES = { find_person: FIND_PERSON };
const BEFORE = configOf({ people: { schema: PERSON, queries: QUERIES } });
const AFTER = configOf({ people: { schema: PERSON_WITH_NOTE, queries: { ...QUERIES, notes: NOTES } } });
const ROWS =
  '{"type":"Person","data":{"name":"Ada","age":36}}\n{"type":"Person","data":{"name":"Bob","age":null}}\n';

let lambda: Lambda;
let base: StoredCluster;
beforeAll(async () => {
  lambda = await startLambda(SETTINGS, ["apply", "operate", "plan", "intake", "schedule"]);
  await createCluster(lambda, CLUSTER, BEFORE);
  base = await readStored(lambda.aws, CLUSTER);
}, 300_000);
afterAll(() => lambda.stop());

function stored(): Promise<StoredCluster> {
  return readStored(lambda.aws, CLUSTER, base);
}

/** One kind of work in a function that is killed. */
interface Work {
  readonly name: HandlerName;
  /** The world before it, and what has to be there for it. */
  begin(): Promise<void>;
  /** The function at work in the sandbox, until its end or its death. */
  work(sandbox: Sandbox): Promise<unknown>;
  /** What repeats it when the function has died. */
  repeat(): Promise<void>;
  /** What is wrong when it should be done. */
  judge(): Promise<readonly string[]>;
}

async function killEverywhere({ name, begin, work, repeat, judge }: Work): Promise<readonly string[]> {
  const measured = await lambda.coldStart(name);
  await begin();
  await work(measured);
  const requests: readonly SentRequest[] = [...measured.sent];
  await lambda.pump();
  const undisturbed = await judge();
  if (undisturbed.length > 0) return undisturbed.map((each) => `undisturbed: ${each}`);
  return inSandboxes(lambda, name, momentsOf(requests), async (moment, victim) => {
    await begin();
    dieAt(victim, moment);
    await work(victim);
    await repeat();
    const problems = [
      ...(await judge()),
      ...problemsAtRest(await stored()),
      ...(await messageProblems(lambda)),
    ];
    return problems.map((each) => `${describeMoment(moment, requests)}: ${each}`);
  });
}

function newRuns({ objects }: StoredCluster): readonly string[] {
  const runs = [...objects.keys()].filter((key) => key.startsWith("__graphform/runs/"));
  return runs.filter((key) => !base.objects.has(key)).map((key) => key.slice(-31, -5));
}

describe("the function that takes uploads", () => {
  it("orders one run of an upload, wherever it is killed (A7)", async () => {
    let uploads = 0;
    let event: unknown;
    const problems = await killEverywhere({
      name: "intake",
      async begin() {
        await putBack(lambda.aws, base);
        uploads += 1;
        event = await uploadConfig(lambda, CLUSTER, {
          files: AFTER,
          mode: "auto",
          name: `killed-${uploads}`,
        });
      },
      work: (sandbox) => sandbox.invoke(event, API_MS, lambda.aheadMs()),
      async repeat() {
        await lambda.invoke("intake", event);
        await lambda.pump();
      },
      async judge() {
        const now = await stored();
        const [run_id = "", ...more] = newRuns(now);
        const { run, moves } = outcomeOf(now, run_id);
        const once = run.outcome === "applied" && moves["query.people.notes"] === 1 && more.length === 0;
        return once ? [] : [`it came to ${JSON.stringify({ run, moves, more })}`];
      },
    });
    expect(problems).toEqual([]);
  }, 1_800_000);
});

describe("the function that plans and loads", () => {
  const queued = (
    ordered: () => StoredCluster,
    message: () => string,
  ): Pick<Work, "begin" | "work" | "repeat"> => ({
    async begin() {
      await putBack(lambda.aws, ordered());
      await lambda.send("tasks", "group", message());
    },
    work: (sandbox) => lambda.deliver("tasks", sandbox),
    repeat: () => comeBack(lambda, false),
  });

  it("ends the run of a plan once it is made, and changes nothing, wherever it is killed (A7)", async () => {
    await putBack(lambda.aws, base);
    await lambda.invoke(
      "intake",
      await uploadConfig(lambda, CLUSTER, { files: AFTER, mode: "plan", name: "plan" }),
    );
    const { run_id } = await newestRun(lambda, CLUSTER);
    const ordered = await stored();
    await lambda.pump();
    const message = JSON.stringify({ format_version: 1, kind: "plan", cluster: CLUSTER, run_id });
    const problems = await killEverywhere({
      name: "plan",
      ...queued(
        () => ordered,
        () => message,
      ),
      async judge() {
        const now = await stored();
        const { state, outcome, plan_id } = runRecord(now, run_id);
        const isMade =
          state === "ended" && outcome === "planned" && now.objects.has(`__graphform/plans/${plan_id}.json`);
        const { [`__graphform/runs/${run_id}.json`]: _, ...part } = deployedPart(now);
        const isSame = JSON.stringify(part) === JSON.stringify(deployedPart(base));
        return [
          ...(isMade ? [] : [`the run is ${state}, ${outcome}, with the plan ${plan_id}`]),
          ...(isSame ? [] : ["the cluster has changed"]),
        ];
      },
    });
    expect(problems).toEqual([]);
  }, 1_800_000);

  it("loads rows once, wherever it is killed (A7, K5)", async () => {
    await putBack(lambda.aws, base);
    const run_id = await orderLoad();
    const ordered = await stored();
    await lambda.pump();
    const message = JSON.stringify({ format_version: 1, kind: "load", cluster: CLUSTER, run_id });
    const problems = await killEverywhere({
      name: "plan",
      ...queued(
        () => ordered,
        () => message,
      ),
      async judge() {
        const now = await stored();
        const { state, outcome } = runRecord(now, run_id);
        const manifests = manifestsOf(now).get("people.omni") ?? [];
        const causes = manifests.map((each) => each.cause).join();
        const rows = manifests.at(-1)?.tables.map((each) => each.rows);
        const said = { state, outcome, causes, rows };
        const expected = { state: "ended", outcome: "loaded", causes: "create,load", rows: [2] };
        return JSON.stringify(said) === JSON.stringify(expected)
          ? []
          : [`it came to ${JSON.stringify(said)}`];
      },
    });
    expect(problems).toEqual([]);
  }, 1_800_000);

  async function orderLoad(): Promise<string> {
    const body = { purpose: "load", graph: "people" };
    const { body: link } = await call(lambda, { method: "POST", path: `${CLUSTER}/uploads`, body });
    const Metadata = Object.fromEntries(
      Object.entries(link.headers as Readonly<Record<string, string>>).map(([name, value]) => [
        name.replace(/^x-amz-meta-/, ""),
        value,
      ]),
    );
    const Key = decodeURIComponent(new URL(link.url).pathname.split("/").slice(2).join("/"));
    const { s3, bucket } = lambda.aws;
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: ROWS, Metadata }));
    const load = { upload_id: link.upload_id, mode: "append" };
    const path = `${CLUSTER}/graphs/people/loads`;
    return (await call(lambda, { method: "POST", path, body: load })).body.run.run_id;
  }
});

describe("the function of the operators", () => {
  it("does a command once that is repeated with its key, wherever it is killed, and locks nobody out (A7, K5)", async () => {
    let keys = 0;
    const asked = () => ({
      method: "POST" as const,
      path: `${CLUSTER}/graphs/people/protect`,
      body: { reason: "it is dear to us" },
      idempotency_key: `key-${keys}`,
    });
    const problems = await killEverywhere({
      name: "operate",
      async begin() {
        keys += 1;
        await putBack(lambda.aws, base);
      },
      work: (sandbox) => sandbox.invoke(requestOf(asked()), API_MS, lambda.aheadMs()),
      async repeat() {
        lambda.advance(LEASE_OVER_MS);
        const again = await call(lambda, asked());
        expect(again.status).toBe(200);
        await tick(lambda);
      },
      async judge() {
        const now = await stored();
        const state = JSON.parse(now.objects.get("__cluster/state.json")?.text ?? "");
        const before = JSON.parse(base.objects.get("__cluster/state.json")?.text ?? "");
        const said = Object.keys(state.observations["graphform.protected"] ?? {});
        const revisions = state.state_revision - before.state_revision;
        return said.length > 0 && revisions === 1 ? [] : [`protected: ${said}, revisions: ${revisions}`];
      },
    });
    expect(problems).toEqual([]);
  }, 1_800_000);
});

describe("the function of the schedule", () => {
  it("has prompted every cluster when its tick is repeated, wherever it was killed", async () => {
    await createCluster(lambda, "other", configOf({}));
    const problems = await killEverywhere({
      name: "schedule",
      begin: () => putBack(lambda.aws, base),
      work: (sandbox) => sandbox.invoke({ format_version: 1, kind: "refresh" }, API_MS, lambda.aheadMs()),
      async repeat() {
        expect(await lambda.invoke("schedule", { format_version: 1, kind: "refresh" })).toMatchObject({
          value: { prompted: 2 },
        });
        await lambda.pump();
      },
      judge: async () => [],
    });
    expect(problems).toEqual([]);
  }, 600_000);
});
