/** Harm: what happens to the files of a graph behind everybody's back, and how a person puts it right again. */
import type { GraphId, OperationId, RunId } from "../../lib/digest/ids.ts";
import { createEngine } from "../../lib/engine/create-engine.ts";
import { createMemoryTables } from "../../lib/engine/memory/memory-tables.ts";
import { manifestKey } from "../../lib/engine/paths.ts";
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import { SILENT_LOG } from "../../lib/ports/log.ts";
import { type ConfigName, desiredOfConfig, type GraphName } from "./configs.ts";
import { createSimIds } from "./sim-ids.ts";
import { chainOf } from "./stored-graph.ts";
import { keysBelow, type World } from "./world.ts";

/** Another program gives the graph the schema that a config wants. */
export async function migrateBehind(world: World, name: GraphName, config: ConfigName): Promise<void> {
  world.actors += 1;
  const ids = createSimIds(world.actors, () => world.nowMs);
  const clock = { nowMs: () => world.nowMs, sleep: () => Promise.resolve() };
  const store = createMemoryObjectStore(world.backend);
  const engine = createEngine({ store, tables: createMemoryTables(world.rows), clock, ids, log: SILENT_LOG });
  const graph = name as GraphId;
  const schema = desiredOfConfig(config).resources.get(`schema.${graph}` as never);
  const outcome = await engine.migrate({
    ...{ graph, expect: chainOf(world, name).length, data_loss: false, actor: null },
    ...{ operation_id: ids.next() as OperationId, run_id: ids.next() as RunId },
    schema_source: schema?.kind === "schema" ? schema.source : "",
  });
  if (outcome.tag !== "done") throw new Error(`migrate behind: ${outcome.tag}`);
}

/** An older copy of the graph: its newest version is gone. */
export function takeNewest(world: World, graph: GraphName): void {
  world.backend.objects.delete(newestKey(world, graph));
}

export function damageNewest(world: World, graph: GraphName): void {
  const key = newestKey(world, graph);
  const bytes = world.backend.objects.get(key) ?? new Uint8Array();
  world.backend.objects.set(DAMAGED, bytes);
  world.backend.objects.set(key, Buffer.from("{", "utf8"));
}

/** The damaged manifest is put back from where it was kept. */
export function repairNewest(world: World, graph: GraphName): void {
  const kept = world.backend.objects.get(DAMAGED);
  if (kept === undefined) return;
  world.backend.objects.delete(DAMAGED);
  const [newest] = keysBelow(world, `graphs/${graph}.omni/__manifest/`);
  if (newest !== undefined) world.backend.objects.set(newest, kept);
}

const DAMAGED = "kept-by-a-person";
const UNKNOWN = "__cluster/recoveries/01KDVDNA000000000000000009.json";

/** An intent of a program that is newer than this one. */
export function putUnknownIntent(world: World, graph: GraphName): void {
  const text = JSON.stringify({ schema_version: 2, graph_id: graph });
  world.backend.objects.set(UNKNOWN, Buffer.from(text, "utf8"));
}

/** The intents of a graph are moved away by hand. */
export function takeIntents(world: World, graph: GraphName): void {
  for (const key of keysBelow(world, "__cluster/recoveries/")) {
    const text = Buffer.from(world.backend.objects.get(key) ?? []).toString("utf8");
    if (text.includes(`"graph_id": "${graph}"`)) world.backend.objects.delete(key);
  }
}

function newestKey(world: World, graph: GraphName): string {
  return manifestKey(graph as GraphId, chainOf(world, graph).length);
}
