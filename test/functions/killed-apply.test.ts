/**
 * The function that applies, killed after each of its requests that change something, and before each of those that are
 * on their way together: its message comes back, and whoever gets it finishes the run, once.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FIND_PERSON, NOTES, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import type { SeenRequest } from "../wire/emulators/fault-proxy.ts";
import { type Outcome, outcomeOf, problemsAtRest } from "./cluster-at-rest.ts";
import { type Lambda, startLambda } from "./lambda.ts";
import { call, comeBack, configOf, createCluster, handIn, promptDrain, SETTINGS } from "./lambda-cluster.ts";
import type { Moment, Sandbox } from "./sandbox.ts";
import { putBack, readStored, type StoredCluster } from "./stored-cluster.ts";

const CLUSTER = "demo";
const BEFORE = configOf({
  people: { schema: PERSON, queries: { find_person: FIND_PERSON } },
  old: { schema: PERSON },
});
const AFTER = configOf({
  people: { schema: PERSON_WITH_NOTE, queries: { find_person: FIND_PERSON, notes: NOTES } },
  shop: { schema: PERSON },
});
/** Sandboxes that are made while another is at work. */
const AHEAD = 2;

let lambda: Lambda;
let ordered: StoredCluster;
let run_id: string;
let expected: Outcome;
let requests: readonly SeenRequest[];
beforeAll(async () => {
  lambda = await startLambda(SETTINGS, ["apply", "operate", "plan", "intake", "schedule"]);
  run_id = await orderApply();
  ordered = await readStored(lambda.aws, CLUSTER);
  const sandbox = await lambda.coldStart("apply");
  await lambda.deliver("applies", sandbox);
  requests = [...sandbox.sent];
  await lambda.pump();
  expected = outcomeOf(await readStored(lambda.aws, CLUSTER, ordered), run_id);
}, 180_000);
afterAll(() => lambda.stop());

/** A graph is created, one is migrated, one is deleted with an approval, and a query is added. */
async function orderApply(): Promise<string> {
  await createCluster(lambda, CLUSTER, BEFORE);
  const { plan_id } = await handIn(lambda, CLUSTER, AFTER, "plan");
  const approval = { address: "graph.old", plan_id, reason: "nobody uses it" };
  const approved = await call(lambda, { method: "POST", path: `${CLUSTER}/approvals`, body: approval, by: "ana" });
  expect(approved.status).toBe(201);
  await lambda.pump();
  const apply = await call(lambda, { method: "POST", path: `${CLUSTER}/plans/${plan_id}/apply`, body: {} });
  return apply.body.run.run_id;
}

function isWrite({ method, operation }: SeenRequest): boolean {
  return method === "PUT" || method === "DELETE" || operation === "PutItem";
}

function moments(): readonly Moment[] {
  return requests.flatMap((request, index): readonly Moment[] => {
    if (!isWrite(request) && process.env["KILL_EVERYWHERE"] === undefined) return [];
    return [{ where: "before", request: index + 1 }, { where: "after", request: index + 1 }];
  });
}

function describeMoment({ where, request }: Moment): string {
  const { method = "", path = "", operation = "" } = requests[request - 1] ?? {};
  return `${where} ${request} ${method} ${operation} ${path.split("?")[0]?.replace(/.*\/clusters\//, "")}`;
}

/** The run, whose worker dies at the moment; what is wrong afterwards. */
async function killAt(moment: Moment, victim: Sandbox): Promise<readonly string[]> {
  await putBack(lambda.aws, ordered);
  await promptDrain(lambda, CLUSTER);
  void victim.at(moment, () => {
    victim.kill();
    return new Promise(() => undefined);
  });
  const problems: string[] = [];
  const invoked = await lambda.deliver("applies", victim);
  if (invoked?.tag === "dead") {
    const depth = await lambda.depth("applies");
    if (depth.hidden !== 1) problems.push(`after the death the queue has ${JSON.stringify(depth)}`);
  } else problems.push(`it came to ${JSON.stringify(invoked)}`);
  await comeBack(lambda, moment.request % 2 === 0);
  const stored = await readStored(lambda.aws, CLUSTER, ordered);
  problems.push(...problemsAtRest(stored));
  const outcome = outcomeOf(stored, run_id);
  if (JSON.stringify(outcome) !== JSON.stringify(expected)) problems.push(`it came to ${JSON.stringify(outcome)}`);
  for (const queue of ["applies", "tasks", "appliesDead", "tasksDead"] as const) {
    const { visible, hidden } = await lambda.depth(queue);
    if (visible + hidden > 0) problems.push(`${queue} has ${visible} and ${hidden}`);
  }
  return problems.map((each) => `${describeMoment(moment)}: ${each}`);
}

describe("an apply whose function is killed", () => {
  it("at any request is finished once by whoever gets its message (L1, L4, A7, K5, R6, C2)", async () => {
    const began = performance.now();
    const problems: string[] = [];
    const waiting = [...moments()];
    console.log(requests.length, waiting.length, JSON.stringify(expected));
    const pool: Promise<Sandbox>[] = [];
    for (const moment of waiting) {
      while (pool.length <= AHEAD) pool.push(lambda.coldStart("apply"));
      const victim = await (pool.shift() as Promise<Sandbox>);
      problems.push(...(await killAt(moment, victim)));
      await victim.stop();
    }
    console.log(Math.round(performance.now() - began), "ms");
    expect(problems).toEqual([]);
  }, 300_000);
});
