/** Counting how many store calls of a command wait for one another, and the one chain that design 12 promises by now. */
import { describe, expect, it } from "vitest";
import { generateConfig } from "../../bench/generate-config.ts";
import { apply, createMemoryCluster, importLedger, loadConfig, plan } from "../../bench/memory-cluster.ts";
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
});
