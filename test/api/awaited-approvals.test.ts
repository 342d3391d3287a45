/** A run whose policy wants approvals that no gate of its plan knows of. */
import { beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../lib/digest/digest.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { apply } from "../apply/cluster.ts";
import { person, role, send, type TestDeployment, testDeployment } from "./deployment.ts";
import { orderingOn, zipOf } from "./ordering.ts";
import { CLUSTER_POLICY, configFiles, configOf } from "./policies.ts";
import { work } from "./worker.ts";

let made: TestDeployment;
const { handIn, ran, begun } = orderingOn(() => made);
const [alice, carol, dan, eve] = [person("alice"), person("carol"), person("dan"), person("eve")];
const ci = role("kg-ci");

/** A duty of one approval for policies. */
const ONE = CLUSTER_POLICY.replace("min_approvals: 2", "min_approvals: 1");

const waiting = (resource: string) =>
  expect.objectContaining({ resource, disposition: "blocked", reason: "approval_required" });

beforeEach(() => {
  made = testDeployment();
});

describe("a run", () => {
  test("applies what needs nobody's approval, and the rest once those have approved it whom a duty wants", async () => {
    await begun();
    expect((await apply(made.client("brain"), configOf({ cluster_policy: ONE }))).converged).toBe(true);
    const looser = ONE.replace("lock_min_age_seconds: 900", "lock_min_age_seconds: 60");
    const bundle_digest = await handIn(alice, { secret_query: true, cluster_policy: looser });

    const { run, output } = await ran(dan, "/applies", { bundle_digest }, eve);
    expect(run).toMatchObject({ state: "waiting_approval", outcome: null });
    const applied = await send(made, eve, "GET", "/clusters/brain/ledger");
    expect(applied.text).toContain("query.people.every_name");
    expect(applied.text).not.toContain(sha256(looser));
    expect(output).toMatchObject({
      output: { changes: expect.arrayContaining([waiting("policy.control")]) },
    });
    expect(made.notices.at(-1)).toMatchObject({ kind: "approval_wanted", run_id: run.run_id });

    const body = { address: "policy.control", plan_id: run.plan_id };
    const approve = (who: object) => send(made, who, "POST", "/clusters/brain/approvals", { body });
    // Who ordered the run has made its plan, and is an author.
    expect((await approve(dan)).status).toBe(403);
    expect((await approve(carol)).status).toBe(201);
    await work(made);
    const ended = await send(made, eve, "GET", `/clusters/brain/runs/${run.run_id}`);
    expect(ended.body).toMatchObject({ run: { state: "ended", outcome: "applied" } });
    expect((await send(made, eve, "GET", "/clusters/brain/ledger")).text).toContain(sha256(looser));
  });

  test("is refused as a whole if approvals are not what stands in its way", async () => {
    await begun();
    const looser = CLUSTER_POLICY.replace("lock_min_age_seconds: 900", "lock_min_age_seconds: 60");
    const bundle_digest = await handIn(alice, { secret_query: true, cluster_policy: looser });
    // CI may apply queries, and nothing in a plan that also touches a policy (spec/policy 5.6 E4).
    const { run } = await ran(ci, "/applies", { bundle_digest }, eve);
    expect(run).toMatchObject({ state: "ended", outcome: "refused" });
    const ledger = await send(made, eve, "GET", "/clusters/brain/ledger");
    expect(ledger.text).not.toContain("query.people.every_name");
  });

  test("gets around no rule that denies the whole of it", async () => {
    await begun();
    const rule =
      "  - { id: no-mix, deny: { actors: { group: platform }, actions: [cluster_apply], change_scope: { kinds: [policy], graphs: [people] } } }\n";
    const denying = ONE.replace("duties:", `${rule}duties:`);
    expect((await apply(made.client("brain"), configOf({ cluster_policy: denying }))).converged).toBe(true);
    const looser = denying.replace("lock_min_age_seconds: 900", "lock_min_age_seconds: 60");
    const bundle_digest = await handIn(alice, { secret_query: true, cluster_policy: looser });
    const { run } = await ran(dan, "/applies", { bundle_digest }, eve);
    expect(run).toMatchObject({ state: "ended", outcome: "refused" });
  });

  test("creates no graph whose schema somebody has to approve (C1, A6)", async () => {
    await begun();
    const dutied = ONE.replace("change_scope: { kinds: [policy] }", "change_scope: { kinds: [schema] }");
    expect((await apply(made.client("brain"), configOf({ cluster_policy: dutied }))).converged).toBe(true);
    const bundle_digest = await handIn(alice, { cluster_policy: dutied, graphs: ["people", "shop", "more"] });
    const { run } = await ran(dan, "/applies", { bundle_digest }, eve);
    expect(run).toMatchObject({ state: "waiting_approval" });
    const { engine } = made.client("brain").ports;
    expect((await engine.observe("more" as GraphId)).tag).toBe("absent");
    const body = { address: "schema.more", plan_id: run.plan_id };
    expect((await send(made, carol, "POST", "/clusters/brain/approvals", { body })).status).toBe(201);
    await work(made);
    const ended = await send(made, eve, "GET", `/clusters/brain/runs/${run.run_id}`);
    expect(ended.body).toMatchObject({ run: { state: "ended", outcome: "applied" } });
    expect((await engine.observe("more" as GraphId)).tag).toBe("live");
  });

  test.each(["policy.governance", "policy.control"])(
    "never leaves the cluster with two policies or none, although only %s is approved yet",
    async (first) => {
      await begun();
      expect((await apply(made.client("brain"), configOf({ cluster_policy: ONE }))).converged).toBe(true);
      const config = JSON.parse(configFiles({ cluster_policy: ONE })["cluster.yaml"] ?? "");
      const { control, ...others } = config.policies;
      const renamed = JSON.stringify({ ...config, policies: { ...others, governance: control } });
      const raw = await zipOf({ cluster_policy: ONE }, { "cluster.yaml": renamed });
      const headers = { "content-type": "application/zip" };
      const handed = await send(made, alice, "POST", "/clusters/brain/bundles", { raw, headers });
      const { run } = await ran(
        dan,
        "/applies",
        { bundle_digest: (handed.body as { bundle_digest: string }).bundle_digest },
        eve,
      );
      expect(run).toMatchObject({ state: "waiting_approval" });
      const approve = (address: string) =>
        send(made, carol, "POST", "/clusters/brain/approvals", { body: { address, plan_id: run.plan_id } });
      expect((await approve(first)).status).toBe(201);
      await work(made);
      const between = await send(made, eve, "GET", `/clusters/brain/runs/${run.run_id}`);
      expect(between.body).toMatchObject({ run: { state: "waiting_approval" } });
      const second = first === "policy.control" ? "policy.governance" : "policy.control";
      expect((await approve(second)).status).toBe(201);
      await work(made);
      const ended = await send(made, eve, "GET", `/clusters/brain/runs/${run.run_id}`);
      expect(ended.body).toMatchObject({ run: { state: "ended", outcome: "applied" } });
    },
  );

  test("leaves on record who brought what somebody has to approve", async () => {
    await begun();
    expect((await apply(made.client("brain"), configOf({ cluster_policy: ONE }))).converged).toBe(true);
    const looser = ONE.replace("lock_min_age_seconds: 900", "lock_min_age_seconds: 60");
    const first = await handIn(alice, { secret_query: true, cluster_policy: looser });
    expect((await ran(dan, "/applies", { bundle_digest: first }, eve)).run.state).toBe("waiting_approval");
    // Somebody else packs the same file anew; it is still Alice's.
    const other = await handIn(person("bruno"), { cluster_policy: looser, graphs: ["shop", "people"] });
    const { run } = await ran(person("bruno"), "/plans", { bundle_digest: other });
    const body = { address: "policy.control", plan_id: run.plan_id };
    const own = await send(made, alice, "POST", "/clusters/brain/approvals", { body });
    expect(own.body).toMatchObject({ status: 403, detail: expect.stringContaining("approver-not-author") });
  });

  test("brings back nothing that somebody has taken back while it waited (A5)", async () => {
    await begun();
    const old = configOf({ cluster_policy: ONE });
    expect((await apply(made.client("brain"), old)).converged).toBe(true);
    const looser = ONE.replace("lock_min_age_seconds: 900", "lock_min_age_seconds: 60");
    const bundle_digest = await handIn(alice, { secret_query: true, cluster_policy: looser });
    const { run } = await ran(dan, "/applies", { bundle_digest }, eve);
    expect(run.state).toBe("waiting_approval");
    expect((await apply(made.client("brain"), old)).outcome).toBe("applied");
    const body = { address: "policy.control", plan_id: run.plan_id };
    expect((await send(made, carol, "POST", "/clusters/brain/approvals", { body })).status).toBe(201);
    await work(made);
    const ended = await send(made, eve, "GET", `/clusters/brain/runs/${run.run_id}`);
    expect(ended.body).toMatchObject({
      run: { state: "ended", outcome: "partial", diagnostics: ["plan_stale"] },
    });
    const ledger = await send(made, eve, "GET", "/clusters/brain/ledger");
    expect(ledger.text).not.toContain("query.people.every_name");
    expect(ledger.text).not.toContain(sha256(looser));
  });
});
