/**
 * A deployment on a folder: `clusters/<name>/` are the roots, `inbox/` is where uploads arrive, `exports/` what is taken out, `queues/` holds prompts,
 * `records/` what belongs to no cluster, `servers/` says which process works on it (root-claim). Opening reads nothing.
 */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type ClusterName, parseClusterName } from "../../lib/digest/ids.ts";
import { SYSTEM_CLOCK } from "../../lib/file/clock.ts";
import { createUlids } from "../../lib/file/ids.ts";
import { openFileRoot } from "../../lib/file/open-root.ts";
import { createFileWorkQueue } from "../../lib/file/work-queue.ts";
import type { Log } from "../../lib/ports/log.ts";
import type { Notice } from "../../lib/ports/notices.ts";
import type { Deployment, DeploymentSettings, ExportFiles } from "../../lib/worker/deployment.ts";
import { openCluster } from "../open-cluster.ts";
import type { InboxFolder } from "./inbox-folder.ts";
import { MESSAGE_VISIBILITY_MS } from "./worker.ts";

export interface FolderDeploymentOptions {
  /** An absolute folder. */
  readonly root: string;
  readonly settings: DeploymentSettings;
  readonly inbox: InboxFolder;
  readonly exports: ExportFiles;
  readonly log: Log;
}

export function folderDeployment({
  root,
  settings,
  inbox,
  exports,
  log,
}: FolderDeploymentOptions): Deployment {
  const clock = SYSTEM_CLOCK;
  const ids = createUlids();
  const clusters = join(root, "clusters");
  const queue = (lane: string) =>
    createFileWorkQueue(join(root, "queues", lane), { clock, ids, visibility_ms: MESSAGE_VISIBILITY_MS });
  return {
    settings,
    open: (cluster) => ({ ...openCluster({ root: join(clusters, cluster), rules: settings.rules }), log }),
    clusters: () => listClusters(clusters),
    inbox,
    exports,
    applies: queue("applies"),
    tasks: queue("tasks"),
    notices: { publish: (notice) => logNotice(log, notice) },
    clock,
    ids,
    log,
    records: openFileRoot(join(root, "records")).store,
  };
}

/** On one machine the log is where people look. */
function logNotice(log: Log, { kind, cluster, run_id, plan_id, text }: Notice): Promise<boolean> {
  log.info({ event: `notice.${kind}`, cluster, run_id, plan_id, text });
  return Promise.resolve(true);
}

async function listClusters(folder: string): Promise<Awaited<ReturnType<Deployment["clusters"]>>> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    const names = entries.flatMap((entry): readonly ClusterName[] => {
      const name = entry.isDirectory() ? parseClusterName(entry.name) : null;
      return name === null ? [] : [name];
    });
    return { tag: "listed", names: names.sort() };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      return { tag: "listed", names: [] };
    return { tag: "unavailable", reason: error instanceof Error ? error.message : String(error) };
  }
}
