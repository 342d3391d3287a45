/** Approvals through the API: four eyes, proof of who approves, duties, and what becomes of an approval later. */
import { beforeEach, describe, expect, test } from "vitest";
import { recordAuthor } from "../../lib/access/authors.ts";
import { createAccess } from "../../lib/access/cedar-access.ts";
import { identifyGateway } from "../../lib/access/identity.ts";
import { planCluster } from "../../lib/apply/planning/plan-cluster.ts";
import type { ClusterName } from "../../lib/digest/ids.ts";
import { noteBundleOrigin } from "../../lib/intake/bundle-origin.ts";
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import { apply, importCluster } from "../apply/cluster.ts";
import { GATEWAYS, person, role, SETTINGS, send, type TestDeployment, testDeployment } from "./deployment.ts";
import { CLUSTER_POLICY, configOf } from "./policies.ts";

let made: TestDeployment;

beforeEach(async () => {
  made = testDeployment();
  const client = made.client("brain");
  await importCluster(client, configOf());
  const applied = await apply(client, configOf());
  expect(applied.converged).toBe(true);
});

/** A stored plan of `author` that deletes the shop, from a config that `bringer` handed in. */
async function deletion(author = "act-alice", bringer: string | null = author): Promise<PlanDocument> {
  const { ports } = made.client("brain");
  const desired = configOf({ graphs: ["people"] });
  const { plan } = await planCluster(ports, { desired, actor: author, targets: null, keep: true });
  if (plan === null) throw new Error("no plan was made");
  await noteBundleOrigin(ports, desired.bundle_digest, bringer);
  return plan;
}

function approve(who: object, plan: PlanDocument, more: object = {}, headers: Record<string, string> = {}) {
  const body = { address: "graph.shop", plan_id: plan.plan_id, ...more };
  return send(made, who, "POST", "/clusters/brain/approvals", { body, headers });
}

describe("an approval", () => {
  test("is given by somebody else than the author; the record says who and how they proved it, and readers see who", async () => {
    const answer = await approve(person("carol", { groups: "[owners]" }), await deletion());
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ ok: true, resource: "graph.shop", approved_by: "act-carol" });
    const { approval_id } = answer.body as { approval_id: string };
    const shown = await send(made, person("eve"), "GET", `/clusters/brain/approvals/${approval_id}`);
    const approver = { source: "jwt", canonical: "jwt:login:carol" };
    const evidence = { approved_by: "act-carol", submitted_by: "act-alice" };
    expect(shown.body).toMatchObject({ approval: { evidence } });
    expect((shown.body as { approval: { evidence: object } }).approval.evidence).toHaveProperty(
      "approver",
      approver,
    );
    for (const proof of ["owners", "mfa", "amr", "claim_groups"]) expect(shown.text).not.toContain(proof);
    const { objects } = made.client("brain").world.objects;
    const kept = objects.get(`__graphform/approvals/${approval_id}.json`) ?? [];
    expect(JSON.parse(Buffer.from(kept).toString("utf8"))).toMatchObject({
      ...evidence,
      approver: { ...approver, amr: ["pwd", "mfa"], claim_groups: ["jwt-group:login/owners"] },
    });
  });

  test.each([
    ["its author", person("alice"), "act-alice", "act-alice"],
    ["its author by another credential", person("alice"), "jwt:login:x", "act-alice"],
    ["who brought the config", person("carol"), "act-alice", "act-carol"],
    ["somebody without a second factor", person("carol", { amr: "[pwd]" }), "act-alice", "act-alice"],
    ["a role, which proves no person", role("kg-ci"), "act-alice", "act-alice"],
    ["an auditor", person("eve"), "act-alice", "act-alice"],
  ])("is refused to %s", async (_, who, author, bringer) => {
    const answer = await approve(who, await deletion(author, bringer));
    expect({ status: answer.status, code: (answer.body as { code: string }).code }).toEqual({
      status: 403,
      code: "api_denied",
    });
    expect([...made.client("brain").world.objects.objects.keys()].join()).not.toContain(
      "__graphform/approvals/",
    );
  });

  test("is refused to everybody while nobody knows who brought the config", async () => {
    const answer = await approve(person("carol"), await deletion("act-alice", null));
    expect(answer.body).toMatchObject({ status: 403 });
    expect((answer.body as { detail: string }).detail).toContain("duty/builtin-approver-not-author");
  });

  test("is refused to who was the first to bring a file that changes, whoever planned it later", async () => {
    const { ports } = made.client("brain");
    const plan = await deletion("act-alice");
    const desired = configOf({ secret_query: true, graphs: ["people"] });
    const later = await planCluster(ports, { desired, actor: "act-bruno", targets: null, keep: true });
    await noteBundleOrigin(ports, desired.bundle_digest, "act-bruno");
    const added = later.plan?.changes.find((each) => each.resource === "query.people.every_name");
    expect(added?.after_digest).toBeDefined();
    await recordAuthor(ports, [added?.after_digest ?? ""], "act-carol");
    const { authorsOf } = await import("../../lib/access/authors.ts");
    expect(later.plan === null ? [] : await authorsOf(ports, later.plan, null)).toEqual([
      "act-bruno",
      "act-carol",
    ]);
    expect(await authorsOf(ports, plan, null)).toEqual(["act-alice"]);
    // Nobody knows who made it, so it may be whoever wants to act on it.
    expect(await authorsOf(ports, { ...plan, actor: null }, null)).toEqual([]);
  });

  test("of a plan that is not there tells a stranger nothing, and everybody else that it is not there", async () => {
    const plan = await deletion();
    const ghost = { ...plan, plan_id: "01ARZ3NDEKTSV4RRFFQ69G5FAV" as typeof plan.plan_id };
    const stranger = person("agent");
    const [missing, hidden] = [await approve(stranger, ghost), await approve(stranger, plan)];
    expect(missing.text).toBe(hidden.text);
    expect(hidden.status).toBe(404);
    expect((await approve(person("carol"), ghost)).body).toMatchObject({
      status: 404,
      code: "plan_not_found",
    });
  });

  test("is taken back by who gave it and by who could have given it, and by nobody else", async () => {
    const give = async () => {
      const answer = await approve(person("carol"), await deletion());
      return (answer.body as { approval_id: string }).approval_id;
    };
    const revoke = (who: object, id: string) =>
      send(made, who, "POST", `/clusters/brain/approvals/${id}/revoke`, {
        body: { reason: "changed my mind" },
      });
    const [first, second] = [await give(), await give()];
    expect((await revoke(person("agent"), first)).status).toBe(404);
    expect((await revoke(person("eve"), first)).status).toBe(403);
    expect((await revoke(person("alice"), first)).status).toBe(403);
    expect((await revoke(person("carol"), first)).body).toMatchObject({ ok: true, revoked_by: "act-carol" });
    expect((await revoke(person("dan"), second)).body).toMatchObject({ ok: true, revoked_by: "act-dan" });
    expect((await revoke(person("carol"), "01ARZ3NDEKTSV4RRFFQ69G5FAV")).status).toBe(404);
    expect((await revoke(person("agent"), "01ARZ3NDEKTSV4RRFFQ69G5FAV")).text).toBe(
      (await revoke(person("agent"), second)).text,
    );
  });

  test("is one approval, however often the request with its key is sent", async () => {
    const plan = await deletion();
    const headers = { "idempotency-key": "k1" };
    const first = await approve(person("carol"), plan, {}, headers);
    const again = await approve(person("carol"), plan, {}, headers);
    expect(again.text).toBe(first.text);
    expect(again.headers.get("idempotency-replayed")).toBe("true");
    const other = await approve(person("carol"), plan, { tolerance: 5 }, headers);
    expect(other.body).toMatchObject({ status: 409, code: "api_key_reused" });
    const somebody = await approve(person("dan"), plan, {}, headers);
    expect((somebody.body as { approved_by: string }).approved_by).toBe("act-dan");
    const listed = await send(made, person("eve"), "GET", "/clusters/brain/approvals");
    expect((listed.body as { items: object[] }).items).toHaveLength(2);
  });

  test("is given once, by one of two requests that are sent at the same time", async () => {
    const plan = await deletion();
    const headers = { "idempotency-key": "k1" };
    const both = await Promise.all([1, 2].map(() => approve(person("carol"), plan, {}, headers)));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409]);
    const listed = await send(made, person("eve"), "GET", "/clusters/brain/approvals");
    expect((listed.body as { items: object[] }).items).toHaveLength(1);
  });

  test("that was refused is tried again under its key", async () => {
    const headers = { "idempotency-key": "k1" };
    const plan = await deletion();
    const tooMuch = { data_loss: true };
    expect((await approve(person("carol"), plan, tooMuch, headers)).status).toBe(422);
    expect((await approve(person("carol"), plan, tooMuch, headers)).status).toBe(422);
  });

  test("whose request died is given again only once it is certain that nobody works on it", async () => {
    const headers = { "idempotency-key": "k1" };
    const plan = await deletion();
    const first = await approve(person("carol"), plan, {}, headers);
    expect(first.status).toBe(201);
    // As if the process had died before it could keep its answer.
    for (const [key, bytes] of made.records.objects) {
      if (!key.startsWith("requests/")) continue;
      const record = JSON.parse(Buffer.from(bytes).toString("utf8")) as object;
      const begun_at = new Date(made.clock.nowMs()).toISOString();
      made.records.objects.set(
        key,
        Buffer.from(JSON.stringify({ ...record, begun_at, answer: null }), "utf8"),
      );
    }
    const early = await approve(person("carol"), plan, {}, headers);
    expect(early.body).toMatchObject({ status: 409, code: "api_request_in_progress" });
    expect(early.headers.get("retry-after")).toBe("120");
    made.clock.advance(120_000);
    // Of those who then come at once one does the work.
    const later = await Promise.all([1, 2].map(() => approve(person("carol"), plan, {}, headers)));
    expect(later.map(({ status }) => status).sort()).toEqual([201, 409]);
  });
});

describe("an apply", () => {
  const access = () => createAccess(SETTINGS, made.deployment.records);
  const caller = (context: object) => {
    const found = identifyGateway({ context, authorization: null }, GATEWAYS, SETTINGS);
    if (found === null) throw new Error("nobody");
    return found;
  };
  const decide = async (who: object, plan: PlanDocument, authors: readonly string[] = ["act-alice"]) => {
    const ports = made.deployment.open("brain" as ClusterName);
    return access().decide(ports, caller(who), { kind: "apply", plan, ledger: null, authors });
  };

  test("of something irreversible needs an approval, and not that of who applies it", async () => {
    const plan = await deletion();
    // Nothing that is gated runs yet, so there is nothing irreversible in what would be done.
    expect(await decide(person("dan"), plan)).toMatchObject({ tag: "allowed" });
    await approve(person("carol"), plan);
    expect(await decide(person("dan"), plan)).toMatchObject({
      tag: "allowed",
      rules: ["platform-applies-anything"],
    });
    expect(await decide(person("carol"), plan)).toMatchObject({
      tag: "denied",
      rules: ["duty/approver-does-not-apply-irreversible"],
      masked: false,
    });
    expect(await decide(role("kg-ci"), plan)).toMatchObject({ tag: "denied" });
  });

  test("stops counting an approver who may not approve any more", async () => {
    const plan = await deletion();
    await approve(person("carol"), plan);
    const changed = CLUSTER_POLICY.replace(
      "release: [act-alice, act-carol, act-dan]",
      "release: [act-alice, act-bruno, act-dan]",
    );
    await apply(made.client("brain"), configOf({ cluster_policy: changed }));
    // Carol's approval is not counted, so the change is not among what would run and she is no approver.
    expect(await decide(person("carol"), plan)).toMatchObject({
      tag: "allowed",
      rules: ["platform-applies-anything"],
    });
  });

  test("of a policy change needs two approvers who are not its authors", async () => {
    const { ports } = made.client("brain");
    const desired = configOf({ mode: "invocable" });
    const { plan } = await planCluster(ports, { desired, actor: "act-alice", targets: null, keep: true });
    if (plan === null) throw new Error("no plan was made");
    await noteBundleOrigin(ports, desired.bundle_digest, "act-alice");
    const needsTwo = { tag: "denied", rules: ["duty/policy-needs-two"] };
    const address = "policy.data";
    expect(await decide(person("dan"), plan)).toMatchObject(needsTwo);
    expect((await approve(person("alice"), plan, { address })).status).toBe(403);
    expect((await approve(person("carol"), plan, { address })).status).toBe(201);
    expect((await approve(person("carol"), plan, { address })).status).toBe(201);
    expect(await decide(person("dan"), plan)).toMatchObject(needsTwo);
    expect((await approve(person("dan"), plan, { address })).status).toBe(201);
    // Who approved may apply, because nothing irreversible is among it.
    expect(await decide(person("dan"), plan)).toMatchObject({ tag: "allowed" });
    expect(await decide(person("carol"), plan, ["act-carol"])).toMatchObject(needsTwo);
    // What no gate and no duty wants approved is not.
    const other = await approve(person("carol"), plan, { address: "graph.people" });
    expect(other.status).not.toBe(201);
  });
});
