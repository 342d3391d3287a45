/**
 * The tables of an actor's engine: those in memory behind the scheduler. Readers and writers that it hands out go
 * through the scheduler too. What was abandoned by its maker is still carried out if it lands late, as on a real store.
 */
import { createMemoryTables } from "../../lib/engine/memory/memory-tables.ts";
import type {
  RowBatch,
  TableOutcome,
  TablePosition,
  TableReader,
  Tables,
  TableWriter,
} from "../../lib/engine/tables.ts";
import type { Actor, Scheduler } from "./scheduler.ts";
import { simCall, tagOf } from "./sim-call.ts";

const DOWN = { tag: "unavailable", reason: "the tables are down" } as const;
const FAILURES = { unavailable: DOWN, ambiguous: DOWN, conflict: DOWN } as const;

type Step = <T>(
  verb: string,
  path: string,
  writes: boolean,
  act: () => Promise<TableOutcome<T>>,
) => Promise<TableOutcome<T>>;

export function createSimTables(scheduler: Scheduler, actor: Actor): Tables {
  const inner = createMemoryTables(scheduler.world.rows);
  const step: Step = <T>(
    verb: string,
    path: string,
    writes: boolean,
    act: () => Promise<TableOutcome<T>>,
  ) => {
    const call = { port: "tables", verb: `tables.${verb}`, key: path, writes } as const;
    return simCall<TableOutcome<T>>(scheduler, actor, call, act, FAILURES, tagOf);
  };
  const writing = async (
    path: string,
    opened: Promise<TableOutcome<TableWriter>>,
  ): Promise<TableOutcome<TableWriter>> => {
    const outcome = await opened;
    return outcome.tag === "ok" ? { tag: "ok", value: steppedWriter(step, path, outcome.value) } : outcome;
  };
  return {
    read: async (position: TablePosition) => {
      const asked = { ...position };
      const outcome = await step("read", position.path, false, () => inner.read(asked));
      return outcome.tag === "ok" ? { tag: "ok", value: steppedReader(step, outcome.value) } : outcome;
    },
    create: (path, columns) =>
      writing(
        path,
        step("create", path, true, () => inner.create(path, [...columns])),
      ),
    branch: (from, branch) => {
      const base = { ...from };
      return writing(
        from.path,
        step("branch", from.path, true, () => inner.branch(base, branch)),
      );
    },
    branches: (path) => step("branches", path, false, () => inner.branches(path)),
    dropBranch: (path, branch) => step("dropBranch", path, true, () => inner.dropBranch(path, branch)),
    datasets: (prefix) => step("datasets", prefix, false, () => inner.datasets(prefix)),
    erase: (prefix) => step("erase", prefix, true, () => inner.erase(prefix)),
  };
}

function steppedWriter(step: Step, path: string, inner: TableWriter): TableWriter {
  const copied = (batch: RowBatch): RowBatch => ({
    length: batch.length,
    columns: new Map([...batch.columns].map(([name, cells]) => [name, [...cells]])),
  });
  return {
    addColumns: (columns) => step("addColumns", path, true, () => inner.addColumns([...columns])),
    append: (batch) => {
      const rows = copied(batch);
      return step("append", path, true, () => inner.append(rows));
    },
    upsert: (batch) => {
      const rows = copied(batch);
      return step("upsert", path, true, () => inner.upsert(rows));
    },
    compact: () => step("compact", path, true, () => inner.compact()),
    finish: () => step("finish", path, true, () => inner.finish()),
    abandon: () => undefined,
  };
}

function steppedReader(step: Step, inner: TableReader): TableReader {
  const { path } = inner.position;
  return {
    position: inner.position,
    columns: inner.columns,
    count: () => step("count", path, false, () => inner.count()),
    countNonNull: (column) => step("countNonNull", path, false, () => inner.countNonNull(column)),
    scan: (options) => steppedScan(step, path, inner.scan(options)),
    lookup: (column, values, columns) =>
      step("lookup", path, false, () => inner.lookup(column, [...values], columns)),
    close: () => inner.close(),
  };
}

async function* steppedScan(
  step: Step,
  path: string,
  inner: AsyncIterable<TableOutcome<RowBatch>>,
): AsyncGenerator<TableOutcome<RowBatch>> {
  const batches = inner[Symbol.asyncIterator]();
  for (;;) {
    const batch = await step<RowBatch | null>("scan", path, false, async () => {
      const next = await batches.next();
      return next.done === true ? { tag: "ok", value: null } : next.value;
    });
    if (batch.tag !== "ok") {
      yield batch;
      return;
    }
    if (batch.value === null) return;
    yield { tag: "ok", value: batch.value };
  }
}
