/**
 * The function that applies is too slow: its sandbox is frozen, and thawed when another has long taken over; or its
 * message becomes visible again while it works. Whatever it does late changes nothing, and what is left is done once.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SeenRequest } from "../wire/emulators/fault-proxy.ts";
import {
  type ApprovedApply,
  beginAgain,
  CLUSTER,
  orderApprovedApply,
  problemsOfEnd,
} from "./approved-apply.ts";
import { deployedPart, leaseHolder, runRecord } from "./cluster-at-rest.ts";
import { type Lambda, messageProblems, startLambda } from "./lambda.ts";
import { comeBack, LEASE_OVER_MS, SETTINGS, tick } from "./lambda-cluster.ts";
import { describeMoment, inSandboxes, isManifest, isWrite } from "./moments.ts";
import type { Moment, Sandbox } from "./sandbox.ts";
import { readStored } from "./stored-cluster.ts";

/** Shorter than an invocation, so that a message can come again while its handler is at work. */
const VISIBILITY_MS = 60_000;

let lambda: Lambda;
let apply: ApprovedApply;
beforeAll(async () => {
  const functions = ["apply", "operate", "plan", "intake", "schedule"] as const;
  lambda = await startLambda(SETTINGS, functions, VISIBILITY_MS);
  apply = await orderApprovedApply(lambda);
}, 300_000);
afterAll(() => lambda.stop());

/** What holds a zombie back: the doors of the protocol. The rest is content-addressed, or a copy. */
const DOORS =
  /\/(state\.json|lock\.json|__manifest\/\d+\.json|heads\/\d+\.json|recoveries\/\w+\.json|runs\/\w+\.json|\w+-used\.json)$/;

function doors(): readonly Moment[] {
  return apply.requests.flatMap((each, index): readonly Moment[] => {
    const isDoor =
      isWrite(each) && (each.operation === "PutItem" || DOORS.test(each.path.split("?")[0] ?? ""));
    return isDoor ? [{ where: "before", request: index + 1 }] : [];
  });
}

interface Held {
  /** Resolved when its request waits. */
  readonly waits: Promise<void>;
  /** The request reaches its server now. */
  goOn(): void;
}

function hold(sandbox: Sandbox, matches: (request: SeenRequest) => boolean, freezes: boolean): Held {
  let goOn = (): void => undefined;
  const released = new Promise<"goes_on">((resolve) => {
    goOn = () => resolve("goes_on");
  });
  const waits = sandbox.atRequest(matches, "before", () => {
    if (freezes) sandbox.freeze();
    return released;
  });
  return { waits, goOn };
}

/** Its request arrives when a successor has done everything, and it goes on from there. */
async function freezeAt(moment: Moment, zombie: Sandbox): Promise<readonly string[]> {
  await beginAgain(lambda, apply);
  const held = hold(zombie, () => zombie.sent.length === moment.request, true);
  const invoked = lambda.deliver("applies", zombie);
  await Promise.race([held.waits, invoked]);
  lambda.advance(LEASE_OVER_MS);
  await comeBack(lambda, false);
  const problems = [...(await problemsOfEnd(lambda, apply))];
  const before = deployedPart(await readStored(lambda.aws, CLUSTER, apply.ordered));
  // Thawed it may see what time it is, or believe that no time has passed.
  if (moment.request % 2 === 0) void zombie.setClock(lambda.aheadMs());
  zombie.thaw();
  held.goOn();
  const came = await invoked;
  if (came?.tag !== "answered") problems.push(`thawed it came to ${JSON.stringify(came)}`);
  const after = deployedPart(await readStored(lambda.aws, CLUSTER, apply.ordered));
  if (JSON.stringify(after) !== JSON.stringify(before)) {
    problems.push(`thawed it changed ${JSON.stringify(before)} to ${JSON.stringify(after)}`);
  }
  // Its prompts, its lock file and its lease, if any of them came too late.
  lambda.advance(LEASE_OVER_MS);
  await tick(lambda);
  problems.push(...(await problemsOfEnd(lambda, apply)));
  return problems.map((each) => `${describeMoment(moment, apply.requests)}: ${each}`);
}

describe("an apply whose function is frozen", () => {
  it("changes nothing any more when it is thawed after a successor (K4, L1, A2, C2)", async () => {
    const cases = doors();
    expect(cases.length).toBeGreaterThan(15);
    expect(await inSandboxes(lambda, "apply", cases, freezeAt)).toEqual([]);
  }, 1_800_000);
});

describe("an apply whose message becomes visible again while its function is at work", () => {
  it("is left to it by whoever gets the message, and done once (K2, A7)", async () => {
    await beginAgain(lambda, apply);
    const slow = await lambda.coldStart("apply");
    const held = hold(slow, isManifest, false);
    const first = lambda.deliver("applies", slow);
    await held.waits;
    lambda.advance(VISIBILITY_MS);

    const second = await lambda.deliver("applies");
    held.goOn();

    expect(second?.tag).toBe("answered");
    expect(await first).toMatchObject({ tag: "answered", value: { batchItemFailures: [] } });
    expect(await problemsOfEnd(lambda, apply)).toEqual([]);
  }, 120_000);

  it("and which is killed then is found by the schedule: the message is gone, the run is not (A7, K5)", async () => {
    await beginAgain(lambda, apply);
    const victim = await lambda.coldStart("apply");
    const held = hold(victim, isManifest, false);
    const first = lambda.deliver("applies", victim);
    await held.waits;
    lambda.advance(VISIBILITY_MS);
    await lambda.deliver("applies");
    victim.kill();
    held.goOn();
    expect((await first)?.tag).toBe("dead");
    expect(await messageProblems(lambda)).toEqual([]);

    await tick(lambda);
    const early = await readStored(lambda.aws, CLUSTER, apply.ordered);
    expect(runRecord(early, apply.run_id)).toMatchObject({ state: "running" });
    expect(leaseHolder(early)).not.toBeNull();
    lambda.advance(LEASE_OVER_MS);
    await tick(lambda);

    expect(await problemsOfEnd(lambda, apply)).toEqual([]);
  }, 120_000);
});
