/** Loads need no lease, so a graph may move between the plan and the effect (design 6, last rule). */
import { describe, expect, test } from "vitest";
import { MIGRATE_ROUNDS_MAX } from "../../lib/apply/limits.ts";
import {
  appliedWorld,
  apply,
  type Client,
  changesOf,
  codesOf,
  headOf,
  keysBelow,
  ledgerOf,
  loadPeople,
  migrateBehind,
  openClient,
  removeBehind,
  rowsOf,
} from "./cluster.ts";
import { FIND_PERSON, NOTES, PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";
import type { Fate } from "./interference.ts";
import { chainOf, historyOf } from "./invariants.ts";

const BEFORE = { graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } } };
const AFTER = { graphs: { people: { schema: PERSON_WITH_NOTE, queries: { notes: NOTES } } } };

/** A client before whose every attempt to publish a schema somebody else does something. */
function disturbed(client: Client, disturb: (time: number) => Promise<void>): Client {
  let times = 0;
  return openClient(client.world, {
    count: { calls: 0 },
    before: async (call): Promise<Fate> => {
      const publishes = call.verb === "putIfAbsent" && call.key.startsWith("graphs/people.omni/__manifest/");
      if (publishes) {
        times += 1;
        await disturb(times);
      }
      return "act";
    },
  });
}

describe("a schema change whose graph is loaded meanwhile", () => {
  test("is previewed and decided again with a new intent and another begin commit, and keeps the rows", async () => {
    const client = await appliedWorld(BEFORE);
    const runner = disturbed(client, async (time) => {
      if (time === 1) await loadPeople(client, "people", "ada");
    });

    const output = await apply(runner, AFTER);

    expect(output).toMatchObject({ ok: true, converged: true, outcome: "applied" });
    expect(await rowsOf(client, "people")).toBe(1);
    const causes = (await chainOf(client, "people")).map((each) => each.cause);
    expect(causes).toEqual(["create", "load", "migrate"]);
    const own = historyOf(client.world).filter((each) => each.run_id === output.run_id);
    expect(own.map((each) => each.kind)).toEqual(["begin", "begin", "final"]);
    const operations = own.flatMap((each) => each.changes.map((change) => change.operation_id));
    expect(new Set(operations.filter((each) => each !== null)).size).toBe(2);
    expect(keysBelow(client.world, "__cluster/recoveries/")).toEqual([]);
  });

  test("again and again gives up after its rounds, blocks its dependents and loses nothing", async () => {
    const client = await appliedWorld(BEFORE);
    let tries = 0;
    const runner = disturbed(client, async (time) => {
      tries = time;
      await loadPeople(client, "people", `person-${time}`);
    });

    const output = await apply(runner, AFTER);
    const calm = await apply(client, AFTER);

    expect(tries).toBe(MIGRATE_ROUNDS_MAX);
    expect(codesOf(output, "error")).toEqual(["schema_apply_failed"]);
    expect(changesOf(output)).toContain("create query.people.notes: blocked (dependency_not_applied)");
    expect(keysBelow(client.world, "__cluster/recoveries/")).toEqual([]);
    expect(calm.converged).toBe(true);
    expect(await rowsOf(client, "people")).toBe(MIGRATE_ROUNDS_MAX);
  });
});

describe("a schema change whose graph is changed otherwise meanwhile", () => {
  test.each([
    [
      "by another schema",
      (client: Client) => migrateBehind(client, "people", `${PERSON}node Pet {\n  name: String @key\n}\n`),
    ],
    ["by a delete", (client: Client) => removeBehind(client, "people")],
  ])("%s is not sent again (A2)", async (_, disturb) => {
    const client = await appliedWorld(BEFORE);
    const runner = disturbed(client, async (time) => {
      if (time === 1) await disturb(client);
    });

    const output = await apply(runner, AFTER);

    expect(codesOf(output, "error")).toEqual(["schema_apply_failed"]);
    expect((await headOf(client, "people")).version).toBe(2);
    expect(ledgerOf(client.world).applied_revision.resources).not.toHaveProperty(["query.people.notes"]);
    expect(keysBelow(client.world, "__cluster/recoveries/")).toEqual([]);
  });
});

describe("a graph that somebody else creates meanwhile", () => {
  test("is not created over, and its dependents wait", async () => {
    const client = await appliedWorld({});
    const donor = await appliedWorld(BEFORE);
    const runner = disturbed(client, async () => {
      for (const [key, bytes] of donor.world.objects.objects) {
        if (key.startsWith("graphs/") || key.startsWith("__graphform/schemas/")) {
          client.world.objects.objects.set(key, bytes);
        }
      }
      await Promise.resolve();
    });

    const output = await apply(runner, BEFORE);

    expect(codesOf(output, "error")).toEqual(["graph_create_failed"]);
    expect(changesOf(output)).toContain("create query.people.find_person: blocked (dependency_not_applied)");
    expect((await headOf(client, "people")).version).toBe(1);
  });
});
