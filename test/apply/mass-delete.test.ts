/** A run that would delete too many graphs stops before anything else, and a reviewed plan does not change that. */
import { describe, expect, test } from "vitest";
import { appliedWorld, apply, codesOf, openClient, plan, planned, storedObjects } from "./cluster.ts";
import { PERSON } from "./cluster-files.ts";

const FULL = {
  graphs: Object.fromEntries(["a", "b", "c", "d", "e"].map((id) => [id, { schema: PERSON }])),
};
const WITHOUT_FOUR = { graphs: { e: { schema: PERSON } } };

describe("a run that would delete more graphs than the deployment allows", () => {
  test("is refused and writes nothing, and the plan has said so", async () => {
    const client = await appliedWorld(FULL);

    const made = await plan(client, WITHOUT_FOUR);
    const before = storedObjects(client.world);
    const output = await apply(client, WITHOUT_FOUR);

    expect(codesOf(made.output, "warning")).toContain("mass_delete_refused");
    expect(made.output.ok).toBe(true);
    expect(output).toMatchObject({ ok: false, outcome: "refused", state_written: false });
    expect(codesOf(output, "error")).toEqual(["mass_delete_refused"]);
    expect(storedObjects(client.world)).toEqual(before);
  });

  test("is refused although the plan that shows the deletes was reviewed", async () => {
    const client = await appliedWorld(FULL);
    const reviewed = await planned(client, WITHOUT_FOUR, true);

    const output = await apply(client, WITHOUT_FOUR, { reviewed });
    const allowed = await apply(client, WITHOUT_FOUR, { reviewed, allow_mass_delete: true });

    expect(codesOf(output, "error")).toEqual(["mass_delete_refused"]);
    expect(codesOf(allowed, "error")).toEqual([]);
  });

  test("goes on where the deployment allows more", async () => {
    const { world } = await appliedWorld(FULL);
    const generous = openClient(world, undefined, { deletes_max: 4 });

    expect(codesOf(await apply(generous, WITHOUT_FOUR), "error")).toEqual([]);
  });

  test("goes on for a part that is targeted", async () => {
    const client = await appliedWorld(FULL);
    const targets = new Set(["a", "e"]) as never;

    expect(codesOf(await apply(client, WITHOUT_FOUR, { targets }), "error")).toEqual([]);
  });

  test("is also refused when the config declares no graph at all", async () => {
    const client = await appliedWorld(WITHOUT_FOUR);

    const refused = await apply(client, {});
    const allowed = await apply(client, {}, { allow_mass_delete: true });

    expect(codesOf(refused, "error")).toEqual(["mass_delete_refused"]);
    expect(codesOf(allowed, "error")).toEqual([]);
  });
});
