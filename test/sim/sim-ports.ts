/** The ports of one command of an actor, all of them behind the scheduler: what a fresh process would open. */
import type { ClusterPorts } from "../../lib/apply/cluster-ports.ts";
import { createEngine } from "../../lib/engine/create-engine.ts";
import { createLedgerStoreOver } from "../../lib/ports/ledger-over-objects.ts";
import { SILENT_LOG } from "../../lib/ports/log.ts";
import type { Actor, Scheduler } from "./scheduler.ts";
import { createSimClock } from "./sim-clock.ts";
import { createSimIds } from "./sim-ids.ts";
import { createSimLease } from "./sim-lease.ts";
import { createSimStore } from "./sim-store.ts";
import { createSimTables } from "./sim-tables.ts";

export const ROOT = "/cluster";

/** Changes the ports of every actor: how a bug is planted from outside. */
export type PortsChange = (ports: ClusterPorts, actor: Actor, scheduler: Scheduler) => ClusterPorts;

/** Ids go on where an earlier command of the actor stopped only if `ids` is handed in. */
export function openPorts(
  scheduler: Scheduler,
  actor: Actor,
  change: PortsChange = (ports) => ports,
): ClusterPorts {
  const clock = createSimClock(scheduler, actor);
  const store = createSimStore(scheduler, actor);
  const ids = createSimIds(actor.number, clock.nowMs);
  const tables = createSimTables(scheduler, actor);
  const changed = change(
    {
      store,
      ledger: createLedgerStoreOver(store),
      lease: createSimLease(scheduler, actor),
      lease_table: { kind: "memory", name: "sim" },
      engine: createEngine({ store, tables, clock, ids, log: SILENT_LOG }),
      ...{ clock, ids, log: SILENT_LOG },
      root: ROOT,
      owner: actor.name,
      pid: actor.number,
    },
    actor,
    scheduler,
  );
  return changed;
}
