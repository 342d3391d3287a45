/**
 * Drains the runs of one cluster that need the lease (design 7): one after another, one that was begun before any other,
 * then the one that was asked for first; then those that wait for an approval, if one has come. A run that waits stands in
 * nobody's way.
 *
 * Whoever comes while the lease is held leaves: the holder looks again when it has given the lease back, or has somebody
 * look (work-left), and every run is stored before its message is sent, so it is seen. What a command line that held the
 * lease, a crash or a lost message leaves is found by the schedule.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { blockedDiagnostics } from "../apply/runs/blocked.ts";
import { nextRun } from "../apply/runs/next-run.ts";
import type { RunRecord } from "../apply/runs/run-record.ts";
import { listOpenRuns, readRun } from "../apply/runs/run-store.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { ClusterName, RunId } from "../digest/ids.ts";
import { applyRun } from "./apply-run.ts";
import { lastApprovalMs, mayGoOn } from "./approved-since.ts";
import type { Deployment } from "./deployment.ts";
import { ledgerRun } from "./ledger-run.ts";
import { DRAIN_RUNS_MAX, INVOCATION_MARGIN_MS_MAX, RUN_TIME_MS_MIN } from "./limits.ts";
import { promptDrain } from "./prompt.ts";
import { tryLater } from "./try-later.ts";
import type { WorkContext } from "./work-context.ts";
import { isOurs } from "./work-left.ts";
import { later, type WorkStep } from "./work-step.ts";

/**
 * `drained`: nothing is left to do. `held`: somebody else holds the lease. `prompted`: work is left, and a message has
 * been sent for it. `later`: the world did not answer; the schedule prompts. `blocked`: nothing may run.
 */
export type Drained =
  | { readonly tag: "drained" | "held" | "prompted"; readonly runs: number }
  | { readonly tag: "later" | "blocked"; readonly runs: number; readonly diagnostics: readonly Diagnostic[] };

export async function drain(
  deployment: Deployment,
  cluster: ClusterName,
  context: WorkContext,
): Promise<Drained> {
  const ports = deployment.open(cluster);
  const margin = Math.min(INVOCATION_MARGIN_MS_MAX, context.remaining_ms / 10);
  const endMs = ports.clock.nowMs() + context.remaining_ms - margin;
  const waited = new Set<RunId>();
  for (let runs = 0; ; runs += 1) {
    const blocked = await blockedDiagnostics(ports);
    if (blocked.length > 0) return { tag: "blocked", runs, diagnostics: blocked };
    const next = await findNext(ports, waited);
    if (next.tag === "none") return { tag: "drained", runs };
    if (next.tag === "later") return { tag: "later", runs, diagnostics: next.diagnostics };
    const leftMs = endMs - ports.clock.nowMs();
    const isShort = leftMs < timeNeededMs(next.record, runs, context);
    if (isShort || runs >= DRAIN_RUNS_MAX || context.interrupted?.() === true) {
      await promptDrain(deployment, cluster);
      return { tag: "prompted", runs };
    }
    if (next.record.state === "waiting_approval") waited.add(next.record.run_id);
    const step = await workOn(deployment, cluster, ports, context, { id: next.record.run_id, leftMs });
    switch (step.tag) {
      case "ended":
        break;
      case "held":
        return { tag: "held", runs };
      case "later":
        return { tag: "later", runs, diagnostics: step.diagnostics };
      case "goes_on":
        await promptDrain(deployment, cluster);
        return { tag: "prompted", runs: runs + 1 };
      default:
        return assertNever(step);
    }
  }
}

/** What cannot be stopped on the way is begun early in an invocation, or when that has done nothing else. */
function timeNeededMs({ operation }: RunRecord, runs: number, { remaining_ms }: WorkContext): number {
  const half = remaining_ms / 2;
  return operation !== "apply" && runs > 0 ? half : Math.min(RUN_TIME_MS_MIN, half);
}

type Next =
  | { readonly tag: "run"; readonly record: RunRecord }
  | { readonly tag: "none" }
  | { readonly tag: "later"; readonly diagnostics: readonly Diagnostic[] };

async function findNext(ports: ClusterPorts, waited: ReadonlySet<RunId>): Promise<Next> {
  const listing = await listOpenRuns(ports);
  if (listing.tag === "unavailable") {
    return { tag: "later", diagnostics: [unreadRuns(listing.reason)] };
  }
  const records = listing.records.filter(isOurs);
  const next = nextRun(records);
  if (next !== null) return { tag: "run", record: next };
  const waiting = records.filter((each) => each.state === "waiting_approval" && !waited.has(each.run_id));
  if (waiting.length === 0) return { tag: "none" };
  const approvalMs = await lastApprovalMs(ports);
  const ready = waiting.find((each) => mayGoOn(each, approvalMs));
  return ready === undefined ? { tag: "none" } : { tag: "run", record: ready };
}

/** The runs that have not ended are not to be had. */
export function unreadRuns(reason: string): Diagnostic {
  const message = `The runs that have not ended could not be read: ${reason}.`;
  return diagnostic("run_record_read_error", { path: "__graphform/open-runs", message });
}

interface Turn {
  readonly id: RunId;
  readonly leftMs: number;
}

async function workOn(
  deployment: Deployment,
  cluster: ClusterName,
  ports: ClusterPorts,
  context: WorkContext,
  { id, leftMs }: Turn,
): Promise<WorkStep> {
  // As it stands now: it was listed before, and somebody may have worked on it since.
  const read = await readRun(ports, id);
  if (read.tag === "unavailable") return later([unreadRuns(read.reason)]);
  if (read.tag !== "found" || read.stored.record.state === "ended") return { tag: "ended" };
  const { stored } = read;
  const step =
    stored.record.operation === "apply"
      ? await applyRun(deployment, cluster, ports, stored, context, leftMs)
      : await ledgerRun(deployment, cluster, ports, stored);
  return step.tag === "later" ? tryLater(deployment, cluster, ports, stored, step.diagnostics) : step;
}
