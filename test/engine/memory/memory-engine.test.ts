/** The engine over memory keeps the engine contract. */
import { createMemoryTables, createMemoryTablesBackend } from "../../../lib/engine/memory/memory-tables.ts";
import { createMemoryBackend } from "../../../lib/memory/backend.ts";
import { createMemoryObjectStore } from "../../../lib/memory/object-store.ts";
import { engineContract } from "../../contract/engine.contract.ts";

engineContract("in memory", () => {
  const objects = createMemoryBackend();
  const datasets = createMemoryTablesBackend();
  return Promise.resolve({
    openStore: () => createMemoryObjectStore(objects),
    openTables: () => createMemoryTables(datasets),
    close: () => Promise.resolve(),
  });
});
