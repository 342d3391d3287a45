/** Plans are stored where somebody may have to approve them, and otherwise only if they are asked for (design 5, 8). */
import { describe, expect, test } from "vitest";
import { AFTER, BEFORE } from "../operate/approvals.ts";
import { appliedWorld, codesOf, keysBelow, openClient, plan } from "./cluster.ts";
import { PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";
import { interfering, recorder } from "./faults.ts";

const PLANS = "__graphform/plans/";

describe("a plan", () => {
  test("with an open gate, or with drops, is stored under its id without being asked for", async () => {
    const client = await appliedWorld(BEFORE);
    const gated = await plan(client, AFTER);
    expect(keysBelow(client.world, PLANS)).toEqual([`${PLANS}${gated.output.plan_id}.json`]);

    const schema = "node Person {\n  name: String @key\n}\n";
    const dropping = await plan(client, { graphs: { people: { schema: PERSON }, shop: { schema } } });
    expect(keysBelow(client.world, PLANS)).toContain(`${PLANS}${dropping.output.plan_id}.json`);
  });

  test("without anything to approve writes nothing and asks for no approval", async () => {
    const client = await appliedWorld(BEFORE);
    const recorded = recorder();
    const wider = { graphs: { people: { schema: PERSON }, shop: { schema: PERSON_WITH_NOTE } } };

    const made = await plan(openClient(client.world, recorded), wider);

    expect(made.output.changes.length).toBeGreaterThan(0);
    expect(recorded.seen.filter((call) => call.writes || call.key.includes("approvals"))).toEqual([]);
  });

  test("that could not be stored is still shown, with a warning; one that was asked for is an error", async () => {
    const client = await appliedWorld(BEFORE);
    const deaf = openClient(
      client.world,
      interfering((call) => (call.writes && call.key.startsWith(PLANS) ? "fail" : "act")),
    );

    const shown = await plan(deaf, AFTER);
    expect(shown.output.ok).toBe(true);
    expect(codesOf(shown.output, "warning")).toContain("plan_write_error");
    expect(codesOf((await plan(deaf, AFTER, true)).output, "error")).toEqual(["plan_write_error"]);
  });
});
