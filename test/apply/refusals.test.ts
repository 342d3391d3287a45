/** What a run refuses before it changes anything: locks, foreign, lost, forked and newer ledgers, other owners. */
import { describe, expect, test } from "vitest";
import {
  appliedWorld,
  apply,
  changesOf,
  codesOf,
  headOf,
  importCluster,
  keysBelow,
  ledgerOf,
  newWorld,
  openClient,
  plan,
  putText,
  refresh,
  reportsOf,
  status,
  storedObjects,
  textOf,
  writeLedger,
} from "./cluster.ts";
import { ALL_PEOPLE, FIND_PERSON, NOTES, PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";
import { interfering, pausedAt } from "./faults.ts";
import { historyOf } from "./invariants.ts";

const CONFIG = { graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } } };
const NEXT = { graphs: { people: { schema: PERSON_WITH_NOTE, queries: { notes: NOTES } } } };
const THEIR_LOCK = {
  version: 1,
  lock_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
  operation: "apply",
  created_at: "2026-01-01T00:00:00Z",
  pid: 4242,
};

describe("a lock that somebody else holds", () => {
  test("stops apply and refresh, with the id to end it by force; plan and status only say so", async () => {
    const client = await appliedWorld(CONFIG);
    putText(client.world, "__cluster/lock.json", JSON.stringify(THEIR_LOCK, null, 2));
    const before = storedObjects(client.world);

    const applied = await apply(client, NEXT);
    const refreshed = await refresh(client, CONFIG);
    const made = await plan(client, NEXT);
    const seen = await status(client);

    expect(codesOf(applied, "error")).toEqual(["state_lock_held"]);
    expect(codesOf(refreshed, "error")).toEqual(["state_lock_held"]);
    expect(applied.diagnostics[0]?.message).toContain(`force-unlock ${THEIR_LOCK.lock_id}`);
    expect(applied.state_observations).toMatchObject({
      locked: true,
      lock_id: THEIR_LOCK.lock_id,
      lock_pid: 4242,
    });
    expect(made.output.ok).toBe(true);
    expect(codesOf(made.output, "warning")).toContain("state_lock_held");
    expect(made.output.changes.length).toBeGreaterThan(0);
    expect(seen.state_observations).toMatchObject({ locked: true, lock_operation: "apply" });
    expect(storedObjects(client.world)).toEqual(before);
  });

  test("is the lease of a run that is at work", async () => {
    const client = await appliedWorld(CONFIG);
    const pause = pausedAt(12, "before");
    const running = apply(openClient(client.world, pause), NEXT);
    await pause.reached;

    const output = await apply(client, CONFIG);
    pause.resume();

    expect(codesOf(output, "error")).toEqual(["state_lock_held"]);
    expect((await running).converged).toBe(true);
  });

  test("is not looked for in lock.json when state.lock is false, and the lease still holds", async () => {
    const client = await appliedWorld({ ...CONFIG, lock: false });

    const output = await apply(client, { ...NEXT, lock: false });

    expect(output).toMatchObject({ ok: true, converged: true });
    expect(codesOf(output, "warning")).toContain("state_lock_disabled");
    expect(keysBelow(client.world, "__cluster/lock.json")).toEqual([]);
  });
});

describe("a ledger that another tool wrote", () => {
  test("is built upon: its range gets one receipt, and apply goes on (L1)", async () => {
    const client = await appliedWorld(CONFIG);
    writeLedger(client.world, (state) => ({ ...state, state_revision: state.state_revision + 2 }));

    const output = await apply(client, NEXT);

    expect(output).toMatchObject({ ok: true, converged: true });
    const kinds = historyOf(client.world).map((each) => each.kind);
    expect(kinds.filter((kind) => kind === "foreign")).toHaveLength(1);
    expect(ledgerOf(client.world).state_revision).toBe(historyOf(client.world).at(-1)?.revision);
  });

  test("and made without us is taken over and claimed, with what it records", async () => {
    const donor = await appliedWorld(CONFIG);
    const world = newWorld();
    const client = openClient(world);
    const { graphform: _, ...observations } = ledgerOf(donor.world).observations;
    const theirs = { ...ledgerOf(donor.world), observations };
    putText(world, "__cluster/state.json", `${JSON.stringify(theirs, null, 2)}\n`);
    for (const [key, bytes] of donor.world.objects.objects) {
      if (key.startsWith("graphs/") || /^__(graphform\/schemas|cluster\/resources)\//.test(key))
        world.objects.objects.set(key, bytes);
    }

    const output = await apply(client, NEXT);

    expect(output).toMatchObject({ ok: true, converged: true });
    expect(keysBelow(world, "__graphform/deployment.json")).toHaveLength(1);
  });
});

describe("a ledger that cannot be trusted", () => {
  test.each([
    ["is no JSON", () => "{", "invalid_state_json"],
    [
      "has a newer version",
      (text: string) => text.replace('"version": 1', '"version": 2'),
      "unsupported_state_version",
    ],
    [
      "has an address that leaves the root (W35)",
      (text: string) =>
        text.replace('"graph.people": {\n        "digest"', '"graph.../x": {\n        "digest"'),
      "state_address_invalid",
    ],
    [
      "was edited under its revision",
      (text: string) =>
        text.replace(/"schema.people": \{\n {8}"digest": "../, '"schema.people": {\n        "digest": "00'),
      "state_forked",
    ],
  ])("because it %s stops plan, apply and refresh, and is not touched", async (_, damage, code) => {
    const client = await appliedWorld(CONFIG);
    const whole = textOf(client.world, "__cluster/state.json");
    putText(client.world, "__cluster/state.json", damage(whole));
    expect(textOf(client.world, "__cluster/state.json")).not.toBe(whole);
    const before = storedObjects(client.world);

    const outputs = [
      await apply(client, NEXT),
      await refresh(client, CONFIG),
      await importCluster(client, CONFIG),
      (await plan(client, NEXT)).output,
    ];

    for (const output of outputs) expect(codesOf(output, "error")).toContain(code);
    expect(storedObjects(client.world)).toEqual(before);
  });

  test("because a composite is stale stops apply and refresh; plan warns and shows the changes", async () => {
    const client = await appliedWorld(CONFIG);
    writeLedger(client.world, (state) => ({
      ...state,
      state_revision: state.state_revision + 1,
      applied_revision: {
        ...state.applied_revision,
        resources: { ...state.applied_revision.resources, "graph.people": { digest: "0".repeat(64) } },
      },
    }));
    const before = storedObjects(client.world);

    const applied = await apply(client, NEXT);
    const refreshed = await refresh(client, CONFIG);
    const made = await plan(client, NEXT);

    expect(codesOf(applied, "error")).toEqual(["external_blob_policy_digest_mismatch"]);
    expect(codesOf(refreshed, "error")).toEqual(["external_blob_policy_digest_mismatch"]);
    expect(made.output.ok).toBe(true);
    expect(reportsOf(made.output)).toContain("external_blob_policy_digest_mismatch graph.people");
    expect(made.output.changes.length).toBeGreaterThan(0);
    const changed = [...storedObjects(client.world).keys()].filter((key) => !before.has(key));
    expect(changed.filter((key) => !/^__graphform\/(receipts|heads)\//.test(key))).toEqual([]);
  });

  test("because the store does not answer is an error, never an empty cluster (W4)", async () => {
    const client = await appliedWorld(CONFIG);
    const blind = openClient(
      client.world,
      interfering((call) => (call.key === "__cluster/state.json" ? "fail" : "act")),
    );

    const outputs = [
      await apply(blind, NEXT),
      (await plan(blind, NEXT)).output,
      await importCluster(blind, NEXT),
    ];

    for (const output of outputs) expect(output.ok).toBe(false);
    expect(outputs[1] && changesOf(outputs[1] as never)).toEqual([]);
  });
});

describe("another owner of the root", () => {
  test("keeps its ledger: a client with another lease table neither reads for writing nor writes", async () => {
    const client = await appliedWorld(CONFIG);
    const before = storedObjects(client.world);
    const stranger = openClient(client.world);
    const ports = { ...stranger.ports, lease_table: { kind: "dynamodb", name: "leases" } as const };

    const output = await apply({ ...stranger, ports }, NEXT);

    expect(codesOf(output, "error")).toEqual(["deployment_mismatch"]);
    expect(storedObjects(client.world)).toEqual(before);
  });
});

describe("a begin commit that is refused", () => {
  test("sends no effect and takes its intents back (A1, K4)", async () => {
    const client = await appliedWorld(CONFIG);
    const pause = { calls: 0 };
    const raced = openClient(client.world, {
      count: pause,
      before: (call) => {
        if (call.verb === "putIfAbsent" && call.key.startsWith("__cluster/recoveries/")) {
          writeLedger(client.world, (state) => ({ ...state, state_revision: state.state_revision + 1 }));
        }
        return "act";
      },
    });

    const output = await apply(raced, NEXT);

    expect(codesOf(output, "error")).toEqual(["state_cas_mismatch"]);
    expect(output).toMatchObject({ outcome: "refused", state_written: false });
    expect((await headOf(client, "people")).version).toBe(1);
    expect(keysBelow(client.world, "__cluster/recoveries/")).toEqual([]);
    expect((await apply(client, NEXT)).converged).toBe(true);
  });
});

describe("a final commit that is refused after an effect", () => {
  test("ends unknown, claims nothing, keeps its intents, and the next run records what landed (L6, W25)", async () => {
    const client = await appliedWorld(CONFIG);
    let begun = false;
    const raced = openClient(client.world, {
      count: { calls: 0 },
      before: (call) => {
        if (call.verb === "putIfAbsent" && call.key.includes("/__manifest/") && !begun) {
          begun = true;
          writeLedger(client.world, (state) => ({ ...state, state_revision: state.state_revision + 1 }));
        }
        return "act";
      },
    });

    const output = await apply(raced, NEXT);
    const intents = keysBelow(client.world, "__cluster/recoveries/");
    const next = await apply(client, NEXT);

    expect(output).toMatchObject({ ok: false, outcome: "unknown", converged: false, applied_count: 0 });
    expect(intents).toHaveLength(1);
    expect(codesOf(next)).toContain("cluster_recovery_rolled_forward");
    expect(next.converged).toBe(true);
    expect((await headOf(client, "people")).version).toBe(2);
  });
});

describe("what cannot be written", () => {
  test("stops the run before any effect if it is an intent (A1)", async () => {
    const client = await appliedWorld(CONFIG);
    const full = openClient(
      client.world,
      interfering((call) => (call.key.startsWith("__cluster/recoveries/") && call.writes ? "fail" : "act")),
    );

    const output = await apply(full, NEXT);

    expect(codesOf(output, "error")).toEqual(["recovery_sidecar_write_error"]);
    expect((await headOf(client, "people")).version).toBe(1);
    expect(output.outcome).toBe("refused");
  });

  test("blocks its own resource if it is a payload, and the rest is recorded", async () => {
    const client = await appliedWorld(CONFIG);
    const full = openClient(
      client.world,
      interfering((call) => (call.key.includes("/all_people/") && call.writes ? "fail" : "act")),
    );
    const wide = {
      graphs: { people: { schema: PERSON_WITH_NOTE, queries: { notes: NOTES, all_people: ALL_PEOPLE } } },
    };

    const output = await apply(full, wide);
    const again = await apply(client, wide);

    expect(codesOf(output, "error")).toEqual(["resource_payload_write_error"]);
    expect(changesOf(output)).toContain("create query.people.all_people: blocked (payload_write_failed)");
    expect(changesOf(output)).toContain("create query.people.notes: applied");
    expect(output.outcome).toBe("partial");
    expect(changesOf(again)).toEqual([
      "update graph.people: derived",
      "create query.people.all_people: applied",
    ]);
    expect(again.converged).toBe(true);
  });

  test("is only mentioned if it is the removal of a finished intent", async () => {
    const client = await appliedWorld(CONFIG);
    const stuck = openClient(
      client.world,
      interfering((call) =>
        call.verb === "remove" && call.key.startsWith("__cluster/recoveries/") ? "fail" : "act",
      ),
    );

    const output = await apply(stuck, NEXT);
    const again = await apply(client, NEXT);

    expect(output).toMatchObject({ ok: true, converged: true, outcome: "applied" });
    expect(codesOf(output, "warning")).toContain("recovery_sidecar_cleanup_failed");
    expect(again).toMatchObject({ converged: true, changes: [] });
    expect(keysBelow(client.world, "__cluster/recoveries/")).toEqual([]);
  });

  test("keeps the intents if it is the head of the final commit, and the next run supplies it (design 7)", async () => {
    const client = await appliedWorld(CONFIG);
    const revision = ledgerOf(client.world).state_revision + 2;
    const head = `__graphform/heads/${String(revision).padStart(20, "0")}.json`;
    const stuck = openClient(
      client.world,
      interfering((call) => (call.key === head && call.writes ? "fail" : "act")),
    );

    const output = await apply(stuck, NEXT);
    const left = keysBelow(client.world, "__cluster/recoveries/");
    const again = await apply(client, NEXT);

    expect(output.converged).toBe(true);
    expect(left).toHaveLength(1);
    expect(again.converged).toBe(true);
    expect(keysBelow(client.world, head)).toHaveLength(1);
    expect(keysBelow(client.world, "__cluster/recoveries/")).toEqual([]);
  });
});
