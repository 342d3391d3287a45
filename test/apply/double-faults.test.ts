/**
 * A run dies at one of its writes, the run that recovers dies at one of its own, and a third converges: the pairs of
 * faults in which recovery itself is interrupted (R1, R2, R6).
 */
import { beforeAll, describe, expect, test } from "vitest";
import { LEASE_MS } from "../../lib/apply/limits.ts";
import { appliedWorld, apply, copyOf, desiredFrom, openClient, type World } from "./cluster.ts";
import { ALL_PEOPLE, FIND_PERSON, NOTES, PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";
import { faultAt, recorder } from "./faults.ts";
import type { Call } from "./interference.ts";
import { chainOf, expectConverged } from "./invariants.ts";

const BEFORE = { graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } } };
const AFTER = desiredFrom({
  graphs: {
    people: { schema: PERSON_WITH_NOTE, queries: { notes: NOTES } },
    shop: { schema: PERSON, queries: { all_people: ALL_PEOPLE } },
  },
});

let start: World;

beforeAll(async () => {
  start = (await appliedWorld(BEFORE)).world;
});

function writes(calls: readonly Call[]): readonly number[] {
  return calls.filter((call) => call.writes && call.verb !== "lease.renew").map((call) => call.ordinal);
}

/** The world after a run over `world` died right after its write `ordinal`. */
async function diedAfter(world: World, ordinal: number): Promise<World> {
  const copy = copyOf(world);
  const faults = faultAt(ordinal, "die_after");
  await Promise.race([apply(openClient(copy, faults), AFTER), faults.died]);
  copy.clock.advance(2 * LEASE_MS);
  return copy;
}

/** The writes of a whole run over `world`, which stays as it is. */
async function writesOf(world: World): Promise<readonly number[]> {
  const faults = recorder();
  await apply(openClient(copyOf(world), faults), AFTER);
  return writes(faults.seen);
}

describe("two deaths in a row", () => {
  test("leave a cluster that the third run converges, wherever they happen (R1, R2, R6)", async () => {
    let pairs = 0;
    for (const first of await writesOf(start)) {
      const once = await diedAfter(start, first);
      const second = await writesOf(once);
      for (const ordinal of second.filter((_, index) => (index + first) % 2 === 0)) {
        const twice = await diedAfter(once, ordinal);
        const client = openClient(twice);
        const output = await apply(client, AFTER);
        expect({ first, ordinal, converged: output.converged }).toEqual({ first, ordinal, converged: true });
        await expectConverged(twice, ["people", "shop"]);
        const people = await chainOf(client, "people");
        expect(people.filter((each) => each.cause === "migrate")).toHaveLength(1);
        pairs += 1;
      }
    }
    expect(pairs).toBeGreaterThan(150);
  });
});
