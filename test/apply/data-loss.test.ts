/** Destroying data: only through an approval of exactly that change, and never as the milder or the harsher thing. */
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { planCluster } from "../../lib/apply/planning/plan-cluster.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { protectGraph } from "../../lib/operate/protect-graph.ts";
import { recoverCluster } from "../../lib/operate/recover-cluster.ts";
import { revokeApproval } from "../../lib/operate/revoke-approval.ts";
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import { approve, storedEvidence } from "../operate/approvals.ts";
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
  planned,
  putText,
} from "./cluster.ts";
import { type ClusterFiles, PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";
import { diesAt } from "./dies-at.ts";
import { expectConverged } from "./invariants.ts";

const WITH_NOTE: ClusterFiles = { graphs: { people: { schema: PERSON_WITH_NOTE } } };
const WITHOUT: ClusterFiles = { graphs: { people: { schema: PERSON } } };
const PEOPLE = "people" as GraphId;

async function world(): Promise<Client> {
  const client = await appliedWorld(WITH_NOTE);
  await loadPeople(client, "people", { name: "Ada", note: "secret" }, { name: "Grace" });
  return client;
}

/** Every stored value that must be gone once it was destroyed. */
function secretsOf(client: Client): readonly string[] {
  return [
    ...inspect([...client.world.rows.values()], { depth: null, maxArrayLength: null }).matchAll(/secret/g),
  ].map(([text]) => text);
}

function approveLoss(client: Client, plan: PlanDocument, overrides = {}) {
  return approve(client, plan, { resource: "schema.people", data_loss: true, ...overrides });
}

async function planPurge(client: Client, config = WITHOUT) {
  const made = await planCluster(client.ports, {
    desired: desiredFrom(config),
    actor: "ana",
    targets: null,
    keep: true,
    purge: PEOPLE,
  });
  return made;
}

async function purgePlanned(client: Client): Promise<PlanDocument> {
  const { plan, output } = await planPurge(client);
  expect(codesOf(output, "error")).toEqual([]);
  if (plan === null) throw new Error("no purge was planned");
  return plan;
}

describe("a schema change that drops a property", () => {
  test("hides it, and needs no approval", async () => {
    const client = await world();

    const output = await apply(client, WITHOUT);

    expect(output).toMatchObject({ ok: true, converged: true });
    expect(secretsOf(client)).not.toEqual([]);
  });

  test("destroys it once that was approved, under the plan that was reviewed (C1, C2)", async () => {
    const client = await world();
    const reviewed = await planned(client, WITHOUT, true);
    const { evidence, output: given } = await approveLoss(client, reviewed);
    expect(codesOf(given, "error")).toEqual([]);

    const output = await apply(client, WITHOUT, { reviewed });

    expect(output).toMatchObject({ ok: true, converged: true });
    const change = output.changes.find((each) => each.resource === "schema.people");
    expect(change).toMatchObject({ data_loss: true, disposition: "applied" });
    expect(change?.migration?.steps).toMatchObject([{ kind: "drop_property", mode: "hard" }]);
    expect(secretsOf(client)).toEqual([]);
    const id = evidence?.approval_id ?? "";
    expect(ledgerOf(client.world).approval_records).toHaveProperty([id]);
    expect(storedEvidence(client.world, id as never).state.tag).toBe("consumed");
    await expectConverged(client.world, ["people"]);
  });

  test("is not quietly done by hiding when its approval does not count any more", async () => {
    const client = await world();
    const reviewed = await planned(client, WITHOUT, true);
    const { evidence } = await approveLoss(client, reviewed);
    await loadPeople(client, "people", { name: "Mary", note: "another" });

    const held = await apply(client, WITHOUT);

    expect(codesOf(held)).toContain("approval_unusable");
    expect(changesOf(held)).toContain("update schema.people: blocked (approval_required)");
    expect((await headOf(client, "people")).cause).toBe("load");
    const id = evidence?.approval_id ?? "";
    const revocation = { config_dir: "demo", approval_id: id, actor: "dana", reason: null };
    expect((await revokeApproval(client.ports, revocation)).ok).toBe(true);
    expect(await apply(client, WITHOUT)).toMatchObject({ ok: true, converged: true });
    expect(secretsOf(client)).not.toEqual([]);
  });
});

describe("an approved destruction", () => {
  test("that died after it was published is finished by the sweep, which keeps its intent until then (J3, R2)", async () => {
    const client = await world();
    const reviewed = await planned(client, WITHOUT, true);
    await approveLoss(client, reviewed);
    const { world: shared } = client;
    await diesAt(shared, () => WITHOUT, /^graphs\/people\.omni\/__manifest\//);
    expect(secretsOf(client)).not.toEqual([]);

    const command = { desired: desiredFrom(WITHOUT), actor: "ana", trigger: "test" };
    expect((await recoverCluster(openClient(shared).ports, command)).ok).toBe(true);

    expect(secretsOf(client)).toEqual([]);
    await expectConverged(shared, ["people"]);
  });

  test("whose bytes cannot be removed for a while says so, and keeps its intent until they are gone", async () => {
    const client = await world();
    const reviewed = await planned(client, WITHOUT, true);
    await approveLoss(client, reviewed);
    const { ports } = client;
    const stuck = {
      ...ports,
      engine: { ...ports.engine, cleanUp: () => Promise.resolve({ tag: "left", what: ["x"] } as const) },
    };

    const output = await apply({ world: client.world, ports: stuck }, WITHOUT, { reviewed });

    expect(output.converged).toBe(true);
    expect(codesOf(output)).toContain("destroyed_bytes_left");
    expect(keysBelow(client.world, "__cluster/recoveries/")).toHaveLength(1);
    const command = { desired: desiredFrom(WITHOUT), actor: "ana", trigger: "test" };
    expect((await recoverCluster(ports, command)).ok).toBe(true);
    expect(keysBelow(client.world, "__cluster/recoveries/")).toEqual([]);
  });

  test("is not given to a purge that would destroy more than was reviewed (C1, C5)", async () => {
    const client = await world();
    await apply(client, WITHOUT);
    const reviewed = await purgePlanned(client);
    await approveLoss(client, reviewed);
    await apply(client, { graphs: { people: { schema: "node Person {\n  name: String @key\n}\n" } } });
    await apply(client, WITHOUT);

    const later = await purgePlanned(client);

    expect(later.changes[0]?.migration?.steps.length).toBeGreaterThan(1);
    expect(changesOf(later)).toEqual(["update schema.people: blocked (approval_required)"]);
    expect((await apply(client, WITHOUT, { reviewed: later })).outcome).toBe("partial");
    expect(secretsOf(client)).not.toEqual([]);
  });

  test("whose approval was revoked after the review is refused, and is not done by hiding (A5)", async () => {
    const client = await world();
    const { evidence } = await approveLoss(client, await planned(client, WITHOUT, true));
    const reviewed = await planned(client, WITHOUT, true);
    const approval_id = evidence?.approval_id ?? "";
    const revocation = { config_dir: "demo", approval_id, actor: "dana", reason: null };
    expect((await revokeApproval(client.ports, revocation)).ok).toBe(true);

    const output = await apply(client, WITHOUT, { reviewed });

    expect(output).toMatchObject({ ok: false, outcome: "refused" });
    expect(codesOf(output, "error")).toEqual(["plan_stale"]);
    expect((await headOf(client, "people")).cause).toBe("load");
  });

  test("is not done in the milder way while its evidence is damaged, until somebody takes it back", async () => {
    const client = await world();
    const reviewed = await planned(client, WITHOUT, true);
    const { evidence } = await approveLoss(client, reviewed);
    const id = evidence?.approval_id ?? "";
    putText(client.world, `__graphform/approvals/${id}.json`, "{}");

    expect(changesOf(await apply(client, WITHOUT, { reviewed }))).toContain(
      "update schema.people: blocked (approval_required)",
    );

    const revocation = { config_dir: "demo", approval_id: id, actor: "dana", reason: null };
    expect((await revokeApproval(client.ports, revocation)).ok).toBe(true);
    expect(await apply(client, WITHOUT)).toMatchObject({ converged: true });
    expect(secretsOf(client)).not.toEqual([]);
  });
});

describe("a purge", () => {
  test("is refused where nothing is hidden", async () => {
    const client = await world();

    const { output, plan } = await planPurge(client, WITH_NOTE);

    expect(plan).toBeNull();
    expect(codesOf(output, "error")).toEqual(["nothing_to_purge"]);
  });

  test("destroys what earlier changes hid, with its approval and not before (C1)", async () => {
    const client = await world();
    await apply(client, WITHOUT);
    const reviewed = await purgePlanned(client);
    expect(reviewed.approvals_required).toMatchObject([{ resource: "schema.people", satisfied: false }]);
    expect(changesOf(reviewed)).toEqual(["update schema.people: blocked (approval_required)"]);
    const refused = await apply(client, WITHOUT, { reviewed });
    expect(refused.converged).toBe(true);
    expect(secretsOf(client)).not.toEqual([]);

    const again = await purgePlanned(client);
    expect(codesOf((await approveLoss(client, again)).output, "error")).toEqual([]);
    const output = await apply(client, WITHOUT, { reviewed: again });

    expect(output).toMatchObject({ ok: true, outcome: "applied", converged: true });
    expect(secretsOf(client)).toEqual([]);
    const state = ledgerOf(client.world);
    expect(state.applied_revision.resources["schema.people"]?.digest).toBe(
      desiredFrom(WITHOUT).resources.get("schema.people" as never)?.digest,
    );
    await expectConverged(client.world, ["people"]);
    expect((await planPurge(client)).plan).toBeNull();
  });

  test("leaves the config's own changes alone", async () => {
    const client = await world();
    await apply(client, WITHOUT);
    const { plan } = await planPurge(client, WITH_NOTE);
    if (plan === null) throw new Error("no purge was planned");
    await approveLoss(client, plan);

    const output = await apply(client, WITH_NOTE, { reviewed: plan });

    expect(changesOf(output)).toEqual(["update schema.people: applied"]);
    expect(output.converged).toBe(false);
    expect((await headOf(client, "people")).schema_digest).toBe(
      ledgerOf(client.world).applied_revision.resources["schema.people"]?.digest,
    );
    expect(await apply(client, WITH_NOTE)).toMatchObject({ ok: true, converged: true });
  });

  test("of a protected graph is blocked, approved or not", async () => {
    const client = await world();
    await apply(client, WITHOUT);
    const reviewed = await purgePlanned(client);
    await approveLoss(client, reviewed);
    const by = { actor: "ana", trigger: "test", reason: "audit" };
    await protectGraph(client.ports, {
      ...by,
      desired: desiredFrom(WITHOUT),
      verb: "protect",
      graph: "graph.people",
    });

    const output = await apply(client, WITHOUT, { reviewed });

    expect(changesOf(await purgePlanned(client))).toEqual([
      "update schema.people: blocked (graph_protected)",
    ]);
    expect(secretsOf(client)).not.toEqual([]);
    expect(output.outcome).not.toBe("applied");
  });
});
