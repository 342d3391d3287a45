/** Tells people what became of a run (lib/ports/notices). Losing a notice loses nothing. */
import { isOnlyPlanned, runKind } from "../apply/runs/run-kind.ts";
import type { RunRecord } from "../apply/runs/run-record.ts";
import { assertNever } from "../digest/assert.ts";
import { timestamp } from "../ports/clock.ts";
import type { Notice, NoticeKind } from "../ports/notices.ts";
import type { Deployment } from "./deployment.ts";
import { NOTICE_TEXT_CHARACTERS_MAX } from "./limits.ts";

export type NoticeFacts = Pick<Notice, "kind" | "text"> &
  Partial<Pick<Notice, "run_id" | "plan_id" | "codes">>;

/** True once it is sent. What is too long ends in an ellipsis. */
export function announce(deployment: Deployment, cluster: string, facts: NoticeFacts): Promise<boolean> {
  const { kind, run_id = null, plan_id = null, codes = [] } = facts;
  const isLong = facts.text.length > NOTICE_TEXT_CHARACTERS_MAX;
  const text = isLong ? `${facts.text.slice(0, NOTICE_TEXT_CHARACTERS_MAX - 1)}…` : facts.text;
  const at = timestamp(deployment.clock);
  return deployment.notices.publish({ format_version: 1, kind, cluster, run_id, plan_id, text, codes, at });
}

/** What the end, or the pause, of a run is worth telling; nothing of a run that goes on by itself. */
export async function announceRun(deployment: Deployment, cluster: string, record: RunRecord): Promise<void> {
  const { operation, outcome, trigger } = record;
  if (record.state === "ended") {
    deployment.log.info({ event: "run.ended", cluster, run_id: record.run_id, operation, outcome, trigger });
  }
  const kind = kindOf(record);
  if (kind === null) return;
  const { run_id, plan_id, diagnostics: codes } = record;
  await announce(deployment, cluster, { kind, run_id, plan_id, codes, text: textOf(kind, cluster, record) });
}

type RunNotice = Extract<NoticeKind, "plan_ready" | "approval_wanted" | "applied" | "failed">;

function kindOf({ state, outcome, operation }: RunRecord): RunNotice | null {
  if (state === "waiting_approval") return "approval_wanted";
  switch (outcome) {
    case null:
    case "canceled":
    case "noop":
    // Whoever ordered it waits for it, and nobody else is concerned.
    case "exported":
      return null;
    case "planned":
      return "plan_ready";
    case "loaded":
    case "applied":
      return operation === "apply" ? "applied" : null;
    case "partial":
    case "refused":
    case "unknown":
      return "failed";
    default:
      return assertNever(outcome);
  }
}

function textOf(kind: RunNotice, cluster: string, record: RunRecord): string {
  const { run_id, plan_id, outcome } = record;
  const run = `${runKind(record)} ${run_id} of ${cluster}`;
  switch (kind) {
    case "plan_ready":
      return !isOnlyPlanned(record)
        ? `The plan ${plan_id} of ${cluster} is ready for review.`
        : `The ${run} was overtaken by something newer and not applied; its plan ${plan_id} is ready for review.`;
    case "approval_wanted":
      return `The ${run} waits for an approval of what its plan ${plan_id} gates.`;
    case "applied":
      return `The ${run} is done.`;
    case "failed":
      return `The ${run} ended: ${outcome}.`;
    default:
      return assertNever(kind);
  }
}
