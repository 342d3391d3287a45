/** The cluster of a config folder, on this machine: each question is answered by the library on the files at its root. */
import { createReadStream } from "node:fs";
import type { ApplyOutput } from "../../lib/apply/apply-output.ts";
import type { ClusterPorts } from "../../lib/apply/cluster-ports.ts";
import { exportGraph } from "../../lib/apply/export-graph.ts";
import { loadGraph } from "../../lib/apply/load-graph.ts";
import { planCluster } from "../../lib/apply/planning/plan-cluster.ts";
import { findRun } from "../../lib/apply/runs/find-run.ts";
import { validateOutput } from "../../lib/desired/validate-output.ts";
import type { RunId } from "../../lib/digest/ids.ts";
import { fsckCluster } from "../../lib/observe/fsck-cluster.ts";
import { refreshCluster } from "../../lib/observe/refresh-cluster.ts";
import { statusCluster } from "../../lib/observe/status-cluster.ts";
import { approveChange } from "../../lib/operate/approve-change.ts";
import { cancelRun } from "../../lib/operate/cancel-run.ts";
import { discardIntent } from "../../lib/operate/discard-intent.ts";
import { endBlock } from "../../lib/operate/end-block.ts";
import { listApprovals, showApproval } from "../../lib/operate/list-approvals.ts";
import type { OperateOutput } from "../../lib/operate/operate-output.ts";
import type { OperateCommand } from "../../lib/operate/operate-run.ts";
import { protectGraph } from "../../lib/operate/protect-graph.ts";
import { reclaimGraphs } from "../../lib/operate/reclaim-graphs.ts";
import { recoverCluster } from "../../lib/operate/recover-cluster.ts";
import { restoreGraph } from "../../lib/operate/restore-graph.ts";
import { revokeApproval } from "../../lib/operate/revoke-approval.ts";
import type { CommandContext } from "../command-context.ts";
import { openCluster } from "../open-cluster.ts";
import { findStorage, openConfig, openDesired } from "../open-config.ts";
import { findTargets } from "../target-graphs.ts";
import { watchInterrupts, watchLoadInterrupts } from "../verbs/interrupts.ts";
import { loadProgress } from "../verbs/load-progress.ts";
import {
  type Answered,
  answered,
  type Cluster,
  type LoadRequest,
  type PlanRequest,
  type ShownRun,
  type Unanswered,
  unanswered,
} from "./cluster.ts";
import { applyFolder, goOnFolder } from "./folder-apply.ts";
import { listFolderHistory, showFolderLedger, showFolderRevision } from "./folder-history.ts";
import { listFolderRuns } from "./folder-runs.ts";
import { unlockFolder } from "./folder-unlock.ts";

export function folderCluster(context: CommandContext): Cluster {
  const { config_dir, actor } = context;
  const on = <Output>(ask: (ports: ClusterPorts) => Promise<Output>) => onRoot(context, ask);
  const operate = <Facts>(run: OperateRun<Facts>) => operateFolder(context, run);
  return {
    validate: async () => answered(validateOutput(await openDesired(config_dir))),
    plan: (request) => planFolder(context, request),
    apply: (request): Promise<Answered<ApplyOutput>> => applyFolder(context, request),
    goOn: (id, stopAfterMs) => goOnFolder(context, id, stopAfterMs),
    observe: (operation) => observeFolder(context, operation),
    status: () => on((ports) => statusCluster(ports, config_dir)),
    fsck: (repair) => on((ports) => fsckCluster(ports, { config_dir, repair })),
    forceUnlock: (lockId, reason) => on((ports) => unlockFolder(context, ports, lockId, reason)),
    history: (receiptsMax) => flat(on((ports) => listFolderHistory(ports, receiptsMax))),
    revision: (revision) => flat(on((ports) => showFolderRevision(ports, revision))),
    ledger: () => flat(on(showFolderLedger)),
    unblock: (reason) => on((ports) => endBlock(ports, { actor, reason })),
    approve: (request) => on((ports) => approveChange(ports, { ...request, config_dir, actor })),
    approvals: (all) => on((ports) => listApprovals(ports, { config_dir, all })),
    approval: (approval_id) => on((ports) => showApproval(ports, { config_dir, approval_id })),
    revoke: (approval_id, reason) =>
      on((ports) => revokeApproval(ports, { config_dir, approval_id, actor, reason })),
    runs: (openOnly) => flat(on((ports) => listFolderRuns(ports, openOnly))),
    run: (id) => flat(on((ports) => showFolderRun(ports, id))),
    cancel: (id) => flat(on((ports) => cancelFolderRun(ports, id))),
    // Whoever works on a run of a folder shows it itself; there is nothing to wait for.
    watch: (id) => flat(on((ports) => showFolderRun(ports, id))),
    recover: () => operate(recoverCluster),
    discard: (operation_id, reason) =>
      operate((ports, command) => discardIntent(ports, { ...command, operation_id, reason })),
    restore: (graph, incarnation) =>
      operate((ports, command) => restoreGraph(ports, { ...command, graph, incarnation })),
    reclaim: (graph) => operate((ports, command) => reclaimGraphs(ports, { ...command, graph })),
    protect: (verb, graph, reason) =>
      operate((ports, command) => protectGraph(ports, { ...command, verb, graph, reason })),
    load: (request) => loadFolder(context, request),
    exportRows: (request) =>
      flat(
        on(async (ports) => {
          const found = await exportGraph(ports.engine, request.graph, request);
          return found.tag === "failed" ? unanswered(found.diagnostics) : answered(found);
        }),
      ),
  };
}

/** Asks the cluster that the config folder is stored in; the files that cluster.yaml names are not looked at. */
async function onRoot<Output>(
  { config_dir }: CommandContext,
  ask: (ports: ClusterPorts) => Promise<Output>,
): Promise<Answered<Output>> {
  const storage = await findStorage(config_dir);
  if (storage.tag === "unusable") return unanswered(storage.diagnostics);
  return answered(await ask(openCluster(storage)));
}

async function flat<Output>(asked: Promise<Answered<Answered<Output>>>): Promise<Answered<Output>> {
  const outer = await asked;
  return outer.tag === "answered" ? outer.output : outer;
}

async function planFolder(context: CommandContext, request: PlanRequest): ReturnType<Cluster["plan"]> {
  const { desired, storage, compilations } = await openConfig(context.config_dir);
  if (storage.tag === "unusable") return unanswered(storage.diagnostics);
  const ports = openCluster(storage);
  const targets = await findTargets(ports, desired, request.targets);
  if (targets.tag === "unknown") return unanswered(targets.diagnostics);
  const purge = request.purge === null ? {} : { purge: request.purge };
  const { keep } = request;
  const command = { desired, actor: context.actor, targets: targets.graphs, keep, compilations, ...purge };
  return answered(await planCluster(ports, command));
}

async function observeFolder(
  context: CommandContext,
  operation: "refresh" | "import",
): ReturnType<Cluster["observe"]> {
  const { desired, storage } = await openConfig(context.config_dir);
  if (storage.tag === "unusable") return unanswered(storage.diagnostics);
  const command = { desired, actor: context.actor, trigger: "cli" };
  const interrupts = watchInterrupts(context);
  const output = await refreshCluster(openCluster(storage), operation, command);
  interrupts.stop();
  return answered(output);
}

type OperateRun<Facts> = (ports: ClusterPorts, command: OperateCommand) => Promise<OperateOutput<Facts>>;

async function operateFolder<Facts>(
  context: CommandContext,
  run: OperateRun<Facts>,
): Promise<{ readonly tag: "answered"; readonly output: OperateOutput<Facts> } | Unanswered> {
  const { desired, storage } = await openConfig(context.config_dir);
  if (storage.tag === "unusable") return unanswered(storage.diagnostics);
  // What is wrong with a schema must not stand in the way; a root that is not known must.
  if (desired.settings === null) return unanswered(desired.diagnostics);
  const interrupts = watchInterrupts(context);
  const output = await run(openCluster(storage), { desired, actor: context.actor, trigger: "cli" });
  interrupts.stop();
  return answered(output);
}

async function showFolderRun(ports: ClusterPorts, id: RunId): Promise<Answered<ShownRun>> {
  const found = await findRun(ports, id);
  return found.tag === "refused"
    ? unanswered(found.diagnostics)
    : answered({ run: found.stored.record, output: null });
}

async function cancelFolderRun(ports: ClusterPorts, id: RunId): Promise<Answered<ShownRun>> {
  const { run, diagnostics } = await cancelRun(ports, id);
  return run === null ? unanswered(diagnostics) : answered({ run, output: null });
}

async function loadFolder(context: CommandContext, request: LoadRequest): ReturnType<Cluster["load"]> {
  const storage = await findStorage(context.config_dir);
  if (storage.tag === "unusable") return unanswered(storage.diagnostics);
  const progress = loadProgress(context, request.file_bytes);
  const interrupts = watchLoadInterrupts(context, progress.stop);
  const output = await loadGraph(openCluster(storage), {
    graph: request.graph,
    mode: request.mode,
    actor: context.actor,
    config_dir: context.config_dir,
    source_name: request.file,
    open: () => createReadStream(request.file),
    progress: progress.update,
  });
  progress.stop();
  interrupts.stop();
  return answered(output);
}
