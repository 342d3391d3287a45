/** Keys of rows in plans and runs are for whoever may read the graph (spec/policy 5.3). */
import { beforeAll, describe, expect, test } from "vitest";
import { decodePlan } from "../../lib/plan/plan-codec.ts";
import { reviewedDigest } from "../../lib/plan/reviewed-digest.ts";
import { apply, loadPeople } from "../apply/cluster.ts";
import { PERSON } from "../apply/cluster-files.ts";
import { person, send, type TestDeployment, testDeployment } from "./deployment.ts";
import { orderingOn, zipOf } from "./ordering.ts";
import { CLUSTER_POLICY, configOf } from "./policies.ts";

const [alice, carol, dan, eve] = [person("alice"), person("carol"), person("dan"), person("eve")];
/** Carol, who may read the graph, may plan as well. */
const cluster_policy = CLUSTER_POLICY.replace("[act-alice, act-bruno]", "[act-alice, act-bruno, act-carol]");
let made: TestDeployment;
let plan_id: string;
let runs: readonly [string, string];
const { ran, begun } = orderingOn(() => made);

beforeAll(async () => {
  made = testDeployment();
  await begun();
  expect((await apply(made.client("brain"), configOf({ cluster_policy }))).converged).toBe(true);
  await loadPeople(made.client("brain"), "people", "ada@example.org", "bo@example.org");
  const strict = PERSON.replace(/\}\s*$/, '  @check(name, "^zzz$")\n}\n');
  const raw = await zipOf({ cluster_policy }, { "person.pg": strict });
  const headers = { "content-type": "application/zip" };
  const kept = await send(made, alice, "POST", "/clusters/brain/bundles", { raw, headers });
  const { bundle_digest } = kept.body as { bundle_digest: string };
  const planned = await ran(alice, "/plans", { bundle_digest });
  const applied = await ran(dan, "/applies", { bundle_digest }, eve);
  plan_id = planned.run.plan_id;
  runs = [planned.run.run_id, applied.run.run_id];
});

const read = async (who: object, path: string) =>
  (await send(made, who, "GET", `/clusters/brain/${path}`)).text;

describe("the rows that stand in the way of a schema change", () => {
  test("are counted, and not named, to a planner who may not read the graph", async () => {
    for (const path of [`plans/${plan_id}`, `runs/${runs[0]}`]) {
      const text = await read(alice, path);
      expect(text).toMatch(/"violations":\s*2/);
      expect(text).not.toContain("example.org");
    }
  });

  test("are not named to an auditor in what an apply came to", async () => {
    const text = await read(eve, `runs/${runs[1]}`);
    expect(text).toMatch(/"violations":\s*2/);
    expect(text).not.toContain("example.org");
  });

  test("are named to a planner who may read the graph", async () => {
    for (const path of [`plans/${plan_id}`, `runs/${runs[0]}`]) {
      expect(await read(carol, path)).toContain("ada@example.org");
    }
  });

  test("make no other plan of it: who reads it with or without them applies the same one", async () => {
    const apply = (plan_digest: string) =>
      send(made, dan, "POST", `/clusters/brain/plans/${plan_id}/apply`, { body: { plan_digest } });
    const digests = await Promise.all(
      [alice, carol].map(async (who) => {
        const decoded = decodePlan(await read(who, `plans/${plan_id}`), "plan");
        if (decoded.tag === "invalid") throw new Error("it is a plan");
        const { plan } = decoded;
        return [reviewedDigest(plan), reviewedDigest({ ...plan, changes: plan.changes.slice(1) })] as const;
      }),
    );
    const [whole = "", altered = ""] = digests[0] ?? [];
    expect(digests).toEqual([digests[0], digests[0]]);
    const listed = async () => JSON.parse(await read(eve, "runs?limit=200")).items.length;
    const before = await listed();
    expect((await apply(altered)).body).toMatchObject({ status: 409, code: "plan_altered" });
    expect((await apply("x")).status).toBe(422);
    expect(await listed()).toBe(before);
    expect((await apply(whole)).status).toBe(202);
    expect(await listed()).toBe(before + 1);
  });
});
