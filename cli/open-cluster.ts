/** Puts the ports of a cluster in a folder together: the adapters of this machine and the built-in engine. */
import type { ClusterPorts } from "../lib/apply/cluster-ports.ts";
import { createEngine } from "../lib/engine/create-engine.ts";
import { createLanceTables } from "../lib/engine/lance/lance-tables.ts";
import { SYSTEM_CLOCK } from "../lib/file/clock.ts";
import { createGraphFolder } from "../lib/file/graph-folder.ts";
import { createUlids } from "../lib/file/ids.ts";
import { openFileRoot } from "../lib/file/open-root.ts";
import { processIdentity } from "../lib/file/owner.ts";
import { FILE_LEASE_TABLE } from "../lib/ledger/deployment.ts";
import type { DeploymentRules } from "../lib/ledger/deployment-rules.ts";
import { SILENT_LOG } from "../lib/ports/log.ts";

export interface ClusterFolder {
  /** An absolute folder, which need not exist: opening and reading create nothing. */
  readonly root: string;
  readonly rules: DeploymentRules;
}

export function openCluster({ root, rules }: ClusterFolder): ClusterPorts {
  const { store, ledger, lease } = openFileRoot(root);
  const ids = createUlids();
  const tables = createLanceTables({ root, storage: createGraphFolder(root) });
  const engine = createEngine({ store, tables, clock: SYSTEM_CLOCK, ids, log: SILENT_LOG });
  return {
    store,
    lease_table: FILE_LEASE_TABLE,
    ledger,
    lease,
    engine,
    rules,
    clock: SYSTEM_CLOCK,
    ids,
    log: SILENT_LOG,
    root,
    ...processIdentity(),
  };
}
