/**
 * A disk that fills up, or a folder that may no longer be written to, at any system call of an apply: what the run
 * says is true, and once there is room again the next apply converges and finds nothing in its way (R2, L4, L5).
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cp, mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ClusterPorts } from "../../lib/apply/cluster-ports.ts";
import { createEngine } from "../../lib/engine/create-engine.ts";
import { createMemoryTables, createMemoryTablesBackend } from "../../lib/engine/memory/memory-tables.ts";
import { SYSTEM_CLOCK } from "../../lib/file/clock.ts";
import { type FileCalls, NODE_FILE_CALLS } from "../../lib/file/file-calls.ts";
import { createUlids } from "../../lib/file/ids.ts";
import { openFileRoot } from "../../lib/file/open-root.ts";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import { SILENT_LOG } from "../../lib/ports/log.ts";
import { apply, codesOf, desiredFrom, importCluster, newWorld } from "./cluster.ts";
import { ALL_PEOPLE, FIND_PERSON, NOTES, PERSON, PERSON_WITH_NOTE } from "./cluster-files.ts";

const BEFORE = { graphs: { people: { schema: PERSON, queries: { find_person: FIND_PERSON } } } };
const AFTER = desiredFrom({
  graphs: {
    people: { schema: PERSON_WITH_NOTE, queries: { notes: NOTES } },
    shop: { schema: PERSON, queries: { all_people: ALL_PEOPLE } },
  },
});

/** Every so many calls the disk fills up once; a prime, so that the three rounds meet different calls. */
const CALLS_BETWEEN = 23;
const TEST_MS_MAX = 120_000;

const folder = mkdtempSync(join(tmpdir(), "full-disk-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Pauses between attempts are skipped; the renewal of the lease keeps its time. */
const CLOCK = {
  ...SYSTEM_CLOCK,
  sleep: (ms: number, signal?: AbortSignal) => SYSTEM_CLOCK.sleep(ms < 2000 ? 0 : ms, signal),
};

function portsOn(root: string, calls: FileCalls): ClusterPorts {
  const { store, ledger, lease } = openFileRoot(root, CLOCK, calls);
  const shared = { store, clock: CLOCK, ids: createUlids(), log: SILENT_LOG };
  const tables = createMemoryTables(createMemoryTablesBackend());
  const engine = createEngine({ ...shared, tables });
  const lease_table = { kind: "memory", name: "test" } as const;
  const rules = LAPTOP_RULES;
  return { ...shared, ledger, lease, lease_table, engine, rules, root, owner: "test", pid: 1 };
}

function client(root: string, calls: FileCalls = NODE_FILE_CALLS) {
  return { world: newWorld(), ports: portsOn(root, calls) };
}

/** Calls that need room or a right to write; the one at `from`, and as many after it as `count` says, fail. */
function failing(code: string, from: number, count: number) {
  const seen = { calls: 0 };
  const fail = (): boolean => {
    seen.calls += 1;
    return seen.calls >= from && seen.calls < from + count;
  };
  const guarded =
    <Arguments extends readonly unknown[], Value>(call: (...given: Arguments) => Promise<Value>) =>
    (...given: Arguments): Promise<Value> =>
      fail() ? Promise.reject(Object.assign(new Error(`${code}: refused`), { code })) : call(...given);
  const calls: FileCalls = {
    ...NODE_FILE_CALLS,
    writeNew: guarded(NODE_FILE_CALLS.writeNew),
    link: guarded(NODE_FILE_CALLS.link),
    rename: guarded(NODE_FILE_CALLS.rename),
    unlink: guarded(NODE_FILE_CALLS.unlink),
    makeFolder: guarded(NODE_FILE_CALLS.makeFolder),
    syncFolder: guarded(NODE_FILE_CALLS.syncFolder),
  };
  return { calls, seen };
}

const start = join(folder, "start");
let total = 0;

beforeAll(async () => {
  await importCluster(client(start), BEFORE);
  await apply(client(start), BEFORE);
  const counting = failing("ENOSPC", Number.MAX_SAFE_INTEGER, 0);
  const root = join(folder, "count");
  await cp(start, root, { recursive: true });
  await apply(client(root, counting.calls), AFTER);
  total = counting.seen.calls;
});

async function revisions(root: string): Promise<readonly number[]> {
  return (await readdir(join(root, "__graphform/heads")))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}

/** A lease that could not be given back is broken, as a person would do it. */
async function breakLease(root: string): Promise<void> {
  const { lease } = client(root).ports;
  const held = await lease.read();
  if (held.tag === "read" && held.holder !== null) await lease.break(held.holder.lock_id);
}

async function survives(code: string, from: number, count: number): Promise<void> {
  const root = await mkdtemp(join(folder, "run-"));
  await cp(start, root, { recursive: true });
  const first = await apply(client(root, failing(code, from, count).calls), AFTER);
  const at = { code, from, count };
  expect({ ...at, honest: first.ok === first.converged }).toEqual({ ...at, honest: true });
  await breakLease(root);
  const second = await apply(client(root), AFTER);
  const errors = codesOf(second, "error");
  expect({ ...at, errors, converged: second.converged }).toEqual({ ...at, errors: [], converged: true });
  const state = JSON.parse(await readFile(join(root, "__cluster/state.json"), "utf8"));
  const heads = await revisions(root);
  expect({ ...at, heads }).toEqual({ ...at, heads: heads.map((_, index) => index + 1) });
  expect({ ...at, newest: heads.at(-1) }).toEqual({ ...at, newest: state.state_revision });
  expect({ ...at, intents: await readdir(join(root, "__cluster/recoveries")) }).toEqual({
    ...at,
    intents: [],
  });
  if (first.converged) expect({ ...at, written: second.state_written }).toEqual({ ...at, written: false });
  rmSync(root, { recursive: true, force: true });
}

describe("an apply on a disk that refuses writes", () => {
  test.each([
    ["ENOSPC", "one call", 1],
    ["ENOSPC", "forty calls", 40],
    ["EACCES", "ever", Number.MAX_SAFE_INTEGER],
  ])(
    "with %s for %s says what is true and leaves nothing that the next cannot settle (R2, L4, L5)",
    async (code, _long, count) => {
      for (let from = 1; from <= total; from += CALLS_BETWEEN) await survives(code, from, count);
    },
    TEST_MS_MAX,
  );
});
