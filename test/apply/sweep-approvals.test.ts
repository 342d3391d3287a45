/** What a sweep makes of an approved delete that was interrupted anywhere: rows J0 to J6 with an approval (design 7, 8). */
import { beforeEach, describe, expect, test } from "vitest";
import type { Evidence } from "../../lib/approval/evidence.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { discardIntent } from "../../lib/operate/discard-intent.ts";
import { recoverCluster } from "../../lib/operate/recover-cluster.ts";
import { restoreGraph } from "../../lib/operate/restore-graph.ts";
import { AFTER, approved, BEFORE, storedArtifact, storedEvidence } from "../operate/approvals.ts";
import {
  appliedWorld,
  apply,
  type Client,
  codesOf,
  desiredFrom,
  headOf,
  importCluster,
  keysBelow,
  ledgerOf,
  loadPeople,
  openClient,
  putText,
  refresh,
  rowsOf,
  storedObjects,
  textOf,
  type World,
} from "./cluster.ts";
import { DEAD_LEASE_MS, diesAt } from "./dies-at.ts";
import { interfering } from "./faults.ts";
import type { Fate } from "./interference.ts";
import { expectConverged, historyOf } from "./invariants.ts";

const COMMAND = { actor: "ana", trigger: "test" };
const MANIFEST = /^graphs\/shop\.omni\/__manifest\//;
const LEDGER = /^__cluster\/state\.json$/;
const SIDECAR = /^__cluster\/recoveries\//;
const EVIDENCE = /^__graphform\/approvals\//;

let world: World;
let evidence: Evidence;

beforeEach(async () => {
  const client = await appliedWorld(BEFORE);
  world = client.world;
  await loadPeople(client, "shop", "Ada", "Grace");
  evidence = await approved(client);
});

/** The delete dies at its n-th write of a key like this. */
function dies(key: RegExp, nth: number, fate: "die_before" | "die_after"): Promise<void> {
  return diesAt(world, () => AFTER, key, nth, fate);
}

function recover(client: Client = openClient(world)) {
  return recoverCluster(client.ports, { ...COMMAND, desired: desiredFrom(AFTER) });
}

function stateOfApproval(): string {
  return storedEvidence(world, evidence.approval_id).state.tag;
}

function openIntents(): readonly string[] {
  return keysBelow(world, "__cluster/recoveries/");
}

describe("an approved delete whose run died", () => {
  test("after it reserved the approval and before its intent can never land, and the approval is open again (J1, R5)", async () => {
    await dies(SIDECAR, 1, "die_before");
    expect(stateOfApproval()).toBe("reserved");

    expect((await recover()).ok).toBe(true);

    expect((await headOf(openClient(world), "shop")).cause).toBe("fence");
    expect(stateOfApproval()).toBe("open");
    expect(await apply(openClient(world), AFTER)).toMatchObject({ ok: true, converged: true });
    expect(stateOfApproval()).toBe("consumed");
  });

  test("before its effect is fenced, given up and proposed again (J1)", async () => {
    await dies(MANIFEST, 1, "die_before");

    const output = await recover();

    expect(codesOf(output)).toContain("graph_delete_incomplete");
    expect(openIntents()).toEqual([]);
    expect(stateOfApproval()).toBe("open");
    expect(await rowsOf(openClient(world), "shop")).toBe(2);
  });

  test("after its effect is recorded once, with the approval it used (J3, C2)", async () => {
    await dies(MANIFEST, 1, "die_after");

    const output = await recover();

    expect(codesOf(output)).toContain("cluster_recovery_rolled_forward");
    const state = ledgerOf(world);
    expect(state.applied_revision.resources).not.toHaveProperty(["graph.shop"]);
    expect(state.observations["graph.shop"]).toMatchObject({
      kind: "tombstone",
      approval_id: evidence.approval_id,
    });
    expect(Object.keys(state.approval_records)).toEqual([evidence.approval_id]);
    expect(historyOf(world).at(-1)).toMatchObject({
      kind: "recovery",
      approvals_consumed: [{ approval_id: evidence.approval_id, address: "graph.shop" }],
      graphs: { shop: { manifest_version: 3, incarnation: null } },
    });
    expect(stateOfApproval()).toBe("consumed");
    expect(storedArtifact(world, evidence.approval_id).consumed_at).not.toBeNull();
    expect(openIntents()).toEqual([]);
    expect(await apply(openClient(world), AFTER)).toMatchObject({ ok: true, converged: true });
    await expectConverged(world, ["people"]);
  });

  test("after its final commit is only cleaned up (J2)", async () => {
    await dies(LEDGER, 2, "die_after");
    expect(stateOfApproval()).toBe("reserved");
    const revision = ledgerOf(world).state_revision;

    expect(await recover()).toMatchObject({ ok: true, outcome: "noop" });

    expect(ledgerOf(world).state_revision).toBe(revision);
    expect(stateOfApproval()).toBe("consumed");
    expect(openIntents()).toEqual([]);
  });

  test("between its final commit and the mark in the artifact tells OmniGraph after all (J2, W7)", async () => {
    await dies(/^__cluster\/approvals\//, 1, "die_before");
    expect(storedArtifact(world, evidence.approval_id).consumed_at).toBeNull();

    await recover();

    expect(storedArtifact(world, evidence.approval_id).consumed_at).not.toBeNull();
    expect(openIntents()).toEqual([]);
  });

  test("after its effect, and the graph was restored since, waits for a refresh and is then over (J4, J2)", async () => {
    await dies(MANIFEST, 1, "die_after");
    const head = await headOf(openClient(world), "shop");
    const { ids, engine } = openClient(world).ports;
    const by = { operation_id: ids.next(), run_id: ids.next(), actor: "somebody else" };
    const restored = await engine.restore({
      ...{ graph: "shop" as GraphId, expect: head.version, ...by },
      incarnation: head.dead[0]?.incarnation,
    } as Parameters<typeof engine.restore>[0]);
    expect(restored.tag).toBe("done");

    expect(codesOf(await recover())).toContain("cluster_recovery_pending");
    expect(openIntents()).toHaveLength(1);
    expect(stateOfApproval()).toBe("reserved");

    await refresh(openClient(world), BEFORE);
    await recover();

    expect(openIntents()).toEqual([]);
    expect(stateOfApproval()).toBe("consumed");
    expect(Object.keys(ledgerOf(world).approval_records)).toEqual([evidence.approval_id]);
    expect(await apply(openClient(world), BEFORE)).toMatchObject({ ok: true, converged: true });
    await expectConverged(world, ["people", "shop"]);
  });

  test("while its graph cannot be read is left alone with its approval (J6)", async () => {
    await dies(MANIFEST, 1, "die_before");
    const blind = interfering((call) => (call.key.startsWith("graphs/shop.omni/") ? "fail" : "act"));

    expect(codesOf(await recover(openClient(world, blind)))).toContain("cluster_recovery_pending");

    expect(stateOfApproval()).toBe("reserved");
    expect(openIntents()).toHaveLength(1);
    await recover();
    expect(stateOfApproval()).toBe("open");
  });

  test("and whose intent was discarded by hand is still judged by its reservation (J7)", async () => {
    await dies(MANIFEST, 1, "die_after");
    const operation_id = openIntents()[0]?.slice(-31, -5) ?? "";
    const blind = interfering((call) => (call.key.startsWith("graphs/shop.omni/") ? "fail" : "act"));
    const stuck = openClient(world, blind);
    const facts = { ...COMMAND, desired: desiredFrom(AFTER), operation_id, reason: "gone" };
    expect((await discardIntent(stuck.ports, facts)).outcome).toBe("refused");
    world.objects.objects.delete(openIntents()[0] ?? "");

    await recover();

    expect(stateOfApproval()).toBe("consumed");
    expect(ledgerOf(world).applied_revision.resources).not.toHaveProperty(["graph.shop"]);
    expect(Object.keys(ledgerOf(world).approval_records)).toEqual([evidence.approval_id]);
  });

  test.each([
    ["before its intent", SIDECAR],
    ["before its effect", MANIFEST],
  ])(
    "%s is given up by hand where its chain cannot be read, and its approval is withdrawn with it (J6, C2)",
    async (_title, key) => {
      await dies(key, 1, "die_before");
      const held = storedEvidence(world, evidence.approval_id).state;
      const operation_id = held.tag === "reserved" ? held.reservation.operation_id : "";
      const manifest = keysBelow(world, "graphs/shop.omni/__manifest/")[0] ?? "";
      const whole = textOf(world, manifest);
      putText(world, manifest, whole.slice(0, whole.length / 2));
      const command = { ...COMMAND, desired: desiredFrom(AFTER), operation_id, reason: "its disk is gone" };

      const output = await discardIntent(openClient(world).ports, command);

      expect(output).toMatchObject({ outcome: "done", result: { graph: "shop", fenced_version: null } });
      expect(codesOf(output)).toContain("recovery_discard_unfenced");
      const withdrawn = { tag: "revoked", by: "ana", reason: "its disk is gone" };
      expect(storedEvidence(world, evidence.approval_id).state).toMatchObject(withdrawn);
      expect(storedArtifact(world, evidence.approval_id).consumed_at).not.toBeNull();
      expect(openIntents()).toEqual([]);
      putText(world, manifest, whole);
      expect((await apply(openClient(world), AFTER)).converged).toBe(false);
      expect(await rowsOf(openClient(world), "shop")).toBe(2);
    },
  );

  test("is not given up as long as its approval cannot be withdrawn, and can be given up again (C2)", async () => {
    await dies(MANIFEST, 1, "die_before");
    const operation_id = openIntents()[0]?.slice(-31, -5) ?? "";
    const command = { ...COMMAND, desired: desiredFrom(AFTER), operation_id, reason: null };
    const manifest = keysBelow(world, "graphs/shop.omni/__manifest/")[0] ?? "";
    putText(world, manifest, "torn");
    const stuck = interfering((call) => (call.writes && EVIDENCE.test(call.key) ? "fail" : "act"));

    const output = await discardIntent(openClient(world, stuck).ports, command);

    expect(output.outcome).toBe("refused");
    expect(codesOf(output)).toContain("recovery_discard_failed");
    expect(openIntents()).toHaveLength(1);
    expect(await discardIntent(openClient(world).ports, command)).toMatchObject({ outcome: "done" });
    expect(stateOfApproval()).toBe("revoked");
  });

  test("and whose ledger was lost is settled by the import that makes it again (C2)", async () => {
    await dies(MANIFEST, 1, "die_after");
    world.objects.objects.delete("__cluster/state.json");

    expect(codesOf(await importCluster(openClient(world), AFTER), "error")).toEqual([]);

    expect(openIntents()).toEqual([]);
    expect(stateOfApproval()).toBe("consumed");
    expect(Object.keys(ledgerOf(world).approval_records)).toEqual([evidence.approval_id]);
    expect(await apply(openClient(world), AFTER)).toMatchObject({ ok: true, converged: true });
  });

  test("is settled the same by one sweep as by two (R1)", async () => {
    await dies(MANIFEST, 1, "die_after");

    await recover();
    const once = storedObjects(world);
    await recover();

    expect(storedObjects(world)).toEqual(once);
  });
});

describe("a restore whose run died", () => {
  test.each([
    ["before its effect is fenced, and can be asked for again (J1)", "die_before"],
    ["after its effect is recorded as living (J3)", "die_after"],
  ] as const)("%s", async (_title, fate) => {
    await apply(openClient(world), AFTER);
    let dead = false;
    const client = openClient(
      world,
      interfering((call): Fate => {
        if (dead) return "die_before";
        if (!call.writes || !MANIFEST.test(call.key)) return "act";
        dead = true;
        return fate;
      }),
    );
    const command = { ...COMMAND, desired: desiredFrom(AFTER), graph: "shop" as GraphId, incarnation: null };
    void restoreGraph(client.ports, command);
    while (!dead) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    world.clock.advance(DEAD_LEASE_MS);

    await recover();
    if (fate === "die_before") {
      expect((await restoreGraph(openClient(world).ports, command)).ok).toBe(true);
    }

    expect(await rowsOf(openClient(world), "shop")).toBe(2);
    expect(ledgerOf(world).resource_statuses["graph.shop"]).toEqual({ status: "applied" });
    expect(openIntents()).toEqual([]);
    expect(await apply(openClient(world), BEFORE)).toMatchObject({ ok: true, converged: true });
    await expectConverged(world, ["people", "shop"]);
  });
});

test("a delete that somebody revoked in the last moment is not sent, and nothing else waits for it (C3)", async () => {
  let taken = false;
  const client = openClient(
    world,
    interfering((call): Fate => {
      if (!taken && call.writes && EVIDENCE.test(call.key)) {
        taken = true;
        const key = `__graphform/approvals/${evidence.approval_id}.json`;
        const text = Buffer.from(world.objects.objects.get(key) ?? []).toString("utf8");
        const revoked =
          '"tag": "revoked",\n    "by": "dana",\n    "at": "2026-01-01T00:00:00Z",\n    "reason": null';
        world.objects.objects.set(key, Buffer.from(text.replace('"tag": "open"', revoked), "utf8"));
      }
      return "act";
    }),
  );

  const output = await apply(client, AFTER);

  expect(taken).toBe(true);
  expect((await headOf(client, "shop")).state).toBe("live");
  expect(codesOf(output)).toContain("graph_delete_failed");
  expect(stateOfApproval()).toBe("revoked");
  expect(openIntents()).toEqual([]);
});
