/**
 * The lease table of an actor: the one in memory behind the scheduler. A request carries the time at which its maker
 * made it, as a conditional write of an item does.
 */
import type { LockId } from "../../lib/digest/ids.ts";
import { createMemoryLeaseTable } from "../../lib/memory/lease-table.ts";
import type { LeaseTable } from "../../lib/ports/lease-table.ts";
import { leaseMoved } from "./oracle.ts";
import type { Actor, Scheduler } from "./scheduler.ts";
import { READ_FAILURES, simCall, tagOf, WRITE_FAILURES } from "./sim-call.ts";

export function createSimLease(scheduler: Scheduler, actor: Actor): LeaseTable {
  const { world } = scheduler;
  const tableNow = (): LeaseTable => {
    const nowMs = scheduler.nowMs(actor);
    const clock = { nowMs: () => nowMs, sleep: () => Promise.resolve() };
    return createMemoryLeaseTable(world.backend, clock);
  };
  const write = <Outcome extends { readonly tag: string }>(
    verb: string,
    act: (table: LeaseTable) => Promise<Outcome>,
  ): Promise<Outcome | (typeof WRITE_FAILURES)[keyof typeof WRITE_FAILURES]> => {
    const table = tableNow();
    const nowMs = scheduler.nowMs(actor);
    const watched = async () => {
      const before = world.backend.lease;
      const outcome = await act(table);
      if (world.backend.lease !== before) leaseMoved(world, actor, verb, before, nowMs);
      return outcome;
    };
    const call = { port: "lease", verb: `lease.${verb}`, key: "", writes: true } as const;
    return simCall<Outcome | (typeof WRITE_FAILURES)[keyof typeof WRITE_FAILURES]>(
      scheduler,
      actor,
      call,
      watched,
      WRITE_FAILURES,
      tagOf,
    );
  };
  return {
    read: () => {
      const call = { port: "lease", verb: "lease.read", key: "", writes: false } as const;
      return simCall(scheduler, actor, call, () => tableNow().read(), READ_FAILURES, tagOf);
    },
    acquire: (request) => {
      const asked = { ...request };
      return write("acquire", (table) => table.acquire(asked));
    },
    renew: (lockId: LockId, durationMs) => write("renew", (table) => table.renew(lockId, durationMs)),
    release: (lockId: LockId) => write("release", (table) => table.release(lockId)),
    break: (lockId: LockId) => write("break", (table) => table.break(lockId)),
    knows: (lockId: LockId) => {
      const call = { port: "lease", verb: "lease.knows", key: lockId, writes: false } as const;
      const failures = {
        unavailable: "unavailable",
        ambiguous: "unavailable",
        conflict: "unavailable",
      } as const;
      return simCall(
        scheduler,
        actor,
        call,
        () => tableNow().knows(lockId),
        failures,
        (answer) => answer,
      );
    },
  };
}
