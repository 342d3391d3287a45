/**
 * Every call of a run that goes on goes wrong in every way, and so does every call of the attempt before it: whoever
 * goes on after that, or applies anew where the run has ended, converges, and every effect has happened once.
 */
import { beforeAll, describe, expect, test } from "vitest";
import type { ApplyOutput } from "../../lib/apply/apply-output.ts";
import { LEASE_MS } from "../../lib/apply/limits.ts";
import { listOpenRuns } from "../../lib/apply/runs/run-store.ts";
import type { RunId } from "../../lib/digest/ids.ts";
import {
  apply,
  type Client,
  codesOf,
  copyOf,
  keysBelow,
  openClient,
  rowsOf,
  storedObjects,
  type World,
} from "./cluster.ts";
import { FAULTS, type Fault, type Faulty, faultAt, recorder } from "./faults.ts";
import { chainOf, expectConverged, expectHonest } from "./invariants.ts";
import { AFTER, GRAPHS, goOn, loadedWorld, recordOf, stoppedRun } from "./stopped-run.ts";

/** Of the calls that meet a fault, one in so many, each fault others; `EVERY_CALL=1` tries all. */
const PART = process.env["EVERY_CALL"] === undefined ? 3 : 1;

let loaded: World;
let stopped: World;
let run: RunId;
const calls = { first: 0, second: 0 };

beforeAll(async () => {
  const client = await loadedWorld();
  loaded = copyOf(client.world);
  const first = recorder();
  run = (await stoppedRun(openClient(client.world, first))).run_id;
  stopped = copyOf(client.world);
  const second = recorder();
  await goOn(openClient(copyOf(stopped), second), run);
  calls.first = first.count.calls;
  calls.second = second.count.calls;
});

/** Goes on with whatever run is open, as whoever holds the lease does, then applies if that was not all. */
async function finish(world: World): Promise<Client> {
  world.clock.advance(2 * LEASE_MS);
  const client = openClient(world);
  const listed = await listOpenRuns(client.ports);
  if (listed.tag === "unavailable") throw new Error(listed.reason);
  for (const { run_id } of listed.records) {
    const output = await goOn(client, run_id, AFTER, { actor: "zoe" });
    expect({ codes: codesOf(output, "error"), converged: output.converged }).toEqual({
      codes: [],
      converged: true,
    });
    expect(recordOf(world, run_id)).toMatchObject({ state: "ended", outcome: "applied" });
  }
  if (listed.records.length === 0) await apply(client, AFTER);
  return client;
}

async function expectFinished(world: World, client: Client): Promise<void> {
  await expectConverged(world, GRAPHS);
  for (const graph of ["people", "staff"]) {
    const migrations = (await chainOf(client, graph)).filter((each) => each.cause === "migrate");
    expect(migrations).toHaveLength(1);
  }
  expect((await chainOf(client, "shop")).filter((each) => each.cause === "create")).toHaveLength(1);
  expect([await rowsOf(client, "people"), await rowsOf(client, "staff")]).toEqual([2, 1]);
  const settled = storedObjects(world);
  expect(await apply(client, AFTER)).toMatchObject({ outcome: "noop", state_written: false });
  expect(storedObjects(world)).toEqual(settled);
  expect(keysBelow(world, "__cluster/recoveries/")).toEqual([]);
}

async function everyCall(
  count: number,
  start: () => World,
  fault: Fault,
  attempt: (client: Client) => Promise<ApplyOutput>,
): Promise<readonly string[]> {
  const problems: string[] = [];
  for (let ordinal = 1 + (FAULTS.indexOf(fault) % PART); ordinal <= count; ordinal += PART) {
    const world = copyOf(start());
    const faults: Faulty = faultAt(ordinal, fault);
    const check = async (): Promise<void> => {
      const output = await Promise.race([attempt(openClient(world, faults)), faults.died]);
      const client = await finish(world);
      if (output !== null) expectHonest(world, output);
      await expectFinished(world, client);
    };
    await check().catch((error: unknown) => {
      problems.push(`call ${ordinal}: ${error instanceof Error ? error.message : String(error)}`);
    });
  }
  return problems;
}

describe("a run that stops after the first of three effects", () => {
  test("asks the outside often enough for the enumeration to mean something", () => {
    expect(Math.min(calls.first, calls.second)).toBeGreaterThan(40);
  });

  test.each(FAULTS)(
    "converges after any single call of its first attempt met %s (A1, A2, A3, A7, L3-L7, R2)",
    async (fault) => {
      expect(
        await everyCall(
          calls.first,
          () => loaded,
          fault,
          (client) => stoppedRun(client),
        ),
      ).toEqual([]);
    },
  );

  test.each(FAULTS)(
    "converges after any single call of going on met %s (A1, A2, A3, A7, L3-L7, R2)",
    async (fault) => {
      expect(
        await everyCall(
          calls.second,
          () => stopped,
          fault,
          (client) => goOn(client, run),
        ),
      ).toEqual([]);
    },
  );
});
