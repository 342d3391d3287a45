/** What must hold of a cluster at rest, whatever happened to the runs before (reliability 7). */
import { expect } from "vitest";
import type { ApplyOutput } from "../../lib/apply/apply-output.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import type { Manifest } from "../../lib/engine/manifest.ts";
import { decodeReceipt, type Receipt } from "../../lib/ledger/receipt.ts";
import { verifyComposites } from "../../lib/ledger/verify-composites.ts";
import { type Client, headOf, keysBelow, ledgerOf, openClient, type World } from "./cluster.ts";

/** The receipts that are history, oldest first: those that a head names. */
export function historyOf(world: World): readonly Receipt[] {
  return keysBelow(world, "__graphform/heads/").map((key) => {
    const head = JSON.parse(Buffer.from(world.objects.objects.get(key)!).toString("utf8"));
    const revision = key.slice("__graphform/heads/".length, -".json".length);
    const bytes = world.objects.objects.get(`__graphform/receipts/${revision}-${head.commit_id}.json`);
    const decoded = decodeReceipt(bytes ?? new Uint8Array());
    if (decoded.tag === "invalid") throw new Error(`receipt of ${revision}: ${decoded.problem}`);
    return decoded.receipt;
  });
}

/** Every manifest of a graph, oldest first. */
export async function chainOf(client: Client, graph: string): Promise<readonly Manifest[]> {
  const head = await headOf(client, graph);
  const manifests: Manifest[] = [];
  for (let version = 1; version <= head.version; version += 1) {
    const read = await client.ports.engine.at(graph as GraphId, version);
    if (read.tag !== "found") throw new Error(`version ${version} of ${graph}: ${read.tag}`);
    manifests.push(read.manifest);
  }
  return manifests;
}

/** L1, L3, L7, S5, A4 and A3 of a cluster at rest whose every resource is applied. */
export async function expectConverged(world: World, graphs: readonly string[]): Promise<void> {
  const state = ledgerOf(world);
  expect(verifyComposites(state)).toEqual([]);
  const history = historyOf(world);
  expect(history.map((each) => each.revision)).toEqual(history.map((_, index) => index + 1));
  expect(history.at(-1)?.revision).toBe(state.state_revision);
  expect(new Set(history.map((each) => each.commit_id)).size).toBe(history.length);
  expect(keysBelow(world, "__cluster/recoveries/")).toEqual([]);
  expect(keysBelow(world, "__cluster/lock.json")).toEqual([]);
  const statuses = Object.entries(state.resource_statuses).filter(([, each]) => each.status !== "applied");
  expect(statuses).toEqual([]);
  const observer = openClient(world);
  for (const graph of graphs) {
    const observation = await observer.ports.engine.observe(graph as GraphId);
    if (observation.tag !== "live") throw new Error(`graph.${graph} is ${observation.tag}`);
    expect(state.applied_revision.resources[`schema.${graph}`]?.digest).toBe(observation.schema.digest);
    const operations = (await chainOf(observer, graph)).map((each) => each.operation_id);
    expect(new Set(operations).size).toBe(operations.length);
  }
}

/** L4, L5 and L6: what a run said of itself is what history says of it. */
export function expectHonest(world: World, output: ApplyOutput): void {
  // Attempts of one run have different actors in these tests.
  const own = historyOf(world).filter(
    (each) => each.run_id === output.run_id && each.actor === (output.actor ?? null),
  );
  if (output.outcome === "refused") expect(own).toEqual([]);
  if (output.outcome === "noop") expect(own.filter((each) => each.kind !== "recovery")).toEqual([]);
  if (output.outcome === "applied" || output.state_written) expect(own.length).toBeGreaterThan(0);
  if (output.outcome === "applied") expect(own.at(-1)?.kind).toBe("final");
}
