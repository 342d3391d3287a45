/** What the schedule asks the engine: which graphs there are, and which deleted lives may be reclaimed. */
import { describe, expect, it } from "vitest";
import type { GraphId, IncarnationId } from "../../lib/digest/ids.ts";
import { createEngine } from "../../lib/engine/create-engine.ts";
import { createMemoryTables, createMemoryTablesBackend } from "../../lib/engine/memory/memory-tables.ts";
import { reclaimDue } from "../../lib/engine/reclaim-due.ts";
import { createMemoryBackend } from "../../lib/memory/backend.ts";
import { createManualClock } from "../../lib/memory/clock.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import { SILENT_LOG } from "../../lib/ports/log.ts";
import { type ObjectStore, storeKey } from "../../lib/ports/object-store.ts";
import { created, DAY_MS, done, GRAPH, openSubject, write } from "../contract/engine-subject.ts";

describe("upkeep", () => {
  it("offers a deleted life for reclaim after its grace, and one that is being reclaimed at once", async () => {
    const subject = memorySubject();
    const { engine } = subject.first;
    const { incarnation } = await created(subject);
    const due = (graceMs?: number) =>
      reclaimDue(engine, { graph: GRAPH, now_ms: subject.clock.nowMs(), grace_ms: graceMs });
    expect(await due(0)).toEqual([]);
    done(await engine.remove(write(subject, 1)));
    const offered = [{ incarnation, expect: 2, removed_in: 2 }];
    expect(await due()).toEqual([]);
    expect(await due(0)).toEqual(offered);
    subject.clock.advance(7 * DAY_MS);
    expect(await due()).toEqual(offered);
    const life = { incarnation: incarnation as IncarnationId, recorded: false };
    done(await engine.reclaim({ ...write(subject, 2), ...life }));
    expect(await due(365 * DAY_MS)).toEqual([{ incarnation, expect: 3, removed_in: 2 }]);
  });

  it("lists graphs without walking through the files of each", async () => {
    const store = createMemoryObjectStore(createMemoryBackend());
    for (let file = 0; file < 2500; file += 1) {
      await store.putIfAbsent(storeKey(`graphs/big.omni/life/data/${file}`), Uint8Array.of(1));
    }
    let lists = 0;
    const list: ObjectStore["list"] = (options) => {
      lists += options.prefix === "graphs/" ? 1 : 0;
      return store.list(options);
    };
    const subject = memorySubject();
    const engine = createEngine({
      store: { ...store, list },
      tables: subject.first.tables,
      clock: createManualClock(0),
      ids: createCountingIds(3),
      log: SILENT_LOG,
    });
    for (const graph of ["after", "zoo"] as GraphId[]) {
      const request = {
        ...write(subject, 0),
        graph,
        schema_source: "",
        incarnation: subject.id() as IncarnationId,
      };
      done(await engine.create(request));
    }
    expect(await engine.graphs()).toEqual({ tag: "listed", graphs: ["after", "zoo"] });
    expect(lists).toBe(1);
  });
});

function memorySubject() {
  const objects = createMemoryBackend();
  const datasets = createMemoryTablesBackend();
  return openSubject({
    openStore: () => createMemoryObjectStore(objects),
    openTables: () => createMemoryTables(datasets),
    close: () => Promise.resolve(),
  });
}
