/**
 * What can become of a client's call: it is answered, fails, loses its answer, is never answered, or waits until the
 * test lets it go on. A call that is never answered stands for a process that died at that point: nothing of it runs
 * any more, not even what would clean up after it.
 */
import type { LeaseTable } from "../../lib/ports/lease-table.ts";
import type { ObjectParts } from "../../lib/ports/object-parts.ts";
import type { ObjectStore } from "../../lib/ports/object-store.ts";

/** `fail`: it does not act and says so. `lose_answer`: it acts and the answer is lost. `conflict`: nothing is decided. */
export type Fate = "act" | "fail" | "lose_answer" | "conflict" | "die_before" | "die_after";

export interface Call {
  readonly ordinal: number;
  readonly verb: string;
  readonly key: string;
  /** It changes something. */
  readonly writes: boolean;
}

/** Asked before each call acts; `after` is told when it has. */
export interface Interference {
  readonly before: (call: Call) => Fate | Promise<Fate>;
  readonly after?: (call: Call) => void | Promise<void>;
  readonly count: { calls: number };
}

export const NO_INTERFERENCE: Interference = { before: () => "act", count: { calls: 0 } };

const FAILED = { tag: "unavailable", reason: "the store is down" } as const;
const LOST = { tag: "ambiguous", reason: "no answer" } as const;
const CONFLICT = { tag: "conflict" } as const;

function never<Answer>(): Promise<Answer> {
  return new Promise(() => undefined);
}

interface Named {
  readonly verb: string;
  readonly key: string;
}

async function read<Answer>(
  by: Interference,
  name: Named,
  act: () => Promise<Answer>,
): Promise<Answer | typeof FAILED> {
  by.count.calls += 1;
  const call = { ordinal: by.count.calls, ...name, writes: false };
  const fate = await by.before(call);
  if (fate === "die_before" || fate === "die_after") return never();
  if (fate !== "act") return FAILED;
  const answer = await act();
  await by.after?.(call);
  return answer;
}

async function write<Answer>(
  by: Interference,
  name: Named,
  act: () => Promise<Answer>,
): Promise<Answer | typeof FAILED | typeof LOST | typeof CONFLICT> {
  by.count.calls += 1;
  const call = { ordinal: by.count.calls, ...name, writes: true };
  switch (await by.before(call)) {
    case "die_before":
      return never();
    case "fail":
      return FAILED;
    case "conflict":
      return CONFLICT;
    case "lose_answer":
      await act();
      await by.after?.(call);
      return LOST;
    case "die_after":
      await act();
      return never();
    case "act": {
      const answer = await act();
      await by.after?.(call);
      return answer;
    }
  }
}

export function interferedStore(inner: ObjectStore, by: Interference): ObjectStore {
  return {
    get: (key) => read(by, { verb: "get", key }, () => inner.get(key)),
    list: (options) => read(by, { verb: "list", key: options.prefix }, () => inner.list(options)),
    putIfAbsent: (key, bytes) => {
      const body = Uint8Array.from(bytes);
      return write(by, { verb: "putIfAbsent", key }, () => inner.putIfAbsent(key, body));
    },
    replace: (key, bytes, version) => {
      const body = Uint8Array.from(bytes);
      return write(by, { verb: "replace", key }, () => inner.replace(key, body, version));
    },
    remove: (key, version) => write(by, { verb: "remove", key }, () => inner.remove(key, version)),
  };
}

/** Of what is written in parts: `key` is that of the object, and adding and giving up are calls too. */
export function interferedParts(inner: ObjectParts, by: Interference): ObjectParts {
  return {
    read: (key, range, version) =>
      read(by, { verb: "parts.read", key }, () => inner.read(key, range, version)),
    async begin(key) {
      const began = await read(by, { verb: "parts.begin", key }, () => inner.begin(key));
      if (began.tag !== "begun") return began;
      const { writing } = began;
      return {
        tag: "begun",
        writing: {
          add: (bytes) => read(by, { verb: "parts.add", key }, () => writing.add(bytes)),
          finish: (over) => write(by, { verb: "parts.finish", key }, () => writing.finish(over)),
          abandon: () => writing.abandon(),
        },
      };
    },
  };
}

export function interferedLease(inner: LeaseTable, by: Interference): LeaseTable {
  return {
    read: () => read(by, { verb: "lease.read", key: "" }, () => inner.read()),
    acquire: (request) => write(by, { verb: "lease.acquire", key: "" }, () => inner.acquire(request)),
    renew: (id, ms) => write(by, { verb: "lease.renew", key: "" }, () => inner.renew(id, ms)),
    release: (id) => write(by, { verb: "lease.release", key: "" }, () => inner.release(id)),
    break: (id) => write(by, { verb: "lease.break", key: "" }, () => inner.break(id)),
    knows: (id) => inner.knows(id),
  };
}
