/** A run that is told to stop, or whose lease is over, stops between two steps and says so (design 7). */
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { LEASE_MS } from "../../lib/apply/limits.ts";
import { appliedWorld, apply, changesOf, codesOf, headOf, ledgerOf, openClient } from "./cluster.ts";
import { FIND_PERSON, NOTES, PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";
import { pausedAt } from "./faults.ts";

/** Turns of the event loop in which the clock of these tests brings a renewal about. */
const TURNS_UNTIL_RENEWED = 20;

const CONFIG = { graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } } };
const NEXT = { graphs: { people: { schema: PERSON_WITH_NOTE, queries: { notes: NOTES } } } };

describe("a run that is told to stop", () => {
  test("records what it has done, begins nothing more and goes on the next time", async () => {
    const client = await appliedWorld({});
    let stop = false;
    const config = { graphs: { people: { schema: PERSON }, shop: { schema: PERSON } } };

    const output = await apply(client, config, {
      interrupted: () => stop,
      progress: (step) => {
        if (step.tag === "effect_ended") stop = true;
      },
    });
    const again = await apply(client, config);

    expect(codesOf(output, "error")).toEqual(["apply_interrupted"]);
    expect(codesOf(output, "warning")).toContain("graph_create_skipped");
    expect(Object.keys(ledgerOf(client.world).applied_revision.resources)).toContain("graph.people");
    expect(changesOf(again)).toEqual(["create graph.shop: applied", "create schema.shop: applied"]);
    expect(again.converged).toBe(true);
  });

  test("when nothing is left to do has finished, and that is no error", async () => {
    const client = await appliedWorld(CONFIG);
    let stop = false;

    const output = await apply(client, NEXT, {
      interrupted: () => stop,
      progress: (step) => {
        stop = step.tag === "payloads";
      },
    });

    expect(output).toMatchObject({ ok: true, converged: true, outcome: "applied" });
  });

  test("leaves a schema change that it did not begin for the next time", async () => {
    const client = await appliedWorld(CONFIG);

    const output = await apply(client, NEXT, { interrupted: () => true });
    const again = await apply(client, NEXT);

    expect(codesOf(output, "warning")).toContain("schema_apply_skipped");
    expect((await headOf(client, "people")).version).toBe(2);
    expect(again.converged).toBe(true);
  });

  test("by the loss of its lease sends no effect, once a renewal has found out", async () => {
    const client = await appliedWorld(CONFIG);
    const { lease } = client.ports;

    const output = await apply(client, NEXT, {
      consent: async () => {
        const read = await lease.read();
        if (read.tag === "read" && read.holder !== null) await lease.break(read.holder.lock_id);
        for (let turn = 0; turn < TURNS_UNTIL_RENEWED; turn += 1) await setImmediate();
        return true;
      },
    });

    expect(codesOf(output, "warning")).toContain("schema_apply_skipped");
    expect(codesOf(output)).toContain("state_lock_lost");
    expect((await headOf(client, "people")).cause).toBe("create");
  });

  test("by its lease that nobody renews, because its process ends by then, may be taken over at the deadline (K5)", async () => {
    const client = await appliedWorld(CONFIG);
    const { clock } = client.world;
    const held: (string | undefined)[] = [];
    const ports = { ...client.ports, holding: () => ({ duration_ms: 5 * LEASE_MS, renew: false }) };
    const deadline = new Date(clock.nowMs() + 5 * LEASE_MS).toISOString();

    await apply({ ...client, ports }, NEXT, {
      consent: async () => {
        const read = await ports.lease.read();
        held.push(read.tag === "read" ? read.holder?.deadline : undefined);
        clock.advance(3 * LEASE_MS);
        for (let turn = 0; turn < TURNS_UNTIL_RENEWED; turn += 1) await setImmediate();
        const later = await ports.lease.read();
        held.push(later.tag === "read" ? later.holder?.deadline : undefined);
        return true;
      },
    });

    expect(held.map((each) => Date.parse(each ?? ""))).toEqual([Date.parse(deadline), Date.parse(deadline)]);
  });

  test("because its lease is over finds its commit refused (K4)", async () => {
    const client = await appliedWorld(CONFIG);
    const pause = pausedAt(20, "before");
    const running = apply(openClient(client.world, pause), NEXT);
    await pause.reached;
    client.world.clock.advance(2 * LEASE_MS);
    const successor = await apply(client, NEXT);
    pause.resume();

    const output = await running;

    expect(successor.converged).toBe(true);
    expect(codesOf(output, "warning")).toContain("state_lock_lost");
    expect(output.ok).toBe(false);
  });
});
