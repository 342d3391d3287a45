/**
 * Applies a migration case to a live graph: the schema before is created, the rows of the case are loaded, the change
 * is previewed and migrated by the built-in engine over tables in memory.
 */

import type { GraphId, IncarnationId, OperationId, RunId } from "../../lib/digest/ids.ts";
import { createEngine } from "../../lib/engine/create-engine.ts";
import type { EngineOutcome, LoadOutcome } from "../../lib/engine/engine.ts";
import { createMemoryTables, createMemoryTablesBackend } from "../../lib/engine/memory/memory-tables.ts";
import { createMemoryBackend } from "../../lib/memory/backend.ts";
import { createManualClock } from "../../lib/memory/clock.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import { openMemoryRoot } from "../../lib/memory/open-root.ts";
import { SILENT_LOG } from "../../lib/ports/log.ts";

export interface AppliedMigration {
  readonly before: string;
  readonly after: string;
  /** JSON lines, one text a load. */
  readonly data_loaded: readonly string[];
  readonly data_loss: boolean;
}

const GRAPH = "case" as GraphId;

/** Null if the change was applied; else why not. */
export async function applyMigration(migration: AppliedMigration): Promise<string | null> {
  const { before, after, data_loaded, data_loss } = migration;
  const clock = createManualClock(Date.UTC(2026, 0, 1));
  const ids = createCountingIds();
  const { store } = openMemoryRoot(createMemoryBackend(), clock);
  const tables = createMemoryTables(createMemoryTablesBackend());
  const engine = createEngine({ store, tables, clock, ids, log: SILENT_LOG });
  const by = () => ({
    graph: GRAPH,
    operation_id: ids.next() as OperationId,
    run_id: ids.next() as RunId,
    actor: null,
  });
  const incarnation = ids.next() as IncarnationId;
  const created = await engine.create({ ...by(), expect: 0, incarnation, schema_source: before });
  if (created.tag !== "done") return `create: ${reasonOf(created)}`;
  for (const lines of data_loaded) {
    const open = () => bytesOf(lines);
    const loaded = await engine.load({ ...by(), mode: "merge", open, source_name: "data.jsonl" });
    if (loaded.tag !== "done") return `load: ${reasonOf(loaded)}`;
  }
  const previewed = await engine.preview({ graph: GRAPH, schema_source: after, data_loss });
  if (previewed.tag !== "previewed") {
    return previewed.tag === "invalid" ? reasonOf(previewed) : `preview: ${previewed.observation.tag}`;
  }
  const { version } = previewed.preview;
  const migrated = await engine.migrate({ ...by(), expect: version, schema_source: after, data_loss });
  return migrated.tag === "done" ? null : reasonOf(migrated);
}

async function* bytesOf(text: string): AsyncIterable<Uint8Array> {
  yield new TextEncoder().encode(text);
}

function reasonOf(outcome: Exclude<EngineOutcome | LoadOutcome, { tag: "done" }>): string {
  switch (outcome.tag) {
    case "invalid":
      return outcome.diagnostics.map((each) => each.message).join("\n");
    case "ambiguous":
    case "unavailable":
      return outcome.reason;
    case "refused":
      return `refused by ${outcome.head.tag}`;
    case "conflict":
      return "conflict";
  }
}
