/** The ports of one command of an actor, all of them behind the scheduler: what a fresh process would open. */
import type { ClusterPorts } from "../../lib/apply/cluster-ports.ts";
import { createEngine } from "../../lib/engine/create-engine.ts";
import type { DeploymentRules } from "../../lib/ledger/deployment-rules.ts";
import { createLedgerStoreOver } from "../../lib/ports/ledger-over-objects.ts";
import { SILENT_LOG } from "../../lib/ports/log.ts";
import type { ObjectStore } from "../../lib/ports/object-store.ts";
import type { Actor, Scheduler } from "./scheduler.ts";
import { createSimClock } from "./sim-clock.ts";
import { createSimIds } from "./sim-ids.ts";
import { createSimLease } from "./sim-lease.ts";
import { createSimStore } from "./sim-store.ts";
import { createSimTables } from "./sim-tables.ts";

export const ROOT = "/cluster";

/** Two people and no grace: a deleted graph can be reclaimed at once, so that reclaim and restore meet. */
const RULES: DeploymentRules = {
  self_approval: "refused",
  access_widening: "gated",
  deletes_max: 3,
  delete_grace_ms: 0,
};

/** Changes the ports of every actor from outside: how a bug is planted, and how a store is broken. */
export interface PortsChange {
  /** The store, also that of the engine. */
  readonly store?: (store: ObjectStore, scheduler: Scheduler) => ObjectStore;
  /** All of them; the engine has been opened over the store already. */
  readonly ports?: (ports: ClusterPorts, scheduler: Scheduler) => ClusterPorts;
}

/** The ports of one command; everything they ask for is a choice of the scheduler. */
export function openPorts(scheduler: Scheduler, actor: Actor, change: PortsChange = {}): ClusterPorts {
  const clock = createSimClock(scheduler, actor);
  const honest = createSimStore(scheduler, actor);
  const store = change.store?.(honest, scheduler) ?? honest;
  const ids = createSimIds(actor.number, clock.nowMs);
  const tables = createSimTables(scheduler, actor);
  const ports: ClusterPorts = {
    store,
    ledger: createLedgerStoreOver(store),
    lease: createSimLease(scheduler, actor),
    lease_table: { kind: "memory", name: "sim" },
    rules: RULES,
    engine: createEngine({ store, tables, clock, ids, log: SILENT_LOG }),
    ...{ clock, ids, log: SILENT_LOG },
    root: ROOT,
    owner: actor.name,
    pid: actor.number,
  };
  return change.ports?.(ports, scheduler) ?? ports;
}
