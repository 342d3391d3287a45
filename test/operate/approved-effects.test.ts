/** What an approval lets happen, from the plan to the graph: data loss, purge, wider access (design 8). */
import { describe, expect, test } from "vitest";
import { planCluster } from "../../lib/apply/planning/plan-cluster.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import {
  appliedWorld,
  apply,
  type Client,
  changesOf,
  codesOf,
  desiredFrom,
  headOf,
  loadPeople,
  openClient,
  planned,
} from "../apply/cluster.ts";
import { type ClusterFiles, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { approve, found, storedEvidence } from "./approvals.ts";

const WIDE: ClusterFiles = { graphs: { shop: { schema: PERSON_WITH_NOTE } } };
const NARROW: ClusterFiles = { graphs: { shop: { schema: PERSON } } };
const SCHEMA = { resource: "schema.shop", data_loss: true };

async function world(): Promise<Client> {
  const client = await appliedWorld(WIDE);
  await loadPeople(client, "shop", { name: "ada", note: "secret" });
  return client;
}

async function purgePlan(client: Client): Promise<PlanDocument> {
  const desired = desiredFrom(NARROW);
  const { plan, output } = await planCluster(client.ports, {
    ...{ desired, actor: "ana", targets: null, purge: "shop" as GraphId },
  });
  expect(codesOf(output, "error")).toEqual([]);
  return plan!;
}

describe("an approval", () => {
  test("of data loss makes the drops of the reviewed plan destroy, and is used up by that", async () => {
    const client = await world();
    const reviewed = await planned(client, NARROW);
    const { evidence, output } = await approve(client, reviewed, SCHEMA);
    expect(codesOf(output)).toEqual([]);

    const applied = await apply(client, NARROW, { reviewed });

    expect(applied).toMatchObject({ ok: true, converged: true });
    expect(storedEvidence(client.world, evidence!.approval_id).state.tag).toBe("consumed");
    const again = await planCluster(client.ports, {
      ...{ desired: desiredFrom(NARROW), actor: "ana", targets: null, purge: "shop" as GraphId },
    });
    expect(codesOf(again.output, "error")).toEqual(["nothing_to_purge"]);
  });

  test("of data loss that does not count any more keeps the change from running at all, until it is taken back", async () => {
    const client = await world();
    const reviewed = await planned(client, NARROW);
    await approve(client, reviewed, SCHEMA);
    await loadPeople(client, "shop", { name: "bob", note: "new" });

    const applied = await apply(client, NARROW);

    expect(changesOf(applied)).toContain("update schema.shop: blocked (approval_required)");
    expect(codesOf(applied)).toContain("approval_unusable");
    expect((await headOf(client, "shop")).cause).toBe("load");
  });

  test("of data loss in another config is stale, and it is said that the drops only hide", async () => {
    const client = await world();
    await approve(client, await planned(client, NARROW), SCHEMA);
    const other: ClusterFiles = { ...NARROW, policies: { staff: { applies_to: ["shop"] } } };

    const applied = await apply(client, other);

    expect(applied).toMatchObject({ ok: true, converged: true });
    const stale = applied.diagnostics.find((each) => each.code === "approval_stale");
    expect(stale?.message).toContain("Without an approval the drops only hide.");
  });

  test("of a purge destroys what an earlier change hid, by the plan's id", async () => {
    const client = await world();
    expect(await apply(client, NARROW)).toMatchObject({ converged: true });
    const reviewed = await purgePlan(client);
    expect(codesOf((await approve(client, reviewed, { resource: "schema.shop" })).output)).toEqual([
      "approval_needs_data_loss",
    ]);
    const { evidence, output } = await approve(client, reviewed, SCHEMA);
    expect(codesOf(output)).toEqual([]);
    expect(evidence).toMatchObject({ operation: "purge", rows: 1 });

    const applied = await apply(client, NARROW, { reviewed });

    expect(applied).toMatchObject({ ok: true });
    expect(storedEvidence(client.world, evidence!.approval_id).state.tag).toBe("consumed");
  });

  test("of wider access lets the policy change run where the deployment asks for one", async () => {
    const before: ClusterFiles = {
      ...NARROW,
      policies: { staff: { applies_to: ["shop"], readers: ["ana"] } },
    };
    const after: ClusterFiles = {
      ...NARROW,
      policies: { staff: { applies_to: ["shop"], readers: ["ana", "eve"] } },
    };
    const laptop = await appliedWorld(before);
    const client = openClient(laptop.world, undefined, { access_widening: "gated" });
    expect(changesOf(await apply(client, after))).toEqual([
      "update policy.staff: blocked (approval_required)",
    ]);
    const reviewed = await planned(client, after);
    const { evidence, output } = await approve(client, reviewed, { resource: "policy.staff" });
    expect(codesOf(output)).toEqual([]);
    expect(evidence).toMatchObject({ operation: "access", graph: null, rows: null });

    expect(await apply(client, after)).toMatchObject({ ok: true, converged: true });
    expect(storedEvidence(client.world, evidence!.approval_id).state.tag).toBe("consumed");
    expect((await found(client, after)).usable.size).toBe(0);
  });
});
