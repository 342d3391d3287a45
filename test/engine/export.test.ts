/** Exports over tables that fail, and readers that stop early. */
import { describe, expect, it } from "vitest";
import {
  createMemoryTables,
  createMemoryTablesBackend,
  type TableGate,
} from "../../lib/engine/memory/memory-tables.ts";
import type { Tables } from "../../lib/engine/tables.ts";
import { createMemoryBackend } from "../../lib/memory/backend.ts";
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import { created, GRAPH, loaded, openSubject, person, type Subject } from "../contract/engine-subject.ts";

describe("export", () => {
  it("rejects when the store fails in between, so that a part is never taken for the whole", async () => {
    let scans = 0;
    const subject = open((call) => {
      scans += call.call === "scan" ? 1 : 0;
      return Promise.resolve(scans > 1 ? "the store is down" : null);
    });
    await created(subject);
    await loaded(
      subject,
      Array.from({ length: 1500 }, (_, index) => person(`p${index}`)),
    );
    scans = 0;
    const lines: string[] = [];
    const outcome = await subject.second.engine.export({ graph: GRAPH });
    if (outcome.tag !== "exporting") throw new Error(outcome.tag);
    const reading = (async () => {
      for await (const line of outcome.lines) lines.push(line);
    })();
    await expect(reading).rejects.toThrow("the export broke off at Person: the store is down");
    expect(lines).toHaveLength(1000);
  });

  it("is unavailable, not empty, when the rows cannot even be opened", async () => {
    let down = false;
    const subject = open(() => Promise.resolve(down ? "the store is down" : null));
    await created(subject);
    await loaded(subject, [person("ada")]);
    down = true;
    expect(await subject.first.engine.export({ graph: GRAPH })).toEqual({
      tag: "not_live",
      observation: { tag: "unavailable", reason: "the store is down" },
    });
  });

  it("closes its readers at the end, and when whoever reads it stops early", async () => {
    let opened = 0;
    const subject = open(
      () => Promise.resolve(null),
      (tables) => ({
        ...tables,
        read: async (position) => {
          const reader = await tables.read(position);
          if (reader.tag !== "ok") return reader;
          opened += 1;
          const close = (): void => {
            opened -= 1;
          };
          return { tag: "ok", value: { ...reader.value, close } };
        },
      }),
    );
    await created(subject);
    await loaded(subject, [person("ada"), person("bob")]);
    opened = 0;
    for (const stopAfter of [1, 9]) {
      const outcome = await subject.first.engine.export({ graph: GRAPH });
      expect(opened).toBe(1);
      let read = 0;
      if (outcome.tag === "exporting") {
        for await (const _ of outcome.lines) {
          read += 1;
          if (read === stopAfter) break;
        }
      }
      expect(opened).toBe(0);
    }
  });
});

function open(gate: TableGate, wrap: (tables: Tables) => Tables = (tables) => tables): Subject {
  const objects = createMemoryBackend();
  const datasets = createMemoryTablesBackend();
  return openSubject({
    openStore: () => createMemoryObjectStore(objects),
    openTables: () => wrap(createMemoryTables(datasets, gate)),
    close: () => Promise.resolve(),
  });
}
