/** An apply that asks nobody says whom it shuts out, as the plan that somebody would have been shown. */
import { beforeEach, expect, test } from "vitest";
import { person, role, type TestDeployment, testDeployment } from "./deployment.ts";
import { orderingOn, type RunAnswer } from "./ordering.ts";

const [admin, eve] = [role("bootstrap"), person("eve")];

let made: TestDeployment;
const { handIn, ran } = orderingOn(() => made);
let bundle_digest: string;

beforeEach(async () => {
  made = testDeployment();
  await ran(admin, "/import");
  bundle_digest = await handIn(admin);
});

interface Told {
  readonly code: string;
  readonly message: string;
}

function lockoutsIn({ output }: RunAnswer): readonly Told[] {
  const diagnostics = (output?.output["diagnostics"] ?? []) as readonly Told[];
  return diagnostics.filter(({ code }) => code === "policy_locks_out");
}

test("An apply without a reviewed plan warns of what the plan would have warned of, and is applied", async () => {
  const planned = await ran(admin, "/plans", { bundle_digest });
  expect(lockoutsIn(planned)).toMatchObject([{ message: expect.stringContaining("no cluster_plan") }]);
  const applied = await ran(admin, "/applies", { bundle_digest }, eve);
  expect(applied.run).toMatchObject({
    outcome: "applied",
    diagnostics: expect.arrayContaining(["policy_locks_out"]),
  });
  expect(lockoutsIn(applied)).toEqual(lockoutsIn(planned));
});

test("An apply of a reviewed plan says it no second time, and one that changes no policy never", async () => {
  const { run } = await ran(admin, "/plans", { bundle_digest });
  const applied = await ran(admin, `/plans/${run.plan_id}/apply`, {}, eve);
  expect(applied.run.outcome).toBe("applied");
  expect(lockoutsIn(applied)).toEqual([]);
  const again = await ran(person("dan"), "/applies", { bundle_digest }, eve);
  expect({ outcome: again.run.outcome, told: lockoutsIn(again) }).toEqual({ outcome: "noop", told: [] });
});
