/** What an apply does side by side, and the order that it still keeps: what must be there before what names it. */
import { describe, expect, test } from "vitest";
import { readAhead } from "../../lib/apply/read-ahead.ts";
import { EMPTY_LEASE_RECORD } from "../../lib/ports/lease-record.ts";
import {
  appliedWorld,
  apply,
  type Client,
  changesOf,
  codesOf,
  headOf,
  keysBelow,
  ledgerOf,
  openClient,
  storedObjects,
} from "./cluster.ts";
import { ALL_PEOPLE, FIND_PERSON, NOTES, PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";
import { interfering, recorder } from "./faults.ts";
import type { Call, Fate } from "./interference.ts";
import { expectConverged, historyOf } from "./invariants.ts";

const CONFIG = { graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } } };
const MORE_QUERIES = {
  graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON, all_people: ALL_PEOPLE } } },
};
const MIGRATED = {
  graphs: { people: { schema: PERSON_WITH_NOTE, queries: { find_person: FIND_PERSON, notes: NOTES } } },
};
const LEDGER = "__cluster/state.json";
const SIDECARS = "__cluster/recoveries/";
const RECEIPTS = "__graphform/receipts/";
const EVIDENCE = "__graphform/approvals/";

/** The ledger is not written while a call of this kind is on its way. */
async function heldBack(
  client: Client,
  isHeld: (call: Call) => boolean,
  config: typeof MIGRATED | typeof MORE_QUERIES,
) {
  const order: string[] = [];
  let receipts = 0;
  const slow = openClient(client.world, {
    count: { calls: 0 },
    before: async (call): Promise<Fate> => {
      if (isHeld(call)) {
        // Everything that does not wait for this call goes on meanwhile.
        for (let turns = 0; turns < 50; turns += 1) await new Promise((resolve) => setImmediate(resolve));
        receipts = keysBelow(client.world, RECEIPTS).length;
        order.push("held");
      }
      if (call.key === LEDGER && call.writes) order.push("ledger");
      return "act";
    },
  });
  const before = keysBelow(client.world, RECEIPTS).length;
  const output = await apply(slow, config);
  return { order, output, receipts_meanwhile: receipts - before };
}

describe("a payload and the receipt of the commit that names it", () => {
  test("are put side by side, and the ledger is written after both (L9, A4)", async () => {
    const client = await appliedWorld(CONFIG);

    const held = await heldBack(client, (call) => call.key.includes("/all_people/"), MORE_QUERIES);

    expect(held.order).toEqual(["held", "ledger"]);
    expect(held.receipts_meanwhile).toBe(1);
    expect(held.output).toMatchObject({ outcome: "applied", converged: true });
  });

  test("that could not be put leave a receipt that is no history, and a ledger that does not name the payload (L5, U1)", async () => {
    const client = await appliedWorld(CONFIG);
    const { state_revision } = ledgerOf(client.world);
    const full = openClient(
      client.world,
      interfering((call) => (call.key.includes("/all_people/") && call.writes ? "fail" : "act")),
    );

    const output = await apply(full, MORE_QUERIES);

    expect(changesOf(output)).toContain("create query.people.all_people: blocked (payload_write_failed)");
    const state = ledgerOf(client.world);
    expect(state.applied_revision.resources).not.toHaveProperty(["query.people.all_people"]);
    expect(state.state_revision).toBe(state_revision + 1);
    const newest = historyOf(client.world).at(-1);
    expect(newest?.resources).not.toHaveProperty(["query.people.all_people"]);
    expect(keysBelow(client.world, RECEIPTS)).toHaveLength(historyOf(client.world).length + 1);
    expect(await apply(client, MORE_QUERIES)).toMatchObject({ ok: true, converged: true });
    await expectConverged(client.world, ["people"]);
  });
});

describe("an intent and the receipt of the commit that names it", () => {
  test("are put side by side, and the begin commit is sent after both (A1)", async () => {
    const client = await appliedWorld(CONFIG);

    const held = await heldBack(
      client,
      (call) => call.verb === "putIfAbsent" && call.key.startsWith(SIDECARS),
      MIGRATED,
    );

    expect(held.order).toEqual(["held", "ledger", "ledger"]);
    expect(held.receipts_meanwhile).toBe(1);
    expect(held.output).toMatchObject({ outcome: "applied", converged: true });
  });

  test("that could not be put stop the run before any commit, and nothing is left open (A1, L5)", async () => {
    const client = await appliedWorld(CONFIG);
    const before = storedObjects(client.world).get(LEDGER);
    const full = openClient(
      client.world,
      interfering((call) => (call.verb === "putIfAbsent" && call.key.startsWith(SIDECARS) ? "fail" : "act")),
    );

    const output = await apply(full, MIGRATED);

    expect(output.outcome).toBe("refused");
    expect(storedObjects(client.world).get(LEDGER)).toBe(before);
    expect((await headOf(client, "people")).version).toBe(1);
    expect(keysBelow(client.world, SIDECARS)).toEqual([]);
    expect(await apply(client, MIGRATED)).toMatchObject({ ok: true, converged: true });
    await expectConverged(client.world, ["people"]);
  });

  test("is removed on the version of its put, without a look at it, after the head of the final commit (A1)", async () => {
    const client = await appliedWorld(CONFIG);
    const seen = recorder();

    await apply(openClient(client.world, seen), MIGRATED);

    const calls = seen.seen.map(({ verb, key }) => `${verb} ${key}`);
    const touched = calls.filter((call) => call.includes(SIDECARS));
    expect(touched.map((call) => call.split(" ")[0])).toEqual(["list", "putIfAbsent", "remove"]);
    const head = calls.findLastIndex((call) => call.startsWith("putIfAbsent __graphform/heads/"));
    expect(calls.findIndex((call) => call.startsWith("remove __cluster/recoveries/"))).toBeGreaterThan(head);
  });
});

describe("what earlier runs left open", () => {
  test("is listed after the document of the ledger was read under the lease, approvals beside intents (K4, R3)", async () => {
    const client = await appliedWorld(CONFIG);
    const seen = recorder();

    await apply(openClient(client.world, seen), CONFIG);

    const calls = seen.seen.map(({ verb, key }) => `${verb} ${key}`.trim());
    const held = calls.indexOf("lease.acquire");
    const document = calls.indexOf(`get ${LEDGER}`, held);
    for (const listed of [`list ${SIDECARS}`, `list ${EVIDENCE}`]) {
      expect(calls.indexOf(listed)).toBeGreaterThan(document);
    }
  });
});

describe("what was read ahead of the lease", () => {
  test("is not read again", async () => {
    const client = await appliedWorld(CONFIG);
    const ahead = await readAhead(client.ports);
    const seen = recorder();

    const output = await apply(openClient(client.world, seen), CONFIG, { ahead });

    expect(output).toMatchObject({ ok: true, outcome: "noop" });
    expect(seen.seen.map(({ key }) => key)).not.toContain("__graphform/deployment.json");
    expect(seen.seen.filter(({ key }) => key === LEDGER)).toHaveLength(1);
  });

  test("is found to be too old where the lease table was lost since, before anything is written (K1, K4)", async () => {
    const client = await appliedWorld(CONFIG);
    const ahead = await readAhead(client.ports);
    await apply(openClient(client.world), MORE_QUERIES);
    client.world.objects.lease = EMPTY_LEASE_RECORD;
    const before = storedObjects(client.world).get(LEDGER);

    const output = await apply(openClient(client.world), CONFIG, { ahead });

    expect(codesOf(output, "error")).toEqual(["state_lock_lost"]);
    expect(storedObjects(client.world).get(LEDGER)).toBe(before);
    expect(await apply(openClient(client.world), CONFIG)).toMatchObject({ ok: true, converged: true });
  });

  test("of a deployment that is another's refuses the run as ever", async () => {
    const client = await appliedWorld(CONFIG);
    const ahead = await readAhead({ ...client.ports, lease_table: { kind: "memory", name: "another" } });

    const output = await apply(client, CONFIG, { ahead });

    expect(codesOf(output, "error")).toEqual(["deployment_mismatch"]);
  });
});
