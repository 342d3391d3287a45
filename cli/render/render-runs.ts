/** Run records as a person reads them: one line each, or one with its attempts and how it goes on. */
import { isGoingOn } from "../../lib/apply/runs/next-run.ts";
import { isOnlyPlanned, runKind } from "../../lib/apply/runs/run-kind.ts";
import type { RunAttempt, RunRecord } from "../../lib/apply/runs/run-record.ts";
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import type { Style } from "../style.ts";
import { commandLine, type Place } from "./command-line.ts";
import { count } from "./describe-step.ts";
import { printableFields } from "./printable.ts";
import { renderDiagnostics } from "./render-diagnostics.ts";

export function renderRuns(runs: readonly RunRecord[], style: Style): readonly string[] {
  return printableFields(runs).map(
    (run) => `${run.run_id}  ${runKind(run)}  ${stateOf(run, style)}  ${factsOf(run).join(", ")}`,
  );
}

function stateOf(run: RunRecord, style: Style): string {
  const { state, outcome } = run;
  if (outcome === null) return style.yellow(state);
  if (isOnlyPlanned(run)) return style.yellow(outcome);
  return outcome === "applied" || outcome === "noop" || outcome === "planned"
    ? style.green(outcome)
    : style.red(outcome);
}

function factsOf({ actor, trigger, created_at, attempts, targets }: RunRecord): readonly string[] {
  const tries = attempts.at(-1)?.number ?? 0;
  return [
    `${created_at} by ${actor ?? "nobody named"} (${trigger})`,
    count(tries, "attempt"),
    ...(targets === null ? [] : [`only ${targets.map((graph) => `graph.${graph}`).join(" ")}`]),
  ];
}

/** `told`: what the run answered that people should know. */
export function renderRun(
  raw: RunRecord,
  told: readonly Diagnostic[],
  place: Place,
  style: Style,
): readonly string[] {
  const run = printableFields(raw);
  const { plan_id, bundle_digest, git, upload, diagnostics, attempts } = run;
  return [
    `${style.bold(`run ${run.run_id}`)}: ${runKind(run)}, ${stateOf(run, style)}`,
    ...factsOf(run).map((fact) => `  ${fact}`),
    ...(plan_id === null ? [] : [`  plan: ${plan_id}`]),
    ...(bundle_digest === null ? [] : [`  config: ${bundle_digest}`]),
    ...(upload ? [`  upload: ${upload.key} of ${upload.uploaded_at ?? "a time that is not known"}`] : []),
    ...(git === null
      ? []
      : [`  git: ${[git.repository, git.ref, git.commit].filter((each) => each !== null).join(" ")}`]),
    ...attempts.map(attemptLine),
    ...(diagnostics.length === 0 ? [] : [`  reported: ${diagnostics.join(", ")}`]),
    ...renderDiagnostics(told, style),
    ...(isGoingOn(run) ? ["", `Next: ${commandLine(place, "apply", "--continue", run.run_id)}`] : []),
  ];
}

function attemptLine({ number, owner, actor, started_at, ended_at, stop_after_ms }: RunAttempt): string {
  const deadline = stop_after_ms === null ? "" : `, to stop after ${stop_after_ms / 1000} s`;
  const end = ended_at === null ? "no end recorded" : `ended ${ended_at}`;
  return `  attempt ${number}: ${started_at} by ${actor ?? "nobody named"} on ${owner}${deadline}, ${end}`;
}
