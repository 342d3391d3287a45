/** Effects whose answer is lost for good, and access that cannot be shown: what is not known is said to be not known. */
import { describe, expect, test } from "vitest";
import {
  appliedWorld,
  apply,
  codesOf,
  headOf,
  keysBelow,
  ledgerOf,
  openClient,
  plan,
  putText,
  reportsOf,
} from "./cluster.ts";
import { FIND_PERSON, NOTES, PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";

const CONFIG = {
  graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } },
  policies: { staff: { applies_to: ["people"] } },
};
const NEXT = { ...CONFIG, graphs: { people: { schema: PERSON_WITH_NOTE, queries: { notes: NOTES } } } };
const CHAIN = "graphs/people.omni/__manifest/";

describe("an effect whose answer is lost", () => {
  test("is neither done nor failed: its intent stays, its status is applying, and the next run settles it (L6)", async () => {
    const client = await appliedWorld(CONFIG);
    let sent = false;
    const deaf = openClient(client.world, {
      count: { calls: 0 },
      before: (call) => {
        if (!call.key.startsWith(CHAIN)) return "act";
        if (call.writes) sent = true;
        if (!sent) return "act";
        return call.writes ? "lose_answer" : "fail";
      },
    });

    const output = await apply(deaf, NEXT);
    const between = ledgerOf(client.world);
    const intents = keysBelow(client.world, "__cluster/recoveries/");
    const next = await apply(client, NEXT);

    expect(codesOf(output, "error")).toEqual(["apply_outcome_unknown"]);
    expect(output).toMatchObject({ ok: false, converged: false });
    expect(between.resource_statuses["schema.people"]).toEqual({ status: "applying" });
    expect(intents).toHaveLength(1);
    expect(codesOf(next)).toContain("cluster_recovery_rolled_forward");
    expect(next.converged).toBe(true);
    expect((await headOf(client, "people")).version).toBe(2);
  });
});

describe("a policy change whose applied bundle is damaged", () => {
  test("says that gains and losses cannot be shown, and still applies", async () => {
    const client = await appliedWorld(CONFIG);
    const [key] = keysBelow(client.world, "__cluster/resources/policy/staff/");
    putText(client.world, key!, "another text");
    const wider = { ...CONFIG, policies: { staff: { applies_to: ["people"], readers: ["ana", "ben"] } } };

    const made = await plan(client, wider);
    const output = await apply(client, wider);

    expect(reportsOf(made.output)).toEqual(["policy_access_unknown policy.staff"]);
    expect(made.output.changes[0]).not.toHaveProperty("access");
    expect(output.converged).toBe(true);
  });

  test("shows who gains and who loses where the bundle is whole", async () => {
    const client = await appliedWorld(CONFIG);
    const wider = { ...CONFIG, policies: { staff: { applies_to: ["people"], readers: ["ben"] } } };

    const made = await plan(client, wider);

    const [{ access } = {}] = made.output.changes;
    expect(access?.gains.map((each) => each.actors)).toEqual([["ben"]]);
    expect(access?.losses.map((each) => each.actors)).toEqual([["ana"]]);
  });
});
