/**
 * World: everything that exists outside the operators: objects, the lease item, rows, and the time. Operators reach it
 * only through the scheduler.
 *
 * Guarantees: a copy is cheap and independent. Stored bytes and snapshots of rows never change once they are stored, so
 * copies share them and copy the maps alone.
 */
import type { MemoryTablesBackend } from "../../lib/engine/memory/memory-tables.ts";
import { createMemoryBackend, type MemoryBackend } from "../../lib/memory/backend.ts";
import { type Chronicle, copyOfChronicle, newChronicle } from "./chronicle.ts";

/** Calls on keys with this beginning are not answered until then. */
export interface Outage {
  readonly prefix: string;
  readonly untilMs: number;
}

export interface World {
  readonly backend: MemoryBackend;
  readonly rows: MemoryTablesBackend;
  readonly chronicle: Chronicle;
  nowMs: number;
  /** Actors that have ever acted here; keeps their ids apart. */
  actors: number;
  outage: Outage | null;
}

const START_MS = Date.UTC(2026, 0, 1);

export function newWorld(): World {
  return {
    backend: createMemoryBackend(),
    rows: new Map(),
    chronicle: newChronicle(),
    nowMs: START_MS,
    actors: 0,
    outage: null,
  };
}

export function copyOfWorld(world: World): World {
  return {
    backend: { objects: new Map(world.backend.objects), lease: world.backend.lease },
    rows: copyOfRows(world.rows),
    chronicle: copyOfChronicle(world.chronicle),
    nowMs: world.nowMs,
    actors: world.actors,
    outage: world.outage,
  };
}

function copyOfRows(rows: MemoryTablesBackend): MemoryTablesBackend {
  return new Map(
    [...rows].map(([path, dataset]) => {
      const lines = [...dataset.lines].map(
        ([name, line]) => [name, { ...line, versions: new Map(line.versions) }] as const,
      );
      return [path, { lines: new Map(lines) }];
    }),
  );
}

/** The text of an object, or null if there is none. */
export function textAt(world: World, key: string): string | null {
  const bytes = world.backend.objects.get(key);
  return bytes === undefined ? null : Buffer.from(bytes).toString("utf8");
}

/** Keys with this beginning, in order. */
export function keysBelow(world: World, prefix: string): readonly string[] {
  return [...world.backend.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
}
