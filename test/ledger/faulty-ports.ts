/**
 * Ports over memory whose store calls meet a chosen fate. Calls are numbered from 1 over object store, ledger store and
 * lease table together.
 *
 * - `error`: not accepted (`unavailable`), nothing happened.
 * - `lost`: the answer is lost (`ambiguous`) and nothing happened.
 * - `landed`: the answer is lost (`ambiguous`) although it happened.
 * - `late`: the answer is lost (`ambiguous`) and it happens when `flush` is called.
 * - `conflict`: the store decided nothing (409).
 *
 * Reads know only `error`.
 */
import type { MemoryBackend } from "../../lib/memory/backend.ts";
import { createManualClock, type ManualClock } from "../../lib/memory/clock.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import { openMemoryRoot } from "../../lib/memory/open-root.ts";
import type { Ids } from "../../lib/ports/ids.ts";
import type { LeaseTable } from "../../lib/ports/lease-table.ts";
import type { LedgerStore } from "../../lib/ports/ledger-store.ts";
import type { ObjectStore } from "../../lib/ports/object-store.ts";
import type { Outcome } from "../../lib/ports/outcome.ts";

export const FATES = ["error", "lost", "landed", "late", "conflict"] as const;
export type Fate = (typeof FATES)[number];

export interface TestPorts {
  readonly store: ObjectStore;
  readonly ledger: LedgerStore;
  readonly lease: LeaseTable;
  readonly clock: ManualClock;
  readonly ids: Ids;
}

const START_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Healthy ports; `client` keeps the ids of several clients apart. */
export function healthyPorts(
  backend: MemoryBackend,
  client: number,
  clock = createManualClock(START_MS),
): TestPorts {
  return { ...openMemoryRoot(backend, clock), clock, ids: createCountingIds(client) };
}

export interface FaultyPorts {
  readonly ports: TestPorts;
  /** Calls made so far. */
  count(): number;
  /** Lets every late call happen. */
  flush(): Promise<void>;
}

/** Ports whose calls that `isFaulty` names meet `fate`. */
export function faultyPorts(
  healthy: TestPorts,
  isFaulty: (call: number) => boolean,
  fate: Fate,
): FaultyPorts {
  let made = 0;
  const late: (() => Promise<unknown>)[] = [];
  const next = (): boolean => {
    made += 1;
    return isFaulty(made);
  };
  const read = async <Answer>(
    call: () => Promise<Answer>,
  ): Promise<Answer | { tag: "unavailable"; reason: string }> =>
    next() && fate === "error" ? { tag: "unavailable", reason: "planted" } : call();
  const write = async <Done, Current>(
    call: () => Promise<Outcome<Done, Current>>,
  ): Promise<Outcome<Done, Current>> => {
    if (!next()) return call();
    switch (fate) {
      case "error":
        return { tag: "unavailable", reason: "planted" };
      case "conflict":
        return { tag: "conflict" };
      case "landed":
        await call();
        return { tag: "ambiguous", reason: "planted" };
      case "late":
        late.push(call);
        return { tag: "ambiguous", reason: "planted" };
      case "lost":
        return { tag: "ambiguous", reason: "planted" };
    }
  };
  const { store, ledger, lease } = healthy;
  const ports: TestPorts = {
    ...healthy,
    store: {
      get: (key) => read(() => store.get(key)),
      list: (options) => read(() => store.list(options)),
      putIfAbsent: (key, bytes) => write(() => store.putIfAbsent(key, bytes)),
      replace: (key, bytes, version) => write(() => store.replace(key, bytes, version)),
      remove: (key, version) => write(() => store.remove(key, version)),
    },
    ledger: {
      read: () => read(() => ledger.read()),
      commit: (commit) => write(() => ledger.commit(commit)),
    },
    lease: {
      read: () => read(() => lease.read()),
      acquire: (request) => write(() => lease.acquire(request)),
      renew: (lockId, durationMs) => write(() => lease.renew(lockId, durationMs)),
      release: (lockId) => write(() => lease.release(lockId)),
      break: (lockId) => write(() => lease.break(lockId)),
      knows: async (lockId) => (next() && fate === "error" ? "unavailable" : lease.knows(lockId)),
    },
  };
  return {
    ports,
    count: () => made,
    flush: async () => {
      for (const call of late.splice(0)) await call();
    },
  };
}
