/** Waiting for a run of a deployment at a prompt: shown as it comes along, left with Ctrl-C, rejoined later. */
import type { RunRecord } from "../../lib/apply/runs/run-record.ts";
import type { ApiClient, OrderedRun } from "../../lib/client/api-client.ts";
import type { Called, Failed } from "../../lib/client/call.ts";
import { waitForRun } from "../../lib/client/wait-for-run.ts";
import { type Diagnostic, diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { assertNever } from "../../lib/digest/assert.ts";
import type { RunId } from "../../lib/digest/ids.ts";
import { SYSTEM_CLOCK } from "../../lib/file/clock.ts";
import type { CommandContext } from "../command-context.ts";
import { commandLine } from "../render/command-line.ts";
import { printable } from "../render/printable.ts";
import { watchLeaving } from "../verbs/interrupts.ts";
import type { ApiContext } from "./api-cluster.ts";
import { type Answered, answered, unanswered } from "./cluster.ts";
import { localized } from "./localized.ts";

export interface Patience {
  /** Null: nobody leaves by themselves. */
  readonly leave_after_ms: number | null;
  /** Also until an approval is there. */
  readonly through_approval: boolean;
}

export const TO_THE_END: Patience = { leave_after_ms: null, through_approval: false };

/** The run at its end, or as it was when somebody left. */
export async function runEnd(
  { context }: ApiContext,
  client: Pick<ApiClient, "run">,
  ordered: Called<OrderedRun>,
  patience: Patience,
): Promise<Answered<OrderedRun>> {
  if (ordered.tag === "failed") return unanswered(ordered.diagnostics);
  const { run_id } = ordered.value.run;
  const leaving = watchLeaving(context, [
    "Left. The run goes on in the deployment.",
    `Rejoin: ${commandLine(context, "runs watch", run_id)}`,
  ]);
  const waited = await waitForRun({ client, clock: SYSTEM_CLOCK }, ordered.value, {
    ...progress(context),
    left: leaving.left,
    through_approval: patience.through_approval,
    leave_at_ms: patience.leave_after_ms === null ? null : SYSTEM_CLOCK.nowMs() + patience.leave_after_ms,
  });
  leaving.stop();
  switch (waited.tag) {
    case "ended":
      return answered(waited.ordered);
    case "left":
      return waited;
    case "failed":
      return unanswered([...waited.diagnostics, ...hidden(waited, run_id)]);
    default:
      return assertNever(waited);
  }
}

/** The run was ordered, and then the caller may not look at it any more: what it applies may be the reason. */
function hidden({ status }: Failed, run_id: RunId): readonly Diagnostic[] {
  if (status !== 403 && status !== 404) return [];
  const message = `The run ${run_id} was ordered and goes on, but it is not shown to you any more.`;
  return [diagnostic("run_hidden", { path: run_id, message })];
}

/** What the run answered, once it has ended. */
export async function endOf<Output>(
  asked: ApiContext,
  client: Pick<ApiClient, "run">,
  ordered: Called<OrderedRun>,
  patience: Patience,
): Promise<Answered<Output>> {
  const ended = await runEnd(asked, client, ordered, patience);
  return ended.tag === "answered" ? answerOf<Output>(asked, ended.output) : ended;
}

export function answerOf<Output>(asked: ApiContext, { run, output }: OrderedRun): Answered<Output> {
  if (output !== null) {
    const document = localized(
      output as Output & { readonly diagnostics: readonly Diagnostic[] },
      asked.context.config_dir,
    );
    return isRefusal(document) ? unanswered(document.diagnostics) : answered(document);
  }
  const how = run.outcome ?? run.state;
  const codes = run.diagnostics.length === 0 ? "" : `, and reported ${run.diagnostics.join(", ")}`;
  const message = `The run ${run.run_id} came to its end without an answer: ${how}${codes}.`;
  return unanswered([diagnostic("run_without_answer", { path: run.run_id, message })]);
}

/** A run that came to no command answers with nothing but why; every command says what it is or where it ran. */
function isRefusal(document: object): boolean {
  return Object.keys(document).every(
    (name) => name === "ok" || name === "format_version" || name === "diagnostics",
  );
}

/** On a terminal each new state of the run is a line; elsewhere nothing is said until the end. */
function progress(context: CommandContext): { seen: (run: RunRecord) => void; away: () => void } {
  if (context.json || process.stderr.isTTY !== true) return { seen: () => undefined, away: () => undefined };
  let last = "";
  const say = (line: string) => {
    if (line !== last) context.writeError(`  ${printable(line)}\n`);
    last = line;
  };
  return {
    seen: (run) => say(`run ${run.run_id}: ${stateText(run)}`),
    away: () => say("the deployment does not answer; asking again ..."),
  };
}

function stateText({ state, attempts }: RunRecord): string {
  const attempt = attempts.at(-1)?.number ?? 0;
  switch (state) {
    case "queued":
      return "waits for its turn ...";
    case "running":
      return attempt > 1 ? `is worked on (attempt ${attempt}) ...` : "is worked on ...";
    case "continuing":
      return "goes on in a moment ...";
    case "waiting_approval":
      return "waits for an approval";
    case "ended":
      return "has ended";
  }
}
