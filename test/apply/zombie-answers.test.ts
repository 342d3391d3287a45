/**
 * What a run says after it was paused past its lease and went on: the truth about what it did (L4, L5, L6), and never
 * that all is well when it has not converged the cluster.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { LEASE_MS } from "../../lib/apply/limits.ts";
import type { Desired } from "../../lib/desired/desired.ts";
import { appliedWorld, apply, copyOf, desiredFrom, openClient, refresh, type World } from "./cluster.ts";
import { FIND_PERSON, NOTES, PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";
import { pausedAt, recorder } from "./faults.ts";
import { expectHonest } from "./invariants.ts";

const BEFORE = { graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } } };
const AFTER = desiredFrom({
  graphs: { people: { schema: PERSON_WITH_NOTE, queries: { notes: NOTES } }, shop: { schema: PERSON } },
});
const OTHER = desiredFrom({ graphs: { people: { schema: PERSON }, shop: { schema: PERSON } } });

let start: World;
let calls: number;

beforeAll(async () => {
  const client = await appliedWorld(BEFORE);
  await refresh(client, BEFORE);
  start = client.world;
  const faults = recorder();
  await apply(openClient(copyOf(start), faults), AFTER);
  calls = faults.count.calls;
});

async function wakes(ordinal: number, where: "before" | "after", fate: "act" | "lose_answer", next: Desired) {
  const world = copyOf(start);
  const pause = pausedAt(ordinal, where);
  const losing = {
    ...pause,
    before: async (call: Parameters<typeof pause.before>[0]) => {
      const decided = await pause.before(call);
      return call.ordinal === ordinal && call.writes ? fate : decided;
    },
  };
  const first = apply(openClient(world, losing), AFTER);
  await Promise.race([pause.reached, first]);
  world.clock.advance(2 * LEASE_MS);
  await apply(openClient(world), next);
  pause.resume();
  return { world, output: await first };
}

describe("a run that was paused past its lease", () => {
  test.each([
    ["before", "act"],
    ["after", "act"],
    ["before", "lose_answer"],
    ["after", "lose_answer"],
  ] as const)("says what became of it, paused %s a call that is to %s", async (where, fate) => {
    for (const next of [AFTER, OTHER]) {
      for (let ordinal = 1; ordinal <= calls; ordinal += 1) {
        const { world, output } = await wakes(ordinal, where, fate, next);
        expectHonest(world, output);
        const claim = { ordinal, ok: output.ok, converged: output.converged };
        expect(claim).toEqual({ ordinal, ok: output.converged, converged: output.converged });
      }
    }
  });
});
