/**
 * The function that applies is killed, as Lambda kills what takes too long: after each of its requests that change
 * something, and before each of those that are on their way together. Its message comes back when its visibility has
 * passed, and whoever gets it finishes the run, once. KILL_EVERYWHERE=1 kills before and after every request. Where it
 * sees its time coming, it stops by itself.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PERSON } from "../apply/cluster-files.ts";
import type { SeenRequest } from "../wire/emulators/fault-proxy.ts";
import { type ApprovedApply, beginAgain, orderApprovedApply, problemsOfEnd } from "./approved-apply.ts";
import { outcomeOf, problemsAtRest, runRecord } from "./cluster-at-rest.ts";
import { INVOCATION_MS, type Lambda, messageProblems, startLambda } from "./lambda.ts";
import { comeBack, configOf, createCluster, newestRun, SETTINGS, uploadConfig } from "./lambda-cluster.ts";
import { describeMoment, dieAt, inSandboxes, isManifest, momentsOf } from "./moments.ts";
import type { Moment, Sandbox } from "./sandbox.ts";
import { readStored } from "./stored-cluster.ts";

const EFFECT_MS = 100_000;

let lambda: Lambda;
let apply: ApprovedApply;
beforeAll(async () => {
  lambda = await startLambda(SETTINGS, ["apply", "operate", "plan", "intake", "schedule"]);
  apply = await orderApprovedApply(lambda);
}, 300_000);
afterAll(() => lambda.stop());

/** What is wrong when its worker has died at the moment, and everything has come to rest. */
async function killAt(moment: Moment, victim: Sandbox): Promise<readonly string[]> {
  await beginAgain(lambda, apply);
  dieAt(victim, moment);
  const invoked = await lambda.deliver("applies", victim);
  const { visible, hidden } = await lambda.depth("applies");
  const dead = invoked?.tag === "dead" && visible === 0 && hidden === 1;
  const first = dead ? [] : [`it came to ${JSON.stringify(invoked)}, ${visible} visible, ${hidden} hidden`];
  await comeBack(lambda, moment.request % 2 === 0);
  const problems = [...first, ...(await problemsOfEnd(lambda, apply))];
  return problems.map((each) => `${describeMoment(moment, apply.requests)}: ${each}`);
}

describe("an apply whose function is killed", () => {
  it("is finished once by whoever gets its message (L1, L4, A7, C2, K5, R6)", async () => {
    const cases = momentsOf(apply.requests);
    expect(cases.length).toBeGreaterThan(40);
    expect(await inSandboxes(lambda, "apply", cases, killAt)).toEqual([]);
  }, 1_800_000);
});

describe("an apply whose effects take longer than one invocation", () => {
  it("stops between two of them before its time is over, and goes on in the next (A6, A7)", async () => {
    const cluster = "slow";
    await createCluster(lambda, cluster, configOf({}));
    const files = configOf({ a: { schema: PERSON }, b: { schema: PERSON }, c: { schema: PERSON } });
    await lambda.invoke(
      "intake",
      await uploadConfig(lambda, cluster, { files, mode: "auto", name: "three" }),
    );
    const { run_id } = await newestRun(lambda, cluster);
    const slow = await lambda.coldStart("apply");
    const seen = new Set<string>();
    const timePasses = (): void => {
      const isNext = (request: SeenRequest) => isManifest(request) && !seen.has(request.path);
      void slow.atRequest(isNext, "before", async () => {
        for (const each of slow.sent) if (isManifest(each)) seen.add(each.path);
        lambda.advance(EFFECT_MS);
        await slow.setClock(lambda.aheadMs());
        timePasses();
        return "goes_on";
      });
    };
    timePasses();

    const first = await lambda.deliver("applies", slow, INVOCATION_MS);
    const stopped = await readStored(lambda.aws, cluster);

    expect(first).toMatchObject({ tag: "answered", value: { batchItemFailures: [] } });
    expect(first?.tag === "answered" && first.left_ms).toBeGreaterThan(0);
    expect(seen.size).toBe(2);
    expect(runRecord(stopped, run_id)).toMatchObject({ state: "continuing", outcome: null });
    expect(runRecord(stopped, run_id).attempts).toMatchObject([{ ended_at: expect.any(String) }]);
    const open = new Set([`__graphform/open-runs/${run_id}.json is left`]);
    expect(problemsAtRest(stopped).filter((each) => !open.has(each))).toEqual([]);
    expect(await lambda.depth("applies")).toEqual({ visible: 1, hidden: 0 });

    await lambda.pump();
    const ended = await readStored(lambda.aws, cluster, stopped);

    expect(problemsAtRest(ended)).toEqual([]);
    const { run, effects, moves } = outcomeOf(ended, run_id);
    expect(run).toEqual({ state: "ended", outcome: "applied" });
    expect(effects).toEqual({ "a.omni": ["create"], "b.omni": ["create"], "c.omni": ["create"] });
    expect(Object.values(moves).every((count) => count === 1)).toBe(true);
    expect(runRecord(ended, run_id).attempts).toHaveLength(2);
    expect(runRecord(ended, run_id).plan_id).toBe(runRecord(stopped, run_id).plan_id);
    expect(await messageProblems(lambda)).toEqual([]);
    await slow.stop();
  }, 120_000);
});
