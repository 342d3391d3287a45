/** A port that throws is a bug: whatever is under way beside it, the bug surfaces once, where the command is awaited. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { applyUntil } from "../../lib/apply/runs/recorded-apply.ts";
import type { LockId } from "../../lib/digest/ids.ts";
import { renewWhile } from "../../lib/ledger/renewal.ts";
import { createSteppedClock } from "../../lib/memory/clock.ts";
import {
  apply,
  applyCommand,
  type Client,
  copyOf,
  importCluster,
  newWorld,
  openClient,
  refresh,
  type World,
} from "./cluster.ts";
import { ALL_PEOPLE, type ClusterFiles, FIND_PERSON, PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";
import { recorder } from "./faults.ts";
import type { Call, Interference } from "./interference.ts";

const BEFORE: ClusterFiles = {
  graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } }, shop: { schema: PERSON } },
};
/** A migration, a create, and payloads beside the final commit. */
const AFTER: ClusterFiles = {
  graphs: {
    people: { schema: PERSON_WITH_NOTE, queries: { find_person: FIND_PERSON, all_people: ALL_PEOPLE } },
    shop: { schema: PERSON },
    more: { schema: PERSON },
  },
};
/** Payloads and nothing else. */
const CATALOG: ClusterFiles = {
  graphs: {
    people: { schema: PERSON, queries: { find_person: FIND_PERSON, all_people: ALL_PEOPLE } },
    shop: { schema: PERSON },
  },
};
const BUG = "a port threw";
/** How many turns every other call takes, so that the one that throws does so while others are awaited. */
const TURNS = 4;
const HOUR_MS = 3_600_000;

const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);
beforeEach(() => {
  unhandled.length = 0;
  process.on("unhandledRejection", note);
});
afterEach(() => void process.off("unhandledRejection", note));

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** The call with this ordinal throws at once. */
function throwingAt(ordinal: number): Interference {
  return {
    count: { calls: 0 },
    before: async (call) => {
      if (call.ordinal === ordinal) return Promise.reject(new Error(BUG));
      await turns(TURNS);
      return "act";
    },
  };
}

async function deployed(): Promise<World> {
  const world = newWorld();
  await importCluster(openClient(world), BEFORE);
  expect((await apply(openClient(world), BEFORE)).converged).toBe(true);
  return world;
}

type Command = (client: Client) => Promise<unknown>;

test.each<[string, Command]>([
  ["an apply with effects", (client) => apply(client, AFTER)],
  ["an apply of payloads alone", (client) => apply(client, CATALOG)],
  ["an apply with a record", (client) => applyUntil(client.ports, applyCommand(AFTER), HOUR_MS)],
  ["a refresh", (client) => refresh(client, BEFORE)],
])("%s tells the bug of any of its calls once, and leaves no promise alone", async (_, command) => {
  const world = await deployed();
  const by = recorder();
  await command(openClient(copyOf(world), by));
  const calls: readonly Call[] = by.seen;
  const findings: string[] = [];
  for (const { ordinal, verb, key } of calls) {
    unhandled.length = 0;
    const client = openClient(copyOf(world), throwingAt(ordinal));
    const told = await command(client).then(
      () => "nothing",
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    await turns(8 * TURNS);
    if (told !== BUG || unhandled.length > 0) {
      findings.push(`${ordinal}: ${verb} ${key}: tells ${told}, ${unhandled.length} unhandled`);
    }
  }
  expect(findings).toEqual([]);
});

test("a renewal that throws is told when it is stopped, and not before", async () => {
  const clock = createSteppedClock(0);
  const { ports } = openClient(newWorld());
  const lease = { ...ports.lease, renew: () => Promise.reject(new Error(BUG)) };
  const renewal = renewWhile({ lease, clock }, "01ARZ3NDEKTSV4RRFFQ69G5FAV" as LockId, HOUR_MS);
  clock.advance(HOUR_MS);
  await turns(TURNS);
  expect(unhandled).toEqual([]);
  await expect(renewal.stop()).rejects.toThrow(BUG);
});
