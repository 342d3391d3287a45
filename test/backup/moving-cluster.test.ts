/**
 * Whatever is done to a cluster while it is backed up, between whichever of its calls: a backup that is made restores to a
 * cluster that is whole, with a ledger that the original had.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { sha256 } from "../../lib/digest/digest.ts";
import type { GraphId, OperationId, RunId } from "../../lib/digest/ids.ts";
import { fsckCluster } from "../../lib/observe/fsck-cluster.ts";
import {
  apply,
  type Client,
  codesOf,
  importCluster,
  loadPeople,
  newWorld,
  refresh,
  rowsOf,
} from "../apply/cluster.ts";
import { type ClusterFiles, FIND_PERSON, PERSON, PERSON_WITH_NOTE } from "../apply/cluster-files.ts";
import { recorder } from "../apply/faults.ts";
import type { Fate, Interference } from "../apply/interference.ts";
import { backUp, newBacking, openFiled, openRestored, restoreInto } from "./backed-up.ts";

/** A type whose rows are listed after those of people, so that a load of people may come between them and its manifest. */
const PLACE = "\nnode Place {\n  name: String @key\n}\n";
const BEFORE = { schema: `${PERSON}${PLACE}`, queries: { find_person: FIND_PERSON } };
const AFTER = { schema: `${PERSON_WITH_NOTE}${PLACE}` };
const CONFIGS: readonly ClusterFiles[] = [
  { graphs: { people: BEFORE } },
  { graphs: { people: AFTER, shop: { schema: PERSON } } },
  { graphs: { people: AFTER, shop: { schema: PERSON }, more: { schema: PERSON } } },
];
/** Few enough for a load to come between the pages that hold its rows and its manifest. */
const PAGE_KEYS = 2;
const STATE = "__cluster/state.json";

type Doing = "apply" | "load" | "refresh" | "begin";

interface Moved {
  readonly client: Client;
  readonly ledgers: Set<string>;
  applied: number;
  loads: number;
}

async function deployed(): Promise<Moved> {
  const client = openFiled(newWorld());
  await importCluster(client, CONFIGS[0]!);
  expect((await apply(client, CONFIGS[0]!)).converged).toBe(true);
  await loadPlace(client);
  await loadPeople(client, "people", "Ada");
  const moved = { client, ledgers: new Set<string>(), applied: 0, loads: 0 };
  note(moved);
  return moved;
}

async function loadPlace({ ports }: Client): Promise<void> {
  const { engine, ids } = ports;
  const loaded = await engine.load({
    graph: "people" as GraphId,
    mode: "append",
    source_name: "places.jsonl",
    async *open() {
      yield Buffer.from('{"type":"Place","data":{"name":"Here"}}\n', "utf8");
    },
    operation_id: ids.next() as OperationId,
    run_id: ids.next() as RunId,
    actor: "ana",
  });
  expect(loaded.tag).toBe("done");
}

function note({ client, ledgers }: Moved): void {
  ledgers.add(sha256(client.world.objects.objects.get(STATE) ?? ""));
}

async function happen(moved: Moved, doing: Doing): Promise<void> {
  const { client } = moved;
  switch (doing) {
    case "apply":
      moved.applied = Math.min(moved.applied + 1, CONFIGS.length - 1);
      await apply(client, CONFIGS[moved.applied]!);
      break;
    case "load":
      moved.loads += 1;
      await loadPeople(client, "people", `Person ${moved.loads}`);
      break;
    case "refresh":
      await refresh(client, CONFIGS[moved.applied]!);
      break;
    case "begin":
      await happen(moved, "load");
      await happen(moved, "apply");
      await happen(moved, "load");
      break;
  }
  note(moved);
}

/** Lets things happen before some calls of the backup, and the backup see all of what they did, or the end of it. */
function meanwhile(moved: Moved, at: ReadonlyMap<number, Doing>): Interference {
  return {
    count: { calls: 0 },
    async before({ ordinal }): Promise<Fate> {
      const doing = at.get(ordinal);
      if (doing !== undefined) await happen(moved, doing);
      return "act";
    },
  };
}

async function holds(at: ReadonlyMap<number, Doing>): Promise<boolean> {
  const moved = await deployed();
  const { client, ledgers } = moved;
  const backing = newBacking(client.world);
  const output = await backUp({ ...backing, page_keys: PAGE_KEYS, interference: meanwhile(moved, at) });
  expect({ ok: output.ok, codes: codesOf(output) }).toEqual({ ok: true, codes: [] });
  const target = newWorld();
  expect(codesOf(await restoreInto(target, backing.place))).toEqual([]);
  const digest = sha256(target.objects.objects.get(STATE) ?? "");
  expect(ledgers.has(digest)).toBe(true);
  const there = openRestored(target, client.world);
  const checked = await fsckCluster(there.ports, { config_dir: ".", repair: false });
  expect(checked.facts.filter(({ verdict }) => verdict === "contradicted" || verdict === "unknown")).toEqual(
    [],
  );
  expect(await rowsOf(there, "people")).toBeGreaterThan(0);
  for (const config of CONFIGS.slice(moved.applied)) {
    const again = await apply(there, config);
    expect({ codes: codesOf(again, "error"), converged: again.converged }).toEqual({
      codes: [],
      converged: true,
    });
  }
  return output.written;
}

async function callsOf(): Promise<number> {
  const by = recorder();
  const { world } = (await deployed()).client;
  await backUp({ ...newBacking(world), page_keys: PAGE_KEYS, interference: by });
  return by.count.calls;
}

it("a backup is of one moment, whichever of its calls a load, a refresh or an apply comes before", async () => {
  const calls = await callsOf();
  const doing = fc.constantFrom<Doing>("apply", "load", "refresh", "begin");
  const happening = fc.tuple(fc.integer({ min: 1, max: calls }), doing);
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 3 }), async (at) => holds(new Map(at))),
    { numRuns: 40 },
  );
}, 180_000);

it.each<Doing>(["load", "begin"])(
  "a backup is of one moment where a %s comes before any single call",
  async (doing) => {
    const calls = await callsOf();
    for (let ordinal = 1; ordinal <= calls; ordinal += 1) await holds(new Map([[ordinal, doing]]));
  },
  180_000,
);
