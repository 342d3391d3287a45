/** The memory tables keep the tables contract, and can be held back and failed by a gate. */
import { expect, it } from "vitest";
import { createMemoryTables, createMemoryTablesBackend } from "../../../lib/engine/memory/memory-tables.ts";
import { tablesContract } from "../../contract/tables.contract.ts";

tablesContract("in memory", () => {
  const backend = createMemoryTablesBackend();
  return Promise.resolve({
    first: createMemoryTables(backend),
    second: createMemoryTables(backend),
    close: () => Promise.resolve(),
  });
});

it("acts only after its gate has opened, and changes nothing when the gate gives a reason", async () => {
  const backend = createMemoryTablesBackend();
  const calls: string[] = [];
  const tables = createMemoryTables(backend, (call) => {
    calls.push(`${call.call} ${call.path}`);
    return Promise.resolve(calls.length === 1 ? "the store is down" : null);
  });
  const columns = [{ name: "id", type: { kind: "utf8" } }] as const;
  expect(await tables.create("a/1-1.lance", columns)).toEqual({
    tag: "unavailable",
    reason: "the store is down",
  });
  expect(backend.size).toBe(0);
  expect((await tables.create("a/1-1.lance", columns)).tag).toBe("ok");
  expect(calls).toEqual(["create a/1-1.lance", "create a/1-1.lance"]);
});
