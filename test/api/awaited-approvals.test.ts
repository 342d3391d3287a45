/** A run whose policy wants approvals that no gate of its plan knows of. */
import { beforeEach, describe, expect, test } from "vitest";
import { sha256 } from "../../lib/digest/digest.ts";
import { apply } from "../apply/cluster.ts";
import { person, role, send, type TestDeployment, testDeployment } from "./deployment.ts";
import { orderingOn } from "./ordering.ts";
import { CLUSTER_POLICY, configOf } from "./policies.ts";
import { work } from "./worker.ts";

let made: TestDeployment;
const { handIn, ran, begun } = orderingOn(() => made);
const [alice, carol, dan, eve] = [person("alice"), person("carol"), person("dan"), person("eve")];
const ci = role("kg-ci");

const waiting = (resource: string) =>
  expect.objectContaining({ resource, disposition: "blocked", reason: "approval_required" });

beforeEach(() => {
  made = testDeployment();
});

describe("a run", () => {
  test("applies what needs nobody's approval, and the rest once those have approved it whom a duty wants", async () => {
    await begun();
    const one = CLUSTER_POLICY.replace("min_approvals: 2", "min_approvals: 1");
    expect((await apply(made.client("brain"), configOf({ cluster_policy: one }))).converged).toBe(true);
    const looser = one.replace("lock_min_age_seconds: 900", "lock_min_age_seconds: 60");
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

  test("leaves what its caller may never apply to those who may, and applies the rest", async () => {
    await begun();
    const looser = CLUSTER_POLICY.replace("lock_min_age_seconds: 900", "lock_min_age_seconds: 60");
    const bundle_digest = await handIn(alice, { secret_query: true, cluster_policy: looser });
    const { run } = await ran(ci, "/applies", { bundle_digest }, eve);
    expect(run).toMatchObject({ state: "waiting_approval", outcome: null });
    const ledger = await send(made, eve, "GET", "/clusters/brain/ledger");
    expect(ledger.text).toContain("query.people.every_name");
    expect(ledger.text).not.toContain(sha256(looser));

    const body = { address: "policy.control", plan_id: run.plan_id };
    for (const who of [carol, dan]) {
      expect((await send(made, who, "POST", "/clusters/brain/approvals", { body })).status).toBe(201);
    }
    await work(made);
    const ended = await send(made, eve, "GET", `/clusters/brain/runs/${run.run_id}`);
    expect(ended.body).toMatchObject({ run: { state: "ended", outcome: "partial" } });
    expect(ended.text).toContain("run_denied");
    expect((await send(made, eve, "GET", "/clusters/brain/ledger")).text).not.toContain(sha256(looser));
  });
});
