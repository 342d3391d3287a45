/** Deleting a graph: with a recorded approval and in no other way; undone by a restore, until it is reclaimed. */
import { describe, expect, test } from "vitest";
import { encodeEvidence } from "../../lib/approval/evidence.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import { reclaimGraphs } from "../../lib/operate/reclaim-graphs.ts";
import { restoreGraph } from "../../lib/operate/restore-graph.ts";
import { AFTER, approve, approved, BEFORE, storedArtifact, storedEvidence } from "../operate/approvals.ts";
import {
  appliedWorld,
  apply,
  type Client,
  changesOf,
  codesOf,
  desiredFrom,
  headOf,
  keysBelow,
  ledgerOf,
  loadPeople,
  openClient,
  plan,
  planned,
  putText,
  refresh,
  removeBehind,
  rowsOf,
  textOf,
} from "./cluster.ts";
import { type ClusterFiles, FIND_PERSON, PERSON } from "./cluster-files.ts";
import { interfering } from "./faults.ts";
import { expectConverged, historyOf } from "./invariants.ts";

const SHOP = "shop" as GraphId;
const COMMAND = { actor: "ana", trigger: "test" };

async function world(): Promise<Client> {
  const client = await appliedWorld(BEFORE);
  await loadPeople(client, "shop", "Ada", "Grace");
  return client;
}

async function deletedWorld() {
  const client = await world();
  const evidence = await approved(client);
  expect(await apply(client, AFTER)).toMatchObject({ ok: true, converged: true });
  return { client, evidence };
}

function restore(client: Client, config = AFTER) {
  const desired = desiredFrom(config);
  return restoreGraph(client.ports, { ...COMMAND, desired, graph: SHOP, incarnation: null });
}

function reclaim(client: Client, config = AFTER) {
  return reclaimGraphs(client.ports, { ...COMMAND, desired: desiredFrom(config), graph: null });
}

function bytesOf(client: Client, incarnation: string | null): readonly string[] {
  const prefix = `graphs/shop.omni/${incarnation ?? "none"}`;
  return [...client.world.rows.keys()].filter((path) => path.includes(prefix));
}

describe("a graph delete", () => {
  test("is refused without an approval, and says how to get one (C1)", async () => {
    const client = await world();

    const output = await apply(client, AFTER);

    expect(changesOf(output)).toEqual([
      "delete graph.shop: blocked (approval_required)",
      "delete schema.shop: blocked (approval_required)",
    ]);
    const advice = output.diagnostics.find((each) => each.path === "graph.shop")?.fix;
    expect(advice).toContain("approve");
    expect(await rowsOf(client, "shop")).toBe(2);
  });

  test("runs with an approval, which the same commit uses up (C2)", async () => {
    const client = await world();
    const evidence = await approved(client);

    const output = await apply(client, AFTER);

    expect(output).toMatchObject({ ok: true, outcome: "applied", converged: true });
    expect((await headOf(client, "shop")).state).toBe("deleted");
    const state = ledgerOf(client.world);
    expect(state.applied_revision.resources).not.toHaveProperty(["graph.shop"]);
    expect(state.applied_revision.resources).not.toHaveProperty(["schema.shop"]);
    expect(state.observations["graph.shop"]).toEqual({
      kind: "tombstone",
      deleted_at: "2026-01-01T00:00:00Z",
      approval_id: evidence.approval_id,
      actor: "ana",
      graph_manifest_version: 3,
    });
    const consumed = { consumed_at: "2026-01-01T00:00:00Z", consumed_by_operation: "apply" };
    expect(state.approval_records).toEqual({ [evidence.approval_id]: consumed });
    const receipts = historyOf(client.world).filter((each) => each.approvals_consumed.length > 0);
    expect(receipts.map((each) => each.kind)).toEqual(["final"]);
    expect(receipts[0]?.approvals_consumed).toMatchObject([{ address: "graph.shop" }]);
    expect(receipts[0]?.graphs["shop"]).toEqual({ manifest_version: 3, incarnation: null });
    expect(storedEvidence(client.world, evidence.approval_id).state.tag).toBe("consumed");
    expect(storedArtifact(client.world, evidence.approval_id).consumed_at).toBe("2026-01-01T00:00:00Z");
    await expectConverged(client.world, ["people"]);
    expect(await apply(client, AFTER)).toMatchObject({ outcome: "noop", state_written: false });
  });

  test("runs as the plan that was approved promised it", async () => {
    const client = await world();
    const reviewed = await planned(client, AFTER, true);
    const { evidence } = await approve(client, reviewed);
    expect(evidence).not.toBeNull();

    const output = await apply(client, AFTER, { reviewed });

    expect(output).toMatchObject({ ok: true, converged: true });
    expect(output.plan_id).not.toBeNull();
    expect((await apply(client, AFTER, { reviewed })).ok).toBe(false);
  });

  const REFUSALS: readonly (readonly [string, (client: Client) => Promise<unknown>, string, ClusterFiles])[] =
    [
      [
        "rows were written since",
        (client: Client) => loadPeople(client, "shop", "Mary"),
        "approval_unusable",
        AFTER,
      ],
      [
        "it has expired",
        (client: Client) => Promise.resolve(client.world.clock.advance(8 * 24 * 3_600_000)),
        "approval_unusable",
        AFTER,
      ],
      [
        "the config changed since",
        () => Promise.resolve(),
        "approval_stale",
        { graphs: { people: { schema: PERSON } }, name: "another" },
      ],
    ];

  test.each(REFUSALS)("is refused when %s", async (_title, happens, code, config) => {
    const client = await world();
    await approved(client);
    await happens(client);

    const output = await apply(client, config);

    expect(codesOf(output)).toContain(code);
    expect(output.diagnostics.find((each) => each.code === code)?.message).toMatch(/\w/);
    expect((await headOf(client, "shop")).state).toBe("live");
    expect(changesOf(output)).toContain("delete graph.shop: blocked (approval_required)");
  });

  test("goes on within the tolerance that the approver gave", async () => {
    const client = await world();
    await approved(client, AFTER, { tolerance: 1 });
    await loadPeople(client, "shop", "Mary");

    expect(await apply(client, AFTER)).toMatchObject({ ok: true, converged: true });
  });

  test("comes last, and not at all in a run that was asked to stop before it", async () => {
    const client = await world();
    const evidence = await approved(client);

    const output = await apply(client, AFTER, { interrupted: () => true });

    expect(codesOf(output)).toContain("graph_delete_skipped");
    expect((await headOf(client, "shop")).state).toBe("live");
    expect(storedEvidence(client.world, evidence.approval_id).state.tag).toBe("open");
    expect(keysBelow(client.world, "__cluster/recoveries/")).toEqual([]);
    expect(await apply(client, AFTER)).toMatchObject({ ok: true, converged: true });
  });

  test("is not sent in a run that could not store a payload, and runs in the next (A6)", async () => {
    const client = await world();
    const config = {
      graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } },
    };
    const evidence = await approved(client, config);
    const full = openClient(
      client.world,
      interfering((call) => (call.key.includes("/find_person/") && call.writes ? "fail" : "act")),
    );

    const output = await apply(full, config);

    expect(codesOf(output)).toEqual(
      expect.arrayContaining(["resource_payload_write_error", "graph_delete_skipped"]),
    );
    expect((await headOf(client, "shop")).state).toBe("live");
    expect(storedEvidence(client.world, evidence.approval_id).state.tag).toBe("open");
    expect(keysBelow(client.world, "__cluster/recoveries/")).toEqual([]);
    expect(await apply(client, config)).toMatchObject({ ok: true, converged: true });
    expect((await headOf(client, "shop")).state).toBe("deleted");
  });

  test("is not sent when its approval expires while the plan waits for consent (C3)", async () => {
    const client = await world();
    const lifetime_ms = 1_000;
    const evidence = await approved(client, AFTER, { lifetime_ms });
    const consent = () => {
      client.world.clock.advance(lifetime_ms);
      return Promise.resolve(true);
    };

    const output = await apply(client, AFTER, { consent });

    expect(codesOf(output, "error")).toContain("graph_delete_failed");
    expect(changesOf(output)).toContain("delete graph.shop: blocked (approval_required)");
    expect((await headOf(client, "shop")).state).toBe("live");
    expect(storedEvidence(client.world, evidence.approval_id).state.tag).toBe("open");
  });

  test("needs a second person where the deployment says so (C3)", async () => {
    const { world: shared } = await world();
    const client = openClient(shared, undefined, { ...LAPTOP_RULES, self_approval: "refused" });
    const own = await planned(client, AFTER, true);

    const refusal = await approve(client, own, { actor: "ana" });

    expect(codesOf(refusal.output, "error")).toEqual(["approval_self_given"]);
    expect((await apply(client, AFTER)).converged).toBe(false);
    expect((await approve(client, own)).output.ok).toBe(true);
    expect((await apply(client, AFTER)).converged).toBe(true);
  });

  test("is not repeated by an old approval once the graph was created again (C1, C2)", async () => {
    const { client } = await deletedWorld();
    expect(await apply(client, BEFORE)).toMatchObject({ converged: true });

    const output = await apply(client, AFTER);

    expect(changesOf(output)).toContain("delete graph.shop: blocked (approval_required)");
    expect((await headOf(client, "shop")).state).toBe("live");
  });

  test("is not repeated by a second artifact for the same change after the graph was created again (C1)", async () => {
    const client = await world();
    const reviewed = await planned(client, AFTER, true);
    await approve(client, reviewed);
    await approve(client, reviewed);
    await apply(client, AFTER);
    await apply(client, BEFORE);

    const output = await apply(client, AFTER);

    expect(codesOf(output)).toContain("approval_unusable");
    expect((await headOf(client, "shop")).state).toBe("live");
  });

  test("is not repeated by an approval whose consumption was never written into its files (W7)", async () => {
    const { client, evidence } = await deletedWorld();
    const key = `__cluster/approvals/${evidence.approval_id}.json`;
    putText(
      client.world,
      key,
      textOf(client.world, key).replace(/"consumed_at": "[^"]*"/, '"consumed_at": null'),
    );
    const open = { ...evidence, change_id: client.ports.ids.next() };
    putText(
      client.world,
      `__graphform/approvals/${evidence.approval_id}.json`,
      Buffer.from(encodeEvidence(open)).toString("utf8"),
    );
    await restore(client);

    const output = await apply(client, AFTER);

    expect(output.converged).toBe(false);
    expect((await headOf(client, "shop")).state).toBe("live");
  });
});

describe("a deleted graph", () => {
  test("keeps its rows and lives again after a restore", async () => {
    const { client } = await deletedWorld();

    const output = await restore(client);

    expect(output).toMatchObject({ ok: true, outcome: "done", result: { graph: "shop", rows: 2 } });
    expect(await rowsOf(client, "shop")).toBe(2);
    const state = ledgerOf(client.world);
    expect(state.applied_revision.resources).toHaveProperty(["schema.shop"]);
    expect(state.resource_statuses["graph.shop"]).toEqual({ status: "applied" });
    expect(keysBelow(client.world, "__cluster/recoveries/")).toEqual([]);
    expect(await apply(client, BEFORE)).toMatchObject({ ok: true, converged: true });
  });

  test("that was restored needs a new approval to be deleted again (C5)", async () => {
    const client = await world();
    const reviewed = await planned(client, AFTER, true);
    await approve(client, reviewed);
    await approve(client, reviewed);
    await apply(client, AFTER);
    await restore(client);

    const output = await apply(client, AFTER);

    expect(codesOf(output)).toContain("approval_unusable");
    expect((await headOf(client, "shop")).state).toBe("live");
  });

  test("is reclaimed once its grace period is over, and not before", async () => {
    const { client } = await deletedWorld();
    const dead = (await headOf(client, "shop")).dead[0];
    expect(await reclaim(client)).toMatchObject({ ok: true, outcome: "noop", result: { reclaimed: [] } });
    expect(bytesOf(client, dead?.incarnation ?? null).length).toBeGreaterThan(0);

    client.world.clock.advance(LAPTOP_RULES.delete_grace_ms);
    const output = await reclaim(client);

    expect(output.result?.reclaimed).toEqual([{ graph: "shop", incarnation: dead?.incarnation }]);
    expect(bytesOf(client, dead?.incarnation ?? null)).toEqual([]);
    expect(await restore(client)).toMatchObject({ ok: false, outcome: "refused" });
    await expectConverged(client.world, ["people"]);
  });

  test("that the ledger still has is not reclaimed", async () => {
    const client = await world();
    const head = await headOf(client, "shop");
    await removeBehind(client, "shop");
    client.world.clock.advance(LAPTOP_RULES.delete_grace_ms);

    expect(codesOf(await reclaim(client))).toEqual(["graph_reclaim_failed"]);
    expect(bytesOf(client, head.incarnation).length).toBeGreaterThan(0);

    await refresh(client, AFTER);
    expect((await reclaim(client)).result?.reclaimed).toHaveLength(1);
  });

  test("that is created again is a new life, which no reclaim of the old one touches", async () => {
    const { client } = await deletedWorld();
    await apply(client, BEFORE);
    await loadPeople(client, "shop", "Edsger");
    client.world.clock.advance(LAPTOP_RULES.delete_grace_ms);

    await reclaim(client, BEFORE);
    await reclaim(client, BEFORE);

    expect(await rowsOf(client, "shop")).toBe(1);
    await expectConverged(client.world, ["people", "shop"]);
  });

  test("cannot be restored while its id lives", async () => {
    const { client } = await deletedWorld();
    await apply(client, BEFORE);

    const output = await restore(client, BEFORE);

    expect(output).toMatchObject({ ok: false, outcome: "refused" });
    expect(codesOf(output)).toEqual(["graph_restore_failed"]);
  });

  test("cannot be restored if it never lived, and nothing is said of data that is kept", async () => {
    const client = await world();
    const command = { ...COMMAND, desired: desiredFrom(BEFORE), incarnation: null };
    const output = await restoreGraph(client.ports, { ...command, graph: "ghost" as GraphId });

    expect(output).toMatchObject({ ok: false, outcome: "refused" });
    expect(codesOf(output)).toEqual(["graph_never_lived"]);
    expect(output.diagnostics[0]?.why).not.toMatch(/deleted;|reclaimed/);
  });

  test("cannot be restored while the ledger still has it, only once a refresh has recorded the delete", async () => {
    const client = await world();
    await removeBehind(client, "shop");
    const removed = await headOf(client, "shop");

    const output = await restore(client, BEFORE);

    expect(output).toMatchObject({ ok: false, outcome: "refused" });
    expect(codesOf(output)).toEqual(["graph_restore_failed"]);
    expect(await headOf(client, "shop")).toEqual(removed);
    await refresh(client, BEFORE);
    expect(await restore(client, BEFORE)).toMatchObject({ ok: true, result: { rows: 2 } });
  });
});

describe("plan", () => {
  test("shows an open gate as satisfied, and the delete as what will happen", async () => {
    const client = await world();
    await approved(client);

    const { output } = await plan(client, AFTER);

    expect(output.approvals_required).toMatchObject([{ resource: "graph.shop", satisfied: true }]);
    expect(changesOf(output)).toContain("delete graph.shop: applied");
  });
});
