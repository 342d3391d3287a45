/** What operators do to graphs and to the whole cluster, and what is on record of it. */
import { beforeEach, describe, expect, test } from "vitest";
import { blockCluster } from "../../lib/apply/runs/blocked.ts";
import type { ClusterName, LockId, RunId } from "../../lib/digest/ids.ts";
import {
  apply,
  type Client,
  importCluster,
  keysBelow,
  loadPeople,
  putText,
  removeBehind,
} from "../apply/cluster.ts";
import { person, role, send, type TestDeployment, testDeployment } from "./deployment.ts";
import { CLUSTER_POLICY, configOf } from "./policies.ts";

let made: TestDeployment;
let client: Client;
const [alice, dan, eve, agent, ci] = [
  person("alice"),
  person("dan"),
  person("eve"),
  person("agent"),
  role("kg-ci"),
];

beforeEach(async () => {
  made = testDeployment();
  client = made.client("brain");
  await importCluster(client, configOf());
  expect((await apply(client, configOf())).converged).toBe(true);
});

const post = (who: object | null, path: string, body: object = {}) =>
  send(made, who, "POST", `/clusters/brain${path}`, { body });

describe("every command of an operator", () => {
  test.each([
    ["/graphs/people/restore", {}],
    ["/graphs/people/protect", {}],
    ["/graphs/people/unprotect", {}],
    ["/reclaim", {}],
    ["/recoveries/01ARZ3NDEKTSV4RRFFQ69G5FAV/discard", { reason: "stuck" }],
    ["/force-unlock", { lock_id: "x", reason: "stuck" }],
    ["/unblock", { reason: "looked" }],
    ["/import", {}],
    ["/refresh", {}],
    ["/recover", {}],
    ["/applies", { bundle_digest: "0".repeat(64) }],
  ])(
    "is refused at %s to who may only look, to strangers as if nothing were there, and to nobody at all",
    async (path, body) => {
      const before = [...client.world.objects.objects.keys()].filter((key) => !key.includes("/audit/"));
      expect((await post(eve, path, body)).body).toMatchObject({ status: 403, code: "api_denied" });
      const hidden = await post(agent, path, body);
      const missing = await send(made, agent, "POST", `/clusters/ghost${path}`, { body });
      expect(hidden.status).toBe(404);
      expect(missing.text.replaceAll("ghost", "brain")).toBe(hidden.text);
      expect((await post(null, path, body)).status).toBe(401);
      const after = [...client.world.objects.objects.keys()].filter((key) => !key.includes("/audit/"));
      expect(after).toEqual(before);
    },
  );
});

describe("a graph", () => {
  test("is protected by who may apply, and set free by who may approve what cannot be undone", async () => {
    const protectedNow = await post(ci, "/graphs/people/protect", { reason: "audit" });
    expect(protectedNow.body).toMatchObject({ ok: true, operation: "protect", outcome: "done" });
    expect((await post(ci, "/graphs/people/unprotect")).status).toBe(403);
    expect((await post(person("dan", { amr: "[pwd]" }), "/graphs/people/unprotect")).status).toBe(403);
    expect((await post(dan, "/graphs/people/unprotect", { reason: "over" })).body).toMatchObject({
      ok: true,
    });
    const missing = await post(dan, "/graphs/ghost/protect");
    expect(missing.body).toMatchObject({ status: 404, code: "protection_target_unknown" });
  });

  test("is set free by somebody else than who protected it, if that is known", async () => {
    await post(dan, "/graphs/people/protect", { reason: "audit" });
    expect((await post(dan, "/graphs/people/unprotect")).body).toMatchObject({
      status: 403,
      detail: expect.stringContaining("duty/builtin-approver-not-author"),
    });
    expect((await post(person("carol"), "/graphs/people/unprotect")).body).toMatchObject({ ok: true });
    await post(dan, "/graphs/people/protect");
    const state = JSON.parse(
      Buffer.from(client.world.objects.objects.get("__cluster/state.json") ?? []).toString("utf8"),
    );
    delete state.observations["graphform.protected"];
    putText(client.world, "__cluster/state.json", JSON.stringify(state));
    expect((await post(dan, "/graphs/people/unprotect")).body).toMatchObject({ ok: true });
  });

  test("keeps the config that was applied last on record, although a command brings none", async () => {
    const of = async () => {
      const { body } = await send(made, eve, "GET", "/clusters/brain/history?limit=1");
      const [item] = (body as { items: { bundle_digest: string; kind: string }[] }).items;
      return item;
    };
    const before = await of();
    await post(ci, "/graphs/people/protect");
    expect(await of()).toMatchObject({ kind: "settings", bundle_digest: before?.bundle_digest });
  });

  test("lives again as it was, for who may apply, once", async () => {
    await loadPeople(client, "shop", "Ada");
    await removeBehind(client, "shop");
    const { refresh } = await import("../apply/cluster.ts");
    await refresh(client, configOf());
    const restored = await post(dan, "/graphs/shop/restore");
    expect(restored.body).toMatchObject({ ok: true, outcome: "done", result: { graph: "shop", rows: 1 } });
    const again = await post(dan, "/graphs/shop/restore");
    expect(again.body).toMatchObject({ status: 422, code: "graph_restore_failed" });
    const reclaimed = await post(ci, "/reclaim", { graph: "shop" });
    expect(reclaimed.body).toMatchObject({ ok: true, outcome: "noop", result: { reclaimed: [] } });
  });
});

/** Somebody's process holds the lease and says nothing more. */
async function holdLease({ ports }: Client, lock_id = "01ARZ3NDEKTSV4RRFFQ69G5FAV"): Promise<void> {
  const acquired = await ports.lease.acquire({
    lock_id: lock_id as LockId,
    owner: "somebody",
    operation: "apply",
    run_id: "01ARZ3NDEKTSV4RRFFQ69G5FAW" as RunId,
    token_floor: 0,
    duration_ms: 3_600_000,
  });
  expect(acquired.tag).toBe("done");
}

describe("the lock", () => {
  const unlock = (who: object, lock_id = "01ARZ3NDEKTSV4RRFFQ69G5FAV") =>
    post(who, "/force-unlock", { lock_id, reason: "its machine is gone" });

  test("is broken by who may once it is old enough, by its exact id, and who and why is on record", async () => {
    await holdLease(client);
    made.clock.advance(60_000);
    expect((await unlock(dan)).status).toBe(403);
    made.clock.advance(1_140_000);
    expect((await unlock(alice)).status).toBe(403);
    expect((await unlock(dan, "01ARZ3NDEKTSV4RRFFQ69G5FAX")).body).toMatchObject({
      status: 409,
      code: "state_lock_id_mismatch",
    });
    const broken = await unlock(dan);
    expect(broken.body).toMatchObject({ ok: true, lease_broken: true });
    // Whoever waited for the lock goes on at once.
    const prompts = await made.deployment.applies.receive(0);
    expect(prompts.tag === "received" ? prompts.messages.map(({ body }) => JSON.parse(body)) : []).toEqual([
      expect.objectContaining({ kind: "drain", cluster: "brain" }),
    ]);
    const [record] = keysBelow(client.world, "__graphform/unlocks/");
    expect(Buffer.from(client.world.objects.objects.get(record ?? "") ?? []).toString("utf8")).toContain(
      "act-dan",
    );
  });

  test("is old enough by its own age, whatever other lock there is beside it", async () => {
    const FOREIGN = "01ARZ3NDEKTSV4RRFFQ69G5FAY";
    const placeForeign = () => {
      const created_at = new Date(made.clock.nowMs()).toISOString();
      const lock = { version: 1, lock_id: FOREIGN, operation: "apply", created_at, pid: 7 };
      putText(client.world, "__cluster/lock.json", JSON.stringify(lock));
    };
    await holdLease(client);
    made.clock.advance(1_200_000);
    placeForeign();
    expect((await unlock(dan, FOREIGN)).status).toBe(403);
    expect((await unlock(dan)).body).toMatchObject({ ok: true, lease_broken: true, lock_removed: false });

    made.clock.advance(1_200_000);
    await holdLease(client, "01ARZ3NDEKTSV4RRFFQ69G5FAZ");
    expect((await unlock(dan, "01ARZ3NDEKTSV4RRFFQ69G5FAZ")).status).toBe(403);
    expect((await unlock(dan, FOREIGN)).body).toMatchObject({ ok: true, lock_removed: true });
  });

  test("is broken by nobody while it cannot be told whose it is", async () => {
    await holdLease(client);
    made.clock.advance(1_200_000);
    const open = made.deployment.open;
    const read = () => Promise.resolve({ tag: "unavailable", reason: "down" } as const);
    Object.assign(made.deployment, {
      open: (name: ClusterName) => {
        const ports = open(name);
        return { ...ports, lease: { ...ports.lease, read } };
      },
    });
    expect((await unlock(dan)).body).toMatchObject({ status: 500, code: "api_undecided" });
  });

  test("that there is not is nothing to break, which only who may break one is told", async () => {
    expect((await unlock(dan)).body).toMatchObject({ status: 409, code: "state_lock_missing" });
    expect((await unlock(alice)).status).toBe(403);
  });

  test("that somebody holds is a conflict for whoever needs it, and can be tried again", async () => {
    await holdLease(client);
    const answer = await post(ci, "/graphs/people/protect");
    expect(answer.body).toMatchObject({ status: 409, code: "state_lock_held" });
  });
});

describe("what is stuck", () => {
  const STUCK = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

  test("is discarded by its exact id, with who and why", async () => {
    putText(client.world, `__cluster/recoveries/${STUCK}.json`, "{");
    const missing = await post(dan, "/recoveries/01ARZ3NDEKTSV4RRFFQ69G5FAX/discard", { reason: "stuck" });
    expect(missing.body).toMatchObject({ status: 404, code: "recovery_sidecar_not_found" });
    expect((await post(dan, "/recoveries/x/discard", { reason: "stuck" })).status).toBe(404);
    const done = await post(dan, `/recoveries/${STUCK}/discard`, { reason: "damaged by hand" });
    expect(done.body).toMatchObject({ ok: true, result: { operation_id: STUCK } });
    expect(keysBelow(client.world, "__cluster/recoveries/")).toEqual([]);
  });

  test("is unblocked by who may, and the cluster's runs are looked at again", async () => {
    expect((await post(dan, "/unblock", { reason: "looked" })).body).toMatchObject({
      status: 409,
      code: "cluster_not_blocked",
    });
    await blockCluster(client.ports, { by: "dead letter", reason: "a message came five times" });
    expect((await post(dan, "/unblock", { reason: "looked" })).body).toMatchObject({
      ok: true,
      unblocked: { by: "act-dan", reason: "looked" },
    });
    const prompted = await made.deployment.applies.receive(0);
    expect(prompted.tag === "received" && prompted.messages.length).toBe(1);
  });

  test("is no lock: neither the age nor the holder of one keeps from it who may, also while one is held", async () => {
    const free = CLUSTER_POLICY.replace(
      "duties:",
      "duties:\n  - { id: not-the-holder, actions: [cluster_force_unlock], actor_not_in: [lock_holders] }",
    );
    expect((await apply(client, configOf({ cluster_policy: free }))).ok).toBe(true);
    await blockCluster(client.ports, { by: "dead letter", reason: "a message came five times" });
    await holdLease(client, "01ARZ3NDEKTSV4RRFFQ69G5FAW");
    expect((await post(alice, "/unblock", { reason: "looked" })).status).toBe(403);
    expect((await post(dan, "/unblock", { reason: "looked" })).body).toMatchObject({ ok: true });
  });

  test("is taken back where it is an approval whose record is damaged", async () => {
    putText(client.world, `__graphform/approvals/${STUCK}.json`, "{}");
    const path = `/approvals/${STUCK}/revoke`;
    expect((await post(alice, path)).status).toBe(403);
    const answer = await post(dan, path);
    expect(answer.body).toMatchObject({ code: "invalid_approval_evidence" });
  });
});

describe("a ledger that is gone", () => {
  test("is asked about by the policy of its newest commit, so that who may can rescue it and nobody else can", async () => {
    client.world.objects.objects.delete("__cluster/state.json");
    expect((await send(made, eve, "GET", "/clusters/brain/status")).status).toBe(200);
    expect((await post(dan, "/import")).status).toBe(202);
    expect((await post(role("bootstrap"), "/import")).status).toBe(404);
    const ledger = await send(made, eve, "GET", "/clusters/brain/ledger");
    expect(ledger.body).toMatchObject({ status: 409, code: "state_lost" });
    const listed = await send(made, eve, "GET", "/clusters/brain/history");
    expect(listed.status).toBe(200);
  });

  test("without a record of its newest commit allows nothing to anybody", async () => {
    client.world.objects.objects.delete("__cluster/state.json");
    for (const key of keysBelow(client.world, "__graphform/receipts/"))
      client.world.objects.objects.delete(key);
    for (const who of [dan, eve, role("bootstrap")]) {
      expect((await post(who, "/import")).body).toMatchObject({ status: 500, code: "api_undecided" });
    }
  });
});
