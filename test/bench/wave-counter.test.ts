/** Counting how many store calls of a command wait for one another, and the chains that design 12 promises. */
import { describe, expect, it } from "vitest";
import { changeQueries, generateConfig, growSchema } from "../../bench/generate-config.ts";
import {
  apply,
  createMemoryCluster,
  importLedger,
  loadConfig,
  loadForApply,
  plan,
} from "../../bench/memory-cluster.ts";
import { WaveCounter } from "../../bench/wave-counter.ts";

async function times(count: number, call: () => Promise<void>): Promise<void> {
  for (let done = 0; done < count; done += 1) await call();
}

describe("the longest chain of calls", () => {
  it.each([
    ["calls one after the other", [3], { calls: 3, chain: 3, widest_wave: 1 }],
    ["calls side by side", [1, 1, 1], { calls: 3, chain: 1, widest_wave: 3 }],
    ["sequences side by side", [4, 2, 1], { calls: 7, chain: 4, widest_wave: 3 }],
    ["no call", [], { calls: 0, chain: 0, widest_wave: 0 }],
  ])("is that of the longest sequence: %s", async (_name, sequences, expected) => {
    const counter = new WaveCounter();
    const work = () => Promise.all(sequences.map((length) => times(length, counter.gate)));
    expect(await counter.count(work)).toEqual(expected);
  });

  it("has three calls for the plan of an unchanged cluster, however many graphs it has", async () => {
    const counter = new WaveCounter();
    const cluster = createMemoryCluster(counter.gate);
    const files = generateConfig({ graphs: 5, queries_per_graph: 2, queries_per_file: 1 });
    await importLedger(cluster, await loadConfig(cluster, files));
    await apply(cluster, await loadConfig(cluster, files));
    const { chain } = await counter.count(async () => plan(cluster, await loadConfig(cluster, files)));
    expect(chain).toBe(3);
  });

  const SMALL = generateConfig({ graphs: 5, queries_per_graph: 2, queries_per_file: 1 });

  it.each([
    ["five calls for an apply that finds nothing to do", SMALL, 5],
    ["eight for an apply of changed queries", changeQueries(SMALL, 2, 1), 8],
    ["five more for an apply of a changed schema", growSchema(SMALL), 13],
  ])("has %s", async (_name, changed, expected) => {
    const counter = new WaveCounter();
    const cluster = createMemoryCluster(counter.gate);
    await importLedger(cluster, await loadConfig(cluster, SMALL));
    await apply(cluster, await loadConfig(cluster, SMALL));
    const { chain } = await counter.count(async () => apply(cluster, await loadForApply(cluster, changed)));
    expect(chain).toBe(expected);
  });
});
