/** Requests with a key that are sent again after what they did has changed what policy looks at. */
import { beforeEach, describe, expect, test } from "vitest";
import type { LockId, RunId } from "../../lib/digest/ids.ts";
import { apply } from "../apply/cluster.ts";
import {
  type Answer,
  person,
  role,
  SETTINGS,
  send,
  type TestDeployment,
  testDeployment,
} from "./deployment.ts";
import { orderingOn, type RunAnswer } from "./ordering.ts";
import { CLUSTER_POLICY, configOf } from "./policies.ts";
import { work } from "./worker.ts";

const LOCK = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
const [alice, carol, dan, eve, ci] = [
  person("alice"),
  person("carol"),
  person("dan"),
  person("eve"),
  role("kg-ci"),
];

let made: TestDeployment;
const { handIn, ran, begun } = orderingOn(() => made);

beforeEach(async () => {
  const identity_map = { ...SETTINGS.identity_map, "jwt:login:daniel": "act-dan" };
  made = testDeployment({ settings: { identity_map } });
  await begun();
});

/** Sends the request with a key. */
function keyed(who: object, path: string, body: object = {}, key = "k"): Promise<Answer> {
  return send(made, who, "POST", `/clusters/brain${path}`, { body, headers: { "idempotency-key": key } });
}

/** The policy of the cluster from now on, behind everybody's back. */
async function ruledBy(cluster_policy: string): Promise<void> {
  const applied = await apply(made.client("brain"), configOf({ cluster_policy }));
  expect(applied.ok).toBe(true);
}

/** A plan that deletes the shop, which somebody approved before it was made. */
async function approvedDeletion(): Promise<string> {
  const bundle_digest = await handIn(alice, { graphs: ["people"] });
  const { plan_id } = (await ran(alice, "/plans", { bundle_digest })).run;
  const body = { address: "graph.shop", plan_id };
  expect((await send(made, carol, "POST", "/clusters/brain/approvals", { body })).status).toBe(201);
  return (await ran(alice, "/plans", { bundle_digest })).run.plan_id;
}

const told = ({ status, body }: Answer) => ({ status, body });

/** What was decided about `action`, oldest first. */
function decisions(action: string): readonly string[] {
  const records = [...made.client("brain").world.objects.objects]
    .filter(([key]) => key.startsWith("__graphform/audit/"))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, bytes]) => JSON.parse(Buffer.from(bytes).toString("utf8")) as Record<string, string>);
  return records.flatMap((each) => (each["action"] === action ? [each["decision"] ?? ""] : []));
}

describe("a request that is sent again under its key", () => {
  test("to apply a plan is answered as it was, although its run has used the approval", async () => {
    const path = `/plans/${await approvedDeletion()}/apply`;
    const first = await keyed(dan, path);
    expect(first.status).toBe(202);
    await work(made);
    const { run_id } = (first.body as RunAnswer).run;
    const run = await send(made, eve, "GET", `/clusters/brain/runs/${run_id}`);
    expect(run.body).toMatchObject({ run: { outcome: "applied" } });

    const again = await keyed(dan, path);
    expect(told(again)).toEqual(told(first));
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    expect(again.headers.get("location")).toBe(first.headers.get("location"));
    // The record says that it was denied by then: nothing was allowed a second time.
    expect(decisions("cluster_apply").at(-1)).toBe("denied");
    expect((await keyed(dan, path, {}, "another")).status).toBe(403);
    expect((await keyed(dan, path, { allow_mass_delete: true })).status).toBe(403);
  });

  test("to break a lock is answered as it was, although the lock is gone", async () => {
    const holder = { owner: "x", operation: "apply", run_id: LOCK as RunId, token_floor: 0 } as const;
    const lock_id = LOCK as LockId;
    await made.client("brain").ports.lease.acquire({ lock_id, ...holder, duration_ms: 3_600_000 });
    made.clock.advance(1_200_000);
    const body = { lock_id, reason: "its machine is gone" };
    const first = await keyed(dan, "/force-unlock", body);
    expect(first.body).toMatchObject({ ok: true, lease_broken: true });
    expect(told(await keyed(dan, "/force-unlock", body))).toEqual(told(first));
  });

  test("to end a protection is answered as it was, although its sender has protected the graph since", async () => {
    const body = { reason: "over" };
    await keyed(dan, "/graphs/people/protect", {}, "p1");
    const first = await keyed(carol, "/graphs/people/unprotect", body);
    expect(first.body).toMatchObject({ ok: true, result: { protected: {} } });
    await keyed(carol, "/graphs/people/protect", {}, "p2");

    const again = await keyed(carol, "/graphs/people/unprotect", body);
    expect(told(again)).toEqual(told(first));
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    const status = await send(made, eve, "GET", "/clusters/brain/status");
    expect(status.body).toMatchObject({ protected: { people: { by: "act-carol" } } });
    expect((await keyed(carol, "/graphs/people/unprotect", body, "another")).status).toBe(403);
    expect((await keyed(carol, "/graphs/people/unprotect", { reason: "else" })).status).toBe(403);
  });

  test("is said to be at work while its first sending is, and is denied once that has died", async () => {
    await keyed(dan, "/graphs/people/protect", {}, "p1");
    await keyed(carol, "/graphs/people/unprotect");
    await keyed(carol, "/graphs/people/protect", {}, "p2");
    // As if the process that ended the protection had not come to keep its answer.
    for (const [key, bytes] of made.records.objects) {
      const record = key.startsWith("requests/") ? JSON.parse(Buffer.from(bytes).toString("utf8")) : {};
      if (!String(record.answer?.body).includes('"unprotect"')) continue;
      const begun_at = new Date(made.clock.nowMs()).toISOString();
      made.records.objects.set(key, Buffer.from(JSON.stringify({ ...record, begun_at, answer: null })));
    }
    const early = await keyed(carol, "/graphs/people/unprotect");
    expect(early.body).toMatchObject({ status: 409, code: "api_request_in_progress" });
    made.clock.advance(120_000);
    expect((await keyed(carol, "/graphs/people/unprotect")).status).toBe(403);
  });

  test("is not denied while it cannot be told whether it was done", async () => {
    await keyed(dan, "/graphs/people/protect", {}, "p1");
    await keyed(carol, "/graphs/people/unprotect");
    await keyed(carol, "/graphs/people/protect", {}, "p2");
    const get = () => Promise.resolve({ tag: "unavailable", reason: "down" } as const);
    Object.assign(made.deployment.records, { get });
    const answer = await keyed(carol, "/graphs/people/unprotect");
    expect(answer.body).toMatchObject({ status: 503, code: "api_unavailable" });
  });
});

describe("who may not any more", () => {
  const withoutDan = CLUSTER_POLICY.replace("platform: [act-carol, act-dan]", "platform: [act-carol]");

  test("sees again what they were answered, and not what has become of it", async () => {
    const bundle_digest = await handIn(alice, { secret_query: true });
    const path = `/plans/${(await ran(alice, "/plans", { bundle_digest })).run.plan_id}/apply`;
    const first = await keyed(dan, path);
    expect(first.body).toMatchObject({ run: { state: "queued" } });
    await work(made);
    expect((await keyed(dan, path)).body).toMatchObject({ run: { state: "ended", outcome: "applied" } });
    await ruledBy(withoutDan);
    expect(told(await keyed(dan, path))).toEqual(told(first));
    // Nobody else has that request: not whoever uses the same key, and not the same person by another credential.
    expect((await keyed(ci, path)).status).not.toBe(202);
    expect((await keyed(person("daniel"), path)).status).toBe(403);
  });

  test("is told nothing once no policy knows them: all is as in a cluster that does not exist", async () => {
    const bundle_digest = await handIn(alice, { secret_query: true });
    const path = `/plans/${(await ran(alice, "/plans", { bundle_digest })).run.plan_id}/apply`;
    expect((await keyed(dan, path)).status).toBe(202);
    expect((await keyed(dan, "/graphs/people/protect", {}, "p")).status).toBe(200);
    await work(made);
    await ruledBy(CLUSTER_POLICY.replaceAll("act-dan", "act-fay"));
    for (const [at, key] of [
      [path, "k"],
      ["/graphs/people/protect", "p"],
    ] as const) {
      const hidden = await keyed(dan, at, {}, key);
      const sending = { body: {}, headers: { "idempotency-key": key } };
      const missing = await send(made, dan, "POST", `/clusters/ghost${at}`, sending);
      expect(hidden.status).toBe(404);
      expect(missing.text.replaceAll("ghost", "brain")).toBe(hidden.text);
    }
  });

  test("gets no run that was never stored, because answering must order nothing", async () => {
    const bundle_digest = await handIn(alice, { secret_query: true });
    const path = `/plans/${(await ran(alice, "/plans", { bundle_digest })).run.plan_id}/apply`;
    const first = await keyed(dan, path);
    const { run_id } = (first.body as RunAnswer).run;
    const { objects } = made.client("brain").world.objects;
    objects.delete(`__graphform/runs/${run_id}.json`);
    await ruledBy(withoutDan);
    expect((await keyed(dan, path)).status).toBe(403);
    expect([...objects.keys()]).not.toContain(`__graphform/runs/${run_id}.json`);
  });
});
