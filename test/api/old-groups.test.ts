/** A run that waits for an approval, and the groups of the token that it was ordered with. */
import { beforeEach, describe, expect, test } from "vitest";
import { CLAIM_GROUPS_MS_MAX } from "../../lib/access/limits.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import { apply } from "../apply/cluster.ts";
import { person, send, type TestDeployment, testDeployment } from "./deployment.ts";
import { orderingOn } from "./ordering.ts";
import { CLUSTER_POLICY, configOf } from "./policies.ts";
import { work } from "./worker.ts";

/** Platform people are two by name and whoever the token says is one; contractors apply no queries. */
const POLICY = CLUSTER_POLICY.replace("min_approvals: 2", "min_approvals: 1")
  .replace("platform: [act-carol, act-dan]", 'platform: [act-carol, act-dan, "jwt-group:login/platform"]')
  .replace("groups:\n", 'groups:\n  contractors: ["jwt-group:login/contractors"]\n')
  .replace(
    "duties:",
    "  - { id: no-contractors, deny: { actors: { group: contractors }, actions: [cluster_apply], change_scope: { kinds: [query] } } }\nduties:",
  );
const LOOSER = POLICY.replace("lock_min_age_seconds: 900", "lock_min_age_seconds: 60");

const [alice, carol, eve] = [person("alice"), person("carol"), person("eve")];
const lou = person("lou", { groups: "[staff platform]" });

let made: TestDeployment;
const { handIn, ran, begun } = orderingOn(() => made);

beforeEach(async () => {
  made = testDeployment();
  await begun();
  expect((await apply(made.client("brain"), configOf({ cluster_policy: POLICY }))).converged).toBe(true);
});

/** Orders the looser policy as `who`, waits, has it approved, and works; what became of the run. */
async function approvedAfter(who: object, waitedMs: number) {
  const bundle_digest = await handIn(alice, { cluster_policy: LOOSER });
  const { run } = await ran(who, "/applies", { bundle_digest }, eve);
  expect(run.state).toBe("waiting_approval");
  made.clock.advance(waitedMs);
  const body = { address: "policy.control", plan_id: run.plan_id };
  expect((await send(made, carol, "POST", "/clusters/brain/approvals", { body })).status).toBe(201);
  await work(made);
  const ended = await send(made, eve, "GET", `/clusters/brain/runs/${run.run_id}`);
  return { ended: ended.body, bundle_digest };
}

async function isApplied(): Promise<boolean> {
  return (await send(made, eve, "GET", "/clusters/brain/ledger")).text.includes(sha256(LOOSER));
}

describe("a run that waited for an approval", () => {
  test("goes on by the groups that whoever ordered it had a while ago", async () => {
    const { ended } = await approvedAfter(lou, CLAIM_GROUPS_MS_MAX - 60_000);
    expect(ended).toMatchObject({ run: { state: "ended", outcome: "applied" } });
    expect(await isApplied()).toBe(true);
  });

  test("ends when only groups of long ago would permit it, and is ordered again by who is in them now", async () => {
    const { ended, bundle_digest } = await approvedAfter(lou, CLAIM_GROUPS_MS_MAX + 1_000);
    expect(ended).toMatchObject({
      run: { state: "ended", diagnostics: expect.arrayContaining(["run_groups_outdated"]) },
      output: {
        output: {
          diagnostics: expect.arrayContaining([
            expect.objectContaining({
              code: "run_groups_outdated",
              message: expect.stringContaining("jwt:login:lou"),
              fix: expect.stringContaining("order it again"),
            }),
          ]),
        },
      },
    });
    expect(await isApplied()).toBe(false);
    const again = await ran(lou, "/applies", { bundle_digest }, eve);
    expect(again.run).toMatchObject({ state: "ended", outcome: "applied" });
    expect(await isApplied()).toBe(true);
  });

  test("goes on whenever the policy names whoever ordered it, also through a group of its own", async () => {
    const dan = person("dan", { groups: "[staff]" });
    const { ended } = await approvedAfter(dan, 20 * CLAIM_GROUPS_MS_MAX);
    expect(ended).toMatchObject({ run: { state: "ended", outcome: "applied" } });
  });
});

test("A run is not let through because a group that forbids it is old", async () => {
  const bundle_digest = await handIn(alice, { secret_query: true, cluster_policy: POLICY });
  const contractor = person("dan", { groups: "[contractors staff]" });
  const body = { bundle_digest };
  const ordered = await send(made, contractor, "POST", "/clusters/brain/applies", { body });
  expect(ordered.status).toBe(202);
  made.clock.advance(2 * CLAIM_GROUPS_MS_MAX);
  await work(made);
  const { run_id } = (ordered.body as { run: { run_id: string } }).run;
  const ended = await send(made, eve, "GET", `/clusters/brain/runs/${run_id}`);
  expect(ended.body).toMatchObject({
    run: { outcome: "refused", diagnostics: expect.arrayContaining(["run_denied"]) },
  });
});
