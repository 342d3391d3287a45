/**
 * Messages and runs over which function after function dies: what cannot even begin becomes a dead letter and blocks its
 * cluster until somebody has looked; what dies at work again and again is given up and stands in nobody's way.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RECEIVES_MAX } from "../../infra/limits.ts";
import { DEAD_ATTEMPTS_MAX } from "../../lib/worker/limits.ts";
import { FIND_PERSON, PERSON } from "../apply/cluster-files.ts";
import type { SeenRequest } from "../wire/emulators/fault-proxy.ts";
import {
  type ApprovedApply,
  beginAgain,
  CLUSTER,
  orderApprovedApply,
  problemsOfEnd,
} from "./approved-apply.ts";
import { deployedPart, outcomeOf, problemsAtRest, runRecord } from "./cluster-at-rest.ts";
import { type Lambda, messageProblems, startLambda, VISIBILITY_MS } from "./lambda.ts";
import { call, comeBack, configOf, handIn, promptDrain, SETTINGS, tick } from "./lambda-cluster.ts";
import { isManifest } from "./moments.ts";
import { readStored } from "./stored-cluster.ts";

let lambda: Lambda;
let apply: ApprovedApply;
beforeAll(async () => {
  const functions = ["apply", "operate", "plan", "intake", "schedule", "dead-letter"] as const;
  lambda = await startLambda(SETTINGS, functions);
  apply = await orderApprovedApply(lambda);
}, 300_000);
afterAll(() => lambda.stop());

/** A worker dies when it has sent a request that matches; then the message comes back. */
async function dieAt(matches: (request: SeenRequest) => boolean): Promise<void> {
  const victim = await lambda.coldStart("apply");
  void victim.atRequest(matches, "after", async () => {
    victim.kill();
    return "lost";
  });
  expect((await lambda.deliver("applies", victim))?.tag).toBe("dead");
  await victim.stop();
  lambda.advance(VISIBILITY_MS);
}

async function stored() {
  return readStored(lambda.aws, CLUSTER, apply.ordered);
}

describe("a message over which every function dies before it has begun", () => {
  it("blocks its cluster, with the reason, until somebody lets it go on; nothing is lost (A7, L1)", async () => {
    await beginAgain(lambda, apply);
    for (let deaths = 0; deaths < RECEIVES_MAX; deaths += 1) {
      expect(await lambda.depth("appliesDead")).toEqual({ visible: 0, hidden: 0 });
      await dieAt(() => true);
    }
    expect(await lambda.deliver("applies")).toBeNull();
    expect(await lambda.depth("appliesDead")).toEqual({ visible: 1, hidden: 0 });
    await lambda.pump();
    const before = deployedPart(await stored());

    await promptDrain(lambda, CLUSTER);
    await tick(lambda);
    const status = await call(lambda, { method: "GET", path: `${CLUSTER}/status` });
    const blocked = deployedPart(await stored());
    const path = `${CLUSTER}/unblock`;
    const nobody = await call(lambda, { method: "POST", path, body: { reason: "it has more memory now" } });
    const body = { reason: "it has more memory now" };
    const unblocked = await call(lambda, { method: "POST", path, body, by: "ana" });
    await lambda.pump();

    expect(blocked).toEqual(before);
    expect(runRecord(apply.ordered, apply.run_id).state).toBe("queued");
    const told = status.body.diagnostics.find((each: { code: string }) => each.code === "cluster_blocked");
    expect(told.message).toContain("could not finish the runs of the cluster, however often it was tried");
    expect(nobody.status).toBe(403);
    expect(unblocked.status).toBe(200);
    expect(await problemsOfEnd(lambda, apply)).toEqual([]);
  }, 300_000);
});

describe("a run over which one function after another dies at work", () => {
  const isOfRun = ({ method, path }: SeenRequest) => method === "PUT" && path.includes("/__graphform/runs/");

  it("is given up, says what it has left, and the next one finds everything settled (A3, R6, K5)", async () => {
    await beginAgain(lambda, apply);
    for (let deaths = 1; deaths < DEAD_ATTEMPTS_MAX; deaths += 1) await dieAt(isOfRun);
    await dieAt(isManifest);
    await comeBack(lambda, false);
    const given = await stored();

    const { state, outcome, diagnostics } = runRecord(given, apply.run_id);
    expect({ state, outcome, diagnostics }).toEqual({
      state: "ended",
      outcome: "unknown",
      diagnostics: ["too_large_for_runner"],
    });
    expect(problemsAtRest(given)).toEqual([]);
    expect(await messageProblems(lambda)).toEqual([]);

    const files = configOf({
      people: { schema: PERSON, queries: { find_person: FIND_PERSON } },
      shop: { schema: PERSON },
    });
    const next = await handIn(lambda, CLUSTER, files, "auto");
    expect(next).toMatchObject({ state: "waiting_approval" });
    const after = await stored();
    expect(
      outcomeOf(after, apply.run_id).effects["shop.omni"]?.filter((each) => each === "create"),
    ).toHaveLength(1);
  }, 300_000);
});
