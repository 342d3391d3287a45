/**
 * A holder that is paused at any of its calls, past its lease, and goes on after another run has come and gone: it
 * changes nothing that the other has committed (K4, enumerated).
 */
import { beforeAll, describe, expect, test } from "vitest";
import { LEASE_MS } from "../../lib/apply/limits.ts";
import type { Desired } from "../../lib/desired/desired.ts";
import {
  appliedWorld,
  apply,
  codesOf,
  copyOf,
  desiredFrom,
  openClient,
  refresh,
  type World,
} from "./cluster.ts";
import { ALL_PEOPLE, FIND_PERSON, NOTES, PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";
import { pausedAt, recorder } from "./faults.ts";
import { expectConverged } from "./invariants.ts";

const BEFORE = { graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } } };
const AFTER = desiredFrom({
  graphs: {
    people: { schema: PERSON_WITH_NOTE, queries: { notes: NOTES } },
    shop: { schema: PERSON, queries: { all_people: ALL_PEOPLE } },
  },
  policies: { staff: { applies_to: ["people"] } },
});
/** What somebody else wants meanwhile: the same graphs, other queries, no policy. */
const OTHER = desiredFrom({
  graphs: {
    people: { schema: PERSON, queries: { all_people: ALL_PEOPLE } },
    shop: { schema: PERSON },
  },
});

let start: World;
let calls: number;
let taken: number;

beforeAll(async () => {
  const client = await appliedWorld(BEFORE);
  await refresh(client, BEFORE);
  start = client.world;
  const faults = recorder();
  await apply(openClient(copyOf(start), faults), AFTER);
  calls = faults.count.calls;
  taken = faults.seen.find((call) => call.verb === "lease.acquire")?.ordinal ?? 0;
});

/** Ledger, history that counts, graphs and lock: what a zombie must not touch. */
function truthOf(world: World): ReadonlyMap<string, string> {
  const counted = [...world.objects.objects].filter(([key]) =>
    /^(__cluster\/(state|lock)\.json|__cluster\/recoveries\/|__graphform\/heads\/|graphs\/)/.test(key),
  );
  const texts = counted.map(([key, bytes]) => [key, Buffer.from(bytes).toString("utf8")] as const);
  return new Map([...texts, ["lease", JSON.stringify(world.objects.lease.holder)]]);
}

interface Ended {
  readonly ordinal: number;
  readonly before: ReadonlyMap<string, string>;
  readonly after: ReadonlyMap<string, string>;
  readonly successor: { readonly written: boolean; readonly errors: readonly string[] };
  readonly world: World;
}

async function wakesAfter(ordinal: number, where: "before" | "after", successor: Desired): Promise<Ended> {
  const world = copyOf(start);
  const pause = pausedAt(ordinal, where);
  const first = apply(openClient(world, pause), AFTER);
  await Promise.race([pause.reached, first]);
  world.clock.advance(2 * LEASE_MS);
  const output = await apply(openClient(world), successor);
  const before = truthOf(world);
  pause.resume();
  await first;
  const facts = { written: output.state_written, errors: codesOf(output, "error") };
  return { ordinal, before, after: truthOf(world), successor: facts, world };
}

function changedKeys({ before, after }: Ended): readonly string[] {
  const keys = new Set([...before.keys(), ...after.keys()]);
  return [...keys].filter((key) => before.get(key) !== after.get(key));
}

describe("a holder that sleeps past its lease at any call", () => {
  test.each(["before", "after"] as const)(
    "changes nothing after a successor of the same mind, when it stops %s the call (K4)",
    async (where) => {
      for (let ordinal = 1; ordinal <= calls; ordinal += 1) {
        const ended = await wakesAfter(ordinal, where, AFTER);
        expect({ ordinal, errors: ended.successor.errors }).toEqual({ ordinal, errors: [] });
        if (ended.successor.written) {
          expect({ ordinal, changed: changedKeys(ended) }).toEqual({ ordinal, changed: [] });
        }
        const last = await apply(openClient(ended.world), AFTER);
        expect({ ordinal, converged: last.converged }).toEqual({ ordinal, converged: true });
        await expectConverged(ended.world, ["people", "shop"]);
      }
    },
  );

  test.each(["before", "after"] as const)(
    "changes nothing after a successor of another mind, when it stops %s the call (K4)",
    async (where) => {
      for (let ordinal = taken + 1; ordinal <= calls; ordinal += 1) {
        const ended = await wakesAfter(ordinal, where, OTHER);
        if (ended.successor.written) {
          expect({ ordinal, changed: changedKeys(ended) }).toEqual({ ordinal, changed: [] });
        }
        expect({ ordinal, errors: ended.successor.errors }).toEqual({ ordinal, errors: [] });
        const last = await apply(openClient(ended.world), AFTER);
        expect({ ordinal, converged: last.converged }).toEqual({ ordinal, converged: true });
        await expectConverged(ended.world, ["people", "shop"]);
      }
    },
  );
});
