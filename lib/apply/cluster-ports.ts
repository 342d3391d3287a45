/**
 * ClusterPorts: everything outside that the commands on one cluster use. Handed in; the command line and the
 * functions build it from adapters, tests from memory.
 */
import type { Engine } from "../engine/engine.ts";
import type { LeaseTableName } from "../ledger/deployment.ts";
import type { DeploymentRules } from "../ledger/deployment-rules.ts";
import type { Clock } from "../ports/clock.ts";
import type { Ids } from "../ports/ids.ts";
import type { LeaseTable } from "../ports/lease-table.ts";
import type { LedgerStore } from "../ports/ledger-store.ts";
import type { Log } from "../ports/log.ts";
import type { ObjectStore } from "../ports/object-store.ts";

/** How a holding of the lease ends by itself. */
export interface Holding {
  /** In a function: until the invocation ends, plus a margin, so that no holder outlives its lease (design 4.2). */
  readonly duration_ms: number;
  /** True where the process may live for ever and moves its deadline meanwhile. */
  readonly renew: boolean;
}

export interface ClusterPorts {
  readonly store: ObjectStore;
  readonly ledger: LedgerStore;
  readonly lease: LeaseTable;
  /** Which table `lease` is, as `deployment.json` names it. */
  readonly lease_table: LeaseTableName;
  readonly engine: Engine;
  /** What the deployment allows around the config. */
  readonly rules: DeploymentRules;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
  /** The root as people and OmniGraph's files write it: an absolute local path or an S3 URI (spec/cluster 5.1). */
  readonly root: string;
  /** Who holds the lease, for people: `host:pid` or a function name. */
  readonly owner: string;
  /** For OmniGraph's lock.json. */
  readonly pid: number;
  /** Asked when the lease is taken; absent: some minutes, renewed. */
  readonly holding?: () => Holding;
}
