/** What is deployed: status, ledger, the check of all records, and what a query server needs. */
import { encodeLedger } from "../ledger/codec.ts";
import { readLedger } from "../ledger/read-ledger.ts";
import { statusCluster } from "../observe/status-cluster.ts";
import { noLedger } from "./begun-cluster.ts";
import { fsckShape, ledgerShape, servingSnapshotShape, statusShape } from "./document-shapes.ts";
import { jsonAnswer, taggedAnswer, taggedText } from "./json-answer.ts";
import { type ApiRoute, clusterRoute } from "./route.ts";
import { refusalOf } from "./status-of-diagnostics.ts";

export const SERVING_SNAPSHOT_FORMAT_VERSION = 1;

const status = clusterRoute(
  {
    method: "get",
    path: "/v1/clusters/{cluster}/status",
    operation: "getStatus",
    summary: "What is deployed, who holds the lock, what is not settled",
    answers: { 200: { description: "The status, with an ETag", shape: statusShape } },
  },
  "cluster_read_status",
  async ({ request, ports, cluster }) => taggedAnswer(request, await statusCluster(ports, cluster)),
);

const ledger = clusterRoute(
  {
    method: "get",
    path: "/v1/clusters/{cluster}/ledger",
    operation: "getLedger",
    summary: "The ledger as it is stored",
    answers: { 200: { description: "The ledger, with an ETag", shape: ledgerShape } },
  },
  "cluster_read_status",
  async ({ request, ports, cluster }) => {
    const reading = await readLedger(ports, { repair: false });
    if (reading.tag === "missing") return { status: 404, diagnostics: [noLedger(cluster)] };
    if (reading.tag !== "ready") return refusalOf(reading.diagnostics);
    return taggedText(request, Buffer.from(encodeLedger(reading.state)).toString("utf8"));
  },
);

const fsck = clusterRoute(
  {
    method: "get",
    path: "/v1/clusters/{cluster}/fsck",
    operation: "checkCluster",
    summary: "Compares every record of the cluster with every other",
    answers: { 200: { description: "What was found, and what mends it", shape: fsckShape } },
  },
  "cluster_read_status",
  async ({ ports, cluster }) => {
    const { fsckCluster } = await import("../observe/fsck-cluster.ts");
    return jsonAnswer(await fsckCluster(ports, { config_dir: cluster, repair: true }));
  },
);

const snapshot = clusterRoute(
  {
    method: "get",
    path: "/v1/clusters/{cluster}/serving-snapshot",
    operation: "getServingSnapshot",
    summary: "The applied revision with verified payloads, for a query server",
    answers: { 200: { description: "The snapshot, with an ETag", shape: servingSnapshotShape } },
  },
  "cluster_read_status",
  async ({ request, ports }) => {
    const { servingSnapshot } = await import("../observe/serving-snapshot.ts");
    const outcome = await servingSnapshot(ports);
    if (outcome.tag === "refused") return refusalOf(outcome.diagnostics);
    const { snapshot, diagnostics } = outcome;
    const format_version = SERVING_SNAPSHOT_FORMAT_VERSION;
    return taggedAnswer(request, { format_version, ...snapshot, diagnostics });
  },
);

export const STATUS_ROUTES: readonly ApiRoute[] = [status, ledger, fsck, snapshot];
