/**
 * What the record of a run says once an attempt is over: the run has ended, goes on, or waits for an approval (design 7).
 *
 * A person who applies by hand sees every refusal and decides whether to go on. A worker has nobody to ask: a refusal
 * that time may heal is tried again for a while, and any other ends the run, so that it never stands in the way of others.
 */
import type { StorePorts } from "../../ledger/retry.ts";
import { timestamp } from "../../ports/clock.ts";
import type { ApplyOutcome } from "../apply-output.ts";
import { healsWithTime } from "./healing-codes.ts";
import { mayBeTriedAgain } from "./retry-time.ts";
import { endedRun, pausedRun, type RunOutcome, type RunRecord, type RunStalled } from "./run-record.ts";
import type { AttemptResult } from "./run-recording.ts";

export interface AttemptOver
  extends Pick<AttemptResult, "outcome" | "stopped_early" | "diagnostics" | "changes"> {
  readonly unattended: boolean;
  /** The time of the attempt was up; otherwise it was whoever made it that stopped it, if anybody did. */
  readonly timed_out: boolean;
  /** False: what the attempt leaves to people, its answer or its plan, could not be kept, so nobody would find it. */
  readonly answered: boolean;
  /** Nothing of the run has run, and its plan has been kept for people to decide on. */
  readonly only_planned: boolean;
}

/** The clock and the ids of whoever made the attempt. */
export interface RecordPorts extends Pick<StorePorts, "clock"> {
  readonly ids: { next(): string };
}

/** Refusals after which the plan can never be carried out any further. */
const FINAL_CODES = new Set(["plan_stale", "plan_already_used"]);

export function recordAfter(ports: RecordPorts, record: RunRecord, over: AttemptOver): RunRecord {
  const { outcome, stopped_early, diagnostics, unattended, answered } = over;
  const codes = diagnostics.map((each) => each.code);
  const end = { at: timestamp(ports.clock), codes };
  const change = ports.ids.next();
  if (stopped_early && (outcome === "partial" || outcome === "applied")) {
    return pausedRun({ ...record, stalled: stalledAfter(record, over) }, "continuing", end, change);
  }
  // Nothing was sent, and nothing says that it cannot be tried again.
  const again = unattended ? isTriedAgain(ports, record, over) : !codes.some((code) => FINAL_CODES.has(code));
  if (outcome === "refused" && again) return pausedRun(record, "continuing", end, change);
  if (unattended && outcome === "unknown" && mayBeTriedAgain(ports, record)) {
    return pausedRun(record, "continuing", end, change);
  }
  if (unattended && (!answered || isUnseen(over)) && mayBeTriedAgain(ports, record)) {
    return pausedRun(record, "continuing", end, change);
  }
  if (unattended && waitsForApproval(over)) return pausedRun(record, "waiting_approval", end, change);
  return endedRun(record, over.only_planned ? "planned" : outcomeOf(record, outcome), end, change);
}

/**
 * Fewer changes are left also if the attempt has found done what another one did that died. What a person stops, or runs
 * with little time, says nothing about workers.
 */
function stalledAfter(
  { stalled }: RunRecord,
  { unattended, timed_out, changes }: AttemptOver,
): RunStalled | undefined {
  const left = changes.filter((each) => each.disposition !== "applied").length;
  if (left < Math.max(changes.length, stalled?.left ?? 0)) return undefined;
  if (!unattended || !timed_out) return stalled;
  return { stops: 1 + (stalled?.stops ?? 0), left };
}

/** Something newer has overtaken the run, so whether its plan is applied is for people to decide. */
export function isOvertaken({ diagnostics }: Pick<AttemptOver, "diagnostics">): boolean {
  return diagnostics.some((each) => each.code === "upload_superseded");
}

/** Something did not run because the world did not answer. */
function isUnseen({ outcome, changes }: Pick<AttemptOver, "outcome" | "changes">): boolean {
  return outcome === "partial" && changes.some((each) => UNSEEN.has(each.reason ?? ""));
}

const UNSEEN = new Set<string>(["graph_observation_error", "payload_write_failed"]);

/** Everything that could run has, and what is left waits for somebody's word. */
export function waitsForApproval({
  outcome,
  changes,
  diagnostics,
}: Pick<AttemptOver, "outcome" | "changes" | "diagnostics">): boolean {
  if (outcome !== "partial" && outcome !== "applied" && outcome !== "noop") return false;
  if (diagnostics.some((each) => each.severity === "error")) return false;
  return changes.some((each) => each.disposition === "blocked" && each.reason === "approval_required");
}

function isTriedAgain(ports: RecordPorts, record: RunRecord, { diagnostics }: AttemptOver): boolean {
  return healsWithTime(diagnostics) && mayBeTriedAgain(ports, record);
}

/** What the whole run came to, seen from its last attempt. */
function outcomeOf(record: RunRecord, last: Exclude<ApplyOutcome, "continuing">): RunOutcome {
  const first = (record.attempts.at(-1)?.number ?? 1) === 1;
  if (first) return last;
  if (last === "noop") return "applied";
  return last === "refused" ? "partial" : last;
}
