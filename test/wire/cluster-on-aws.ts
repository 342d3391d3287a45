/** A client of a cluster on S3 and DynamoDB; the rows lie in Lance in the bucket, or in memory where only the control plane matters. */
import type { ClusterPorts } from "../../lib/apply/cluster-ports.ts";
import { bucketPlace, s3Url } from "../../lib/aws/bucket-place.ts";
import { lanceStorageOptions } from "../../lib/aws/lance-options.ts";
import { openAwsRoot } from "../../lib/aws/open-root.ts";
import type { ClusterName } from "../../lib/digest/ids.ts";
import { createEngine } from "../../lib/engine/create-engine.ts";
import { createLanceTables } from "../../lib/engine/lance/lance-tables.ts";
import { createMemoryTables } from "../../lib/engine/memory/memory-tables.ts";
import type { Tables } from "../../lib/engine/tables.ts";
import { LAPTOP_RULES } from "../../lib/ledger/deployment-rules.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import { SILENT_LOG } from "../../lib/ports/log.ts";
import { type Client, newWorld } from "../apply/cluster.ts";
import type { Aws } from "./emulators/start-aws.ts";

let clients = 0;

export function openOnAws(aws: Aws, rows: "in Lance" | "in memory", name: string): Client {
  const world = newWorld();
  const { clock } = world;
  const place = bucketPlace(aws.bucket, `clusters/${name}`);
  const lease = { table: aws.table, cluster: name as ClusterName };
  const root = openAwsRoot({ ...aws, place, lease, region: aws.settings.region, clock });
  const tables: Tables =
    rows === "in memory"
      ? createMemoryTables(world.rows)
      : createLanceTables({
          root: s3Url(place),
          storage: root.graphs,
          storage_options: lanceStorageOptions(aws.settings),
        });
  const { store, ledger, lease: leaseTable, lease_table } = root;
  clients += 1;
  const ids = createCountingIds(clients);
  const ports: ClusterPorts = {
    store,
    ledger,
    lease: leaseTable,
    lease_table,
    engine: createEngine({ store, tables, clock, ids, log: SILENT_LOG }),
    rules: LAPTOP_RULES,
    clock,
    ids,
    log: SILENT_LOG,
    root: s3Url(place),
    owner: "worker",
    pid: 1,
    // As in a function: until the invocation ends.
    holding: () => ({ duration_ms: 15 * 60 * 1000, renew: false }),
  };
  return { world, ports };
}
