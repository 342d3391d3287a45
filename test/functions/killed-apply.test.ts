/**
 * The function that applies is killed, as Lambda kills what takes too long: after each of its requests that change
 * something, and before each of those that are on their way together. Its message comes back when its visibility has
 * passed, and whoever gets it finishes the run, once. KILL_EVERYWHERE=1 kills before and after every request.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApprovedApply, beginAgain, orderApprovedApply, problemsOfEnd } from "./approved-apply.ts";
import { type Lambda, startLambda } from "./lambda.ts";
import { comeBack, SETTINGS } from "./lambda-cluster.ts";
import { describeMoment, dieAt, inSandboxes, momentsOf } from "./moments.ts";
import type { Moment, Sandbox } from "./sandbox.ts";

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
