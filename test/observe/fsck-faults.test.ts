/** After a run that died at any call and a healthy one, a check finds nothing contradicted and nothing unknown (A3, R6). */
import { beforeAll, describe, expect, test } from "vitest";
import { LEASE_MS } from "../../lib/apply/limits.ts";
import { appliedWorld, apply, codesOf, copyOf, openClient, type World } from "../apply/cluster.ts";
import {
  ALL_PEOPLE,
  type ClusterFiles,
  FIND_PERSON,
  PERSON,
  PERSON_WITH_NOTE,
} from "../apply/cluster-files.ts";
import { faultAt, recorder } from "../apply/faults.ts";
import { approved } from "../operate/approvals.ts";
import { check, flawsIn } from "./checked-cluster.ts";

const BEFORE: ClusterFiles = {
  graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } }, shop: { schema: PERSON } },
};
const AFTER: ClusterFiles = {
  graphs: {
    people: { schema: PERSON_WITH_NOTE, queries: { all_people: ALL_PEOPLE } },
    books: { schema: PERSON },
  },
  policies: { staff: { applies_to: ["people"] } },
};

let start: World;
let writes: readonly number[];

beforeAll(async () => {
  const client = await appliedWorld(BEFORE);
  await approved(client, AFTER);
  start = client.world;
  const recording = recorder();
  expect((await apply(openClient(copyOf(start), recording), AFTER)).converged).toBe(true);
  writes = recording.seen.filter((call) => call.writes).map((call) => call.ordinal);
});

describe("a check after a crash", () => {
  // Reads change nothing, so dying after each write meets every state that a death can leave.
  test.each(["die_after", "lose_answer"] as const)(
    "that made a write %s contradicts nothing, and after the next run all is whole again (A3, R6)",
    async (fault) => {
      for (const ordinal of writes) {
        const world = copyOf(start);
        const faults = faultAt(ordinal, fault);
        await Promise.race([apply(openClient(world, faults), AFTER), faults.died]);
        world.clock.advance(2 * LEASE_MS);

        const crashed = await check(openClient(world));
        const healthy = await apply(openClient(world), AFTER);
        const after = await check(openClient(world));

        const contradicted = flawsIn(crashed).filter((each) => each.startsWith("contradicted"));
        expect({ ordinal, contradicted }).toEqual({ ordinal, contradicted: [] });
        expect({ ordinal, errors: codesOf(healthy, "error") }).toEqual({ ordinal, errors: [] });
        expect({ ordinal, flaws: flawsIn(after) }).toEqual({ ordinal, flaws: [] });
      }
      expect(writes.length).toBeGreaterThan(20);
    },
  );
});
