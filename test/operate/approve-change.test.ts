/** Approving a change of a stored plan: what it binds, and everything that it refuses (design 8). */
import { describe, expect, test } from "vitest";
import { sha256 } from "../../lib/digest/digest.ts";
import type { GraphId, OperationId, RunId } from "../../lib/digest/ids.ts";
import { RECORD_TEXT_MAX } from "../../lib/ledger/limits.ts";
import { protectGraph } from "../../lib/operate/protect-graph.ts";
import { planDigest } from "../../lib/plan/plan-document.ts";
import {
  appliedWorld,
  type Client,
  codesOf,
  desiredFrom,
  headOf,
  keysBelow,
  ledgerOf,
  loadPeople,
  migrateBehind,
  openClient,
  planned,
  putText,
  refresh,
  removeBehind,
  writeLedger,
} from "../apply/cluster.ts";
import { FIND_PERSON, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { interfering } from "../apply/faults.ts";
import { AFTER, approve, approved, BEFORE, SHOP, storedArtifact, storedEvidence } from "./approvals.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

async function restoreBehind(client: Client): Promise<void> {
  const head = await headOf(client, "shop");
  const { ids, engine } = client.ports;
  const outcome = await engine.restore({
    graph: "shop" as GraphId,
    expect: head.version,
    incarnation: head.dead[0]!.incarnation,
    operation_id: ids.next() as OperationId,
    run_id: ids.next() as RunId,
    actor: null,
  });
  expect(outcome.tag).toBe("done");
}

function approvalFiles(client: Client): readonly string[] {
  return [
    ...keysBelow(client.world, "__graphform/approvals/"),
    ...keysBelow(client.world, "__cluster/approvals/"),
  ];
}

describe("approve", () => {
  test("puts evidence of what the plan shows and OmniGraph's artifact, and answers with its id (U1)", async () => {
    const client = await appliedWorld(BEFORE);
    await loadPeople(client, "shop", "ada", "bob");
    await loadPeople(client, "shop", "eve");
    const plan = await planned(client, AFTER, true);
    const { output, evidence } = await approve(client, plan, { tolerance: 5, reason: "closed" });

    const id = evidence!.approval_id;
    expect(output).toEqual({
      ok: true,
      format_version: 1,
      config_dir: "demo",
      approval_id: id,
      resource: SHOP,
      operation: "delete",
      approved_by: "dana",
      diagnostics: [],
    });
    const head = await headOf(client, "shop");
    const before_digest = ledgerOf(client.world).applied_revision.resources[SHOP]?.digest;
    expect(storedEvidence(client.world, id)).toEqual(evidence);
    expect(evidence).toMatchObject({
      resource: SHOP,
      operation: "delete",
      plan_id: plan.plan_id,
      plan_digest: planDigest(plan),
      config_digest: plan.made_from.config_digest,
      before_digest,
      after_digest: null,
      graph: "shop",
      incarnation: head.incarnation,
      manifest_version: head.version,
      rows: 3,
      rows_written: 3,
      tolerance: 5,
      state_revision: ledgerOf(client.world).state_revision,
      approved_by: "dana",
      submitted_by: "ana",
      self_approval: "allowed",
      reason: "closed",
      state: { tag: "open" },
    });
    const { created_at, expires_at } = evidence!;
    expect(Date.parse(expires_at!) - Date.parse(created_at)).toBe(7 * DAY_MS);
    expect(storedArtifact(client.world, id)).toEqual({
      schema_version: 1,
      approval_id: id,
      resource: SHOP,
      operation: "delete",
      reason: "delete may remove deployed graph or schema definition",
      bound_config_digest: plan.made_from.config_digest,
      bound_before_digest: before_digest,
      bound_after_digest: null,
      approved_by: "dana",
      created_at,
      consumed_at: null,
      consumed_by_operation: null,
    });
  });

  test("takes no lock, changes neither ledger nor graph, and can be repeated", async () => {
    const client = await appliedWorld(BEFORE);
    const before = client.world.objects.objects.get("__cluster/state.json");
    const lease = client.world.objects.lease;

    const [one, two] = [await approved(client), await approved(client)];

    expect(one.approval_id).not.toBe(two.approval_id);
    expect(client.world.objects.objects.get("__cluster/state.json")).toEqual(before);
    expect(client.world.objects.lease).toEqual(lease);
    expect(approvalFiles(client)).toHaveLength(4);
  });

  test.each([
    ["an address that is none", { resource: "the shop" }, "approval_not_required"],
    ["what the plan does not change", { resource: "graph.people" }, "approval_not_required"],
    ["what goes with its graph", { resource: "schema.shop" }, "approval_not_required"],
    ["a graph with --data-loss", { data_loss: true }, "approval_not_required"],
    ["a plan id that is none", { plan_id: "reviewed.plan" }, "plan_not_found"],
    ["a plan that is not stored", { plan_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV" }, "plan_not_found"],
    ["nobody", { actor: null }, "approval_actor_missing"],
    ["a blank name", { actor: " " }, "approval_actor_missing"],
    ["a reason that is too long", { reason: "x".repeat(RECORD_TEXT_MAX + 1) }, "approval_text_invalid"],
    ["a name with half a character", { actor: "\ud800" }, "approval_text_invalid"],
  ])("refuses %s and writes nothing", async (_, overrides, code) => {
    const client = await appliedWorld(BEFORE);
    const plan = await planned(client, AFTER, true);
    const { output, evidence } = await approve(client, plan, overrides);

    expect({ ok: output.ok, codes: codesOf(output), evidence }).toEqual({
      ok: false,
      codes: [code],
      evidence: null,
    });
    expect(output.diagnostics[0]?.fix).toMatch(/\w/);
    expect(approvalFiles(client)).toEqual([]);
  });

  test("names the graph whose approval carries a schema or a query", async () => {
    const client = await appliedWorld(BEFORE);
    const plan = await planned(client, AFTER, true);
    const { output } = await approve(client, plan, { resource: "schema.shop" });
    expect(output.diagnostics[0]?.message).toContain("what needs the approval is graph.shop");
  });

  test("warns the plan's own maker on a laptop and stamps the rule into the approval", async () => {
    const client = await appliedWorld(BEFORE);
    const plan = await planned(client, AFTER, true);
    const { output, evidence } = await approve(client, plan, { actor: "ana" });
    expect(output).toMatchObject({
      ok: true,
      diagnostics: [{ code: "approval_self_given", severity: "warning" }],
    });
    expect(evidence).toMatchObject({ self_approval: "allowed", approved_by: "ana", submitted_by: "ana" });
  });

  test("refuses the plan's own maker, and a plan of nobody, where the rules want a second person", async () => {
    const laptop = await appliedWorld(BEFORE);
    const strict = openClient(laptop.world, undefined, { self_approval: "refused" });
    const plan = await planned(laptop, AFTER, true);
    const { plan_id } = await planned(laptop, AFTER, false);
    putText(
      laptop.world,
      `__graphform/plans/${plan_id}.json`,
      JSON.stringify({ ...plan, plan_id, actor: null }),
    );

    const own = await approve(strict, plan, { actor: "ana" });
    const nobodys = await approve(strict, plan, { plan_id });
    for (const { output } of [own, nobodys]) {
      expect({ ok: output.ok, codes: codesOf(output, "error") }).toEqual({
        ok: false,
        codes: ["approval_self_given"],
      });
    }
    expect(approvalFiles(laptop)).toEqual([]);
    expect((await approve(strict, plan)).evidence).toMatchObject({ self_approval: "refused" });
  });

  test.each<readonly [string, (client: Client) => Promise<unknown>, string, RegExp]>([
    [
      "the ledger records another digest",
      async (client) =>
        writeLedger(client.world, (state) => ({
          ...state,
          state_revision: state.state_revision + 1,
          applied_revision: {
            ...state.applied_revision,
            resources: { ...state.applied_revision.resources, [SHOP]: { digest: sha256("other") } },
          },
        })),
      "plan_stale",
      /the ledger records another digest since the plan was made/,
    ],
    [
      "the graph is gone",
      (client) => removeBehind(client, "shop"),
      "plan_stale",
      /deleted, created or restored/,
    ],
    [
      "the graph was deleted and restored",
      async (client) => {
        await removeBehind(client, "shop");
        await restoreBehind(client);
      },
      "plan_stale",
      /the graph was deleted and restored since/,
    ],
    [
      "the live schema changed",
      (client) => migrateBehind(client, "shop", PERSON_WITH_NOTE),
      "plan_stale",
      /the live schema changed since/,
    ],
    [
      "rows were written that it does not tolerate",
      (client) => loadPeople(client, "shop", "ada", "bob"),
      "plan_stale",
      /2 rows were written since the plan was made, and the approval tolerates 0/,
    ],
    [
      "the graph was protected",
      (client) =>
        protectGraph(client.ports, {
          ...{ verb: "protect", graph: SHOP, actor: "ana", trigger: "test", reason: null },
          desired: desiredFrom(BEFORE),
        }),
      "approval_graph_protected",
      /graph.shop is protected/,
    ],
    [
      "the ledger is gone",
      async (client) => client.world.objects.objects.delete("__cluster/state.json"),
      "state_lost",
      /./,
    ],
    [
      "another lease table protects the root",
      async (client) =>
        putText(
          client.world,
          "__graphform/deployment.json",
          JSON.stringify({ format_version: 1, owner: "x", lease_table: { kind: "dynamodb", name: "t" } }),
        ),
      "deployment_mismatch",
      /./,
    ],
  ])("refuses a plan that the world has left behind: %s", async (_, move, code, message) => {
    const client = await appliedWorld(BEFORE);
    const plan = await planned(client, AFTER, true);
    await move(client);

    const { output } = await approve(client, plan);

    expect(codesOf(output)).toEqual([code]);
    expect(output.diagnostics[0]?.message).toMatch(message);
    expect(approvalFiles(client)).toEqual([]);
  });

  test("binds the version that the plan saw, also when rows were written since that it tolerates", async () => {
    const client = await appliedWorld(BEFORE);
    await loadPeople(client, "shop", "ada");
    const plan = await planned(client, AFTER, true);
    const reviewed = await headOf(client, "shop");
    await loadPeople(client, "shop", "bob");

    const { evidence } = await approve(client, plan, { tolerance: 1 });

    expect(evidence).toMatchObject({ manifest_version: reviewed.version, rows: 1, rows_written: 1 });
  });

  test("refuses a change that something else than the gate blocks", async () => {
    const client = await appliedWorld(BEFORE);
    const plan = await planned(client, AFTER, true);
    const changes = plan.changes.map((each) => ({ ...each, reason: "not_targeted" as const }));
    const { plan_id } = await planned(client, AFTER, false);
    putText(client.world, `__graphform/plans/${plan_id}.json`, JSON.stringify({ ...plan, plan_id, changes }));

    const { output } = await approve(client, plan, { plan_id });

    expect(codesOf(output)).toEqual(["approval_change_blocked"]);
    expect(output.diagnostics[0]?.fix).toContain("apply without --target");
  });

  test("says what became of it when the store does not answer, and leaves nothing that counts unsaid", async () => {
    const client = await appliedWorld(BEFORE);
    const plan = await planned(client, AFTER, true);
    const cases = [
      ["__graphform/approvals/", "fail", false],
      ["__graphform/approvals/", "lose_answer", true],
      ["__cluster/approvals/", "fail", false],
      ["__cluster/approvals/", "lose_answer", true],
    ] as const;
    for (const [prefix, fate, ok] of cases) {
      const faulty = openClient(
        client.world,
        interfering((call) => (call.writes && call.key.startsWith(prefix) ? fate : "act")),
      );
      const { output } = await approve(faulty, plan);
      expect({ ok: output.ok, codes: codesOf(output) }).toEqual({
        ok,
        codes: ok ? [] : ["approval_write_error"],
      });
    }
    const mute = openClient(
      client.world,
      interfering((call) => {
        if (!call.key.startsWith("__cluster/approvals/")) return "act";
        return call.writes ? "lose_answer" : "fail";
      }),
    );
    const { output, evidence } = await approve(mute, plan);
    expect(output.ok).toBe(false);
    expect(output.diagnostics[0]?.message).toContain(
      `not known whether the approval ${evidence?.approval_id} was given`,
    );
    expect(output.diagnostics[0]?.fix).toContain("graphform approvals revoke");
  });

  test("of a drop needs --data-loss and binds the values that would be lost in sum", async () => {
    const client = await appliedWorld({ graphs: { shop: { schema: PERSON_WITH_NOTE } } });
    await loadPeople(client, "shop", { name: "ada", age: 36, note: "x" }, { name: "bob", note: "y" });
    const plan = await planned(
      client,
      { graphs: { shop: { schema: "node Person {\n  name: String @key\n}\n" } } },
      true,
    );
    const resource = "schema.shop";

    const unsaid = await approve(client, plan, { resource });
    expect(codesOf(unsaid.output)).toEqual(["approval_needs_data_loss"]);
    expect(unsaid.output.diagnostics[0]?.message).toContain("would lose 3 stored values");

    const { evidence } = await approve(client, plan, { resource, data_loss: true });
    expect(evidence).toMatchObject({ operation: "data_loss", resource, rows: 3, graph: "shop" });
    expect(storedArtifact(client.world, evidence!.approval_id)).toMatchObject({
      operation: "update",
      resource,
    });
  });

  test("of a schema change that drops nothing is not needed", async () => {
    const client = await appliedWorld(BEFORE);
    const wider = { graphs: { people: { schema: PERSON }, shop: { schema: PERSON_WITH_NOTE } } };
    const plan = await planned(client, wider, true);
    const { output } = await approve(client, plan, { resource: "schema.shop", data_loss: true });
    expect(codesOf(output)).toEqual(["approval_not_required"]);
  });

  test("works while a refresh moves the ledger, because what it binds stays", async () => {
    const client = await appliedWorld(BEFORE);
    const plan = await planned(client, AFTER, true);
    await loadPeople(client, "people", "ada");
    await refresh(client, {
      graphs: { ...BEFORE.graphs, people: { schema: PERSON, queries: { f: FIND_PERSON } } },
    });

    const { output, evidence } = await approve(client, plan);

    expect(codesOf(output)).toEqual([]);
    expect(evidence?.state_revision).toBe(ledgerOf(client.world).state_revision);
  });
});
