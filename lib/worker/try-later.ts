/**
 * What becomes of a run that the world kept from being worked on: it is tried again for some hours, counted from the first
 * time, and ends then with what kept it, so that it does not stand in the way of others for ever.
 *
 * A run that an attempt has claimed is not concerned: what its record says was decided when that attempt was over.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { mayBeTriedAgain } from "../apply/runs/retry-time.ts";
import { triedRun } from "../apply/runs/run-record.ts";
import { moveRun, readRun, type StoredRun } from "../apply/runs/run-store.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { ClusterName, RunId } from "../digest/ids.ts";
import { timestamp } from "../ports/clock.ts";
import { giveUp, isWorkedOn } from "./apply-run.ts";
import type { Deployment } from "./deployment.ts";
import { later, type WorkStep } from "./work-step.ts";

/** `before`: the run as it was looked at; whoever has moved it since has decided about it. */
export async function tryLater(
  deployment: Deployment,
  cluster: ClusterName,
  ports: ClusterPorts,
  { record: { run_id, tried_since, started_at }, version }: StoredRun,
  diagnostics: readonly Diagnostic[],
): Promise<WorkStep> {
  const isCounted = tried_since !== undefined;
  if (isCounted && mayBeTriedAgain(ports, { tried_since, started_at })) return later(diagnostics);
  const now = await readRun(ports, run_id);
  if (now.tag !== "found" || now.stored.version !== version) return later(diagnostics);
  const { record } = now.stored;
  // Its worker decides, and would lose the record by any move of it.
  if (await isWorkedOn(ports, record)) return later(diagnostics);
  if (!isCounted) {
    // One that could not be written is written the next time, and the hours begin then.
    await moveRun(ports, now.stored, triedRun(record, timestamp(ports.clock), ports.ids.next()));
    return later(diagnostics);
  }
  const why = diagnostics.length > 0 ? diagnostics : [unanswered(run_id)];
  return giveUp(deployment, cluster, ports, now.stored, why);
}

function unanswered(path: RunId): Diagnostic {
  const message = `The run ${path} was tried for hours, and the world did not answer.`;
  return diagnostic("run_gave_up", { path, message });
}
