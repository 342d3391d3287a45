/**
 * Every call of an apply goes wrong in every way, and a healthy run afterwards converges: the single-fault enumeration
 * of the protocol (design 7), over one graph create, one schema change, queries, a policy and a provider.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { LEASE_MS } from "../../lib/apply/limits.ts";
import {
  appliedWorld,
  apply,
  type Client,
  codesOf,
  copyOf,
  desiredFrom,
  loadPeople,
  openClient,
  refresh,
  rowsOf,
  storedObjects,
  type World,
} from "./cluster.ts";
import {
  ALL_PEOPLE,
  type ClusterFiles,
  FIND_PERSON,
  NOTES,
  PERSON,
  PERSON_WITH_NOTE,
} from "./cluster-files.ts";
import { FAULTS, type Fault, type Faulty, faultAt, recorder } from "./faults.ts";
import { chainOf, expectConverged, expectHonest } from "./invariants.ts";

const BEFORE: ClusterFiles = {
  graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } },
  policies: { staff: { applies_to: ["people"] } },
};
const AFTER = desiredFrom({
  graphs: {
    people: { schema: PERSON_WITH_NOTE, queries: { notes: NOTES } },
    shop: { schema: PERSON, queries: { all_people: ALL_PEOPLE }, provider: "small" },
  },
  policies: { staff: { applies_to: ["people", "shop"] } },
  providers: { small: "one" },
});
const GRAPHS = ["people", "shop"];

/** Of the calls that meet a fault, one in so many, each fault others; `EVERY_CALL=1` tries all. */
const PART = process.env["EVERY_CALL"] === undefined ? 2 : 1;

let start: World;
let calls: number;

beforeAll(async () => {
  const client = await appliedWorld(BEFORE);
  await loadPeople(client, "people", "ada", "bob");
  await refresh(client, BEFORE);
  start = client.world;
  const faults = recorder();
  await apply(openClient(copyOf(start), faults), AFTER);
  calls = faults.count.calls;
});

/** Runs the apply until it answers or dies; null if it died. */
function attempt(world: World, faults: Faulty) {
  return Promise.race([apply(openClient(world, faults), AFTER), faults.died]);
}

async function healthy(world: World): Promise<Client> {
  world.clock.advance(2 * LEASE_MS);
  return openClient(world);
}

/** What the effects must have come to: one migrate of people, one create of shop, no row lost. */
async function expectEachEffectOnce(client: Client): Promise<void> {
  const people = await chainOf(client, "people");
  expect(people.filter((each) => each.cause === "migrate")).toHaveLength(1);
  const shop = await chainOf(client, "shop");
  expect(shop.filter((each) => each.cause === "create")).toHaveLength(1);
  expect(await rowsOf(client, "people")).toBe(2);
}

async function recoversFrom(ordinal: number, fault: Fault): Promise<void> {
  const world = copyOf(start);
  const faults = faultAt(ordinal, fault);

  const output = await attempt(world, faults);
  const client = await healthy(world);
  const again = await apply(client, AFTER);

  expect({ codes: codesOf(again, "error"), converged: again.converged }).toEqual({
    codes: [],
    converged: true,
  });
  if (output !== null) expectHonest(world, output);
  await expectConverged(world, GRAPHS);
  await expectEachEffectOnce(client);
  const settled = storedObjects(world);
  expect(await apply(client, AFTER)).toMatchObject({ outcome: "noop", state_written: false });
  expect(storedObjects(world)).toEqual(settled);
}

describe("an apply of a graph create, a schema change, queries, a policy and a provider", () => {
  test("asks the outside often enough for the enumeration to mean something", () => {
    expect(calls).toBeGreaterThan(40);
  });

  test.each(FAULTS)(
    "converges in one healthy run after any single call met %s (A1, A2, A3, A7, L3-L7, R2, R5)",
    async (fault) => {
      const problems: string[] = [];
      for (let ordinal = 1 + (FAULTS.indexOf(fault) % PART); ordinal <= calls; ordinal += PART) {
        await recoversFrom(ordinal, fault).catch((error: unknown) => {
          problems.push(`call ${ordinal}: ${error instanceof Error ? error.message : String(error)}`);
        });
      }
      expect(problems).toEqual([]);
    },
  );
});
