/**
 * The object store of an actor: the store in memory behind the scheduler, watched by the oracle.
 */
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import type { ObjectStore, StoreKey } from "../../lib/ports/object-store.ts";
import type { CallFacts } from "./fates.ts";
import { objectRemoved, objectWritten } from "./oracle.ts";
import type { Actor, Scheduler } from "./scheduler.ts";
import { READ_FAILURES, simCall, tagOf, WRITE_FAILURES } from "./sim-call.ts";

/** `inner` is the store in memory, or one with a planted bug. */
export function createSimStore(
  scheduler: Scheduler,
  actor: Actor,
  inner: ObjectStore = createMemoryObjectStore(scheduler.world.backend),
): ObjectStore {
  const { world } = scheduler;
  const facts = (verb: string, key: string, writes: boolean): CallFacts => ({
    port: "store",
    verb,
    key,
    writes,
  });
  const written =
    <Outcome extends { readonly tag: string }>(key: StoreKey, write: () => Promise<Outcome>) =>
    async (): Promise<Outcome> => {
      const before = world.backend.objects.get(key);
      const outcome = await write();
      const after = world.backend.objects.get(key);
      if (after !== undefined && after !== before) objectWritten(world, actor, key, before, after);
      if (after === undefined && before !== undefined) objectRemoved(world, actor, key, before);
      return outcome;
    };
  return {
    get: (key) =>
      simCall(scheduler, actor, facts("get", key, false), () => inner.get(key), READ_FAILURES, tagOf),
    list: (options) => {
      const asked = { ...options };
      const call = facts("list", options.prefix, false);
      return simCall(scheduler, actor, call, () => inner.list(asked), READ_FAILURES, tagOf);
    },
    putIfAbsent: (key, bytes) => {
      const body = Uint8Array.from(bytes);
      const put = written(key, () => inner.putIfAbsent(key, body));
      return simCall(scheduler, actor, facts("put", key, true), put, WRITE_FAILURES, tagOf);
    },
    replace: (key, bytes, version) => {
      const body = Uint8Array.from(bytes);
      const replace = written(key, () => inner.replace(key, body, version));
      return simCall(scheduler, actor, facts("replace", key, true), replace, WRITE_FAILURES, tagOf);
    },
    remove: (key, version) => {
      const remove = written(key, () => inner.remove(key, version));
      return simCall(scheduler, actor, facts("remove", key, true), remove, WRITE_FAILURES, tagOf);
    },
  };
}
