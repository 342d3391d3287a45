/** The two places of a schema record: a graph can be read as long as one of them is whole. */
import { describe, expect, it } from "vitest";
import { createMemoryTables, createMemoryTablesBackend } from "../../lib/engine/memory/memory-tables.ts";
import { createMemoryBackend } from "../../lib/memory/backend.ts";
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import { created, GRAPH, openSubject, SCHEMA } from "../contract/engine-subject.ts";

const SHARED = "__graphform/schemas/";
const COPY = "__cluster/resources/schema/";

function begin() {
  const objects = createMemoryBackend();
  const datasets = createMemoryTablesBackend();
  const subject = openSubject({
    openStore: () => createMemoryObjectStore(objects),
    openTables: () => createMemoryTables(datasets),
    close: () => Promise.resolve(),
  });
  const keysBelow = (prefix: string) => [...objects.objects.keys()].filter((key) => key.startsWith(prefix));
  return { ...subject, subject, objects: objects.objects, keysBelow };
}

describe("the schema record of a graph", () => {
  it("lies in the catalog too, with the same bytes", async () => {
    const { subject, objects, keysBelow } = begin();
    await created(subject);
    const [shared, copy] = [keysBelow(SHARED), keysBelow(COPY)];
    expect([shared.length, copy.length]).toEqual([1, 1]);
    expect(copy[0]?.slice(COPY.length)).toBe(shared[0]?.slice(SHARED.length));
    expect(objects.get(copy[0]!)).toEqual(objects.get(shared[0]!));
  });

  it.each([
    ["gone", SHARED, null],
    ["damaged", SHARED, "{}"],
    ["gone", COPY, null],
    ["damaged", COPY, "{}"],
  ])("may be %s below %s, and the graph is read by the other one", async (_, prefix, text) => {
    const { subject, second, objects, keysBelow } = begin();
    await created(subject);
    for (const key of keysBelow(prefix)) {
      if (text === null) objects.delete(key);
      else objects.set(key, Buffer.from(text));
    }
    expect(await second.engine.observe(GRAPH)).toMatchObject({ tag: "live", schema: { source: SCHEMA } });
  });

  it("that is gone in both places makes the graph unreadable, and never absent", async () => {
    const { subject, second, objects, keysBelow } = begin();
    await created(subject);
    for (const key of [...keysBelow(SHARED), ...keysBelow(COPY)]) objects.delete(key);
    expect(await second.engine.observe(GRAPH)).toMatchObject({ tag: "unreadable", reason: "corrupt" });
  });
});
