/**
 * Operators: people and machines who use the commands of production, each in a process of its own. A command that finds
 * the lock held is given again after a while, as people do.
 */

import type { ClusterPorts } from "../../lib/apply/cluster-ports.ts";
import { loadGraph } from "../../lib/apply/load-graph.ts";
import { lockedRun } from "../../lib/apply/locked-run.ts";
import { planCluster } from "../../lib/apply/plan-cluster.ts";
import type { ApplyCommand } from "../../lib/apply/run-apply.ts";
import { runApply } from "../../lib/apply/run-apply.ts";
import { settledLedger } from "../../lib/apply/settled-ledger.ts";
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { assertNever } from "../../lib/digest/assert.ts";
import { forceUnlock } from "../../lib/ledger/force-unlock.ts";
import { observeLock } from "../../lib/ledger/lock-observation.ts";
import { refreshCluster } from "../../lib/observe/refresh-cluster.ts";
import { statusCluster } from "../../lib/observe/status-cluster.ts";
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import { type ConfigName, desiredOfConfig, type GraphName } from "./configs.ts";
import type { Actor, Scheduler } from "./scheduler.ts";
import { openPorts, type PortsChange } from "./sim-ports.ts";

export type Task =
  /** `interrupt`: how often it may ask before it is told to stop; absent: never. */
  | { readonly kind: "apply"; readonly config: ConfigName; readonly interrupt?: number }
  /** Plans, keeps the plan, and applies exactly that. */
  | { readonly kind: "plan_and_apply"; readonly config: ConfigName }
  /** Applies a plan that somebody has kept before. */
  | { readonly kind: "apply_kept"; readonly plan: PlanDocument; readonly config: ConfigName }
  | { readonly kind: "refresh"; readonly config: ConfigName }
  | { readonly kind: "import"; readonly config: ConfigName }
  | { readonly kind: "sweep" }
  | { readonly kind: "load"; readonly graph: GraphName }
  | { readonly kind: "force_unlock" }
  | { readonly kind: "plan"; readonly config: ConfigName }
  | { readonly kind: "status" };

/** What the operator was told. `written`: that the ledger has a new revision of its own. */
export interface Answer {
  readonly outcome: "applied" | "noop" | "partial" | "refused" | "unknown";
  readonly written: boolean;
  readonly converged: boolean;
  readonly codes: readonly string[];
}

export interface Report {
  readonly actor: Actor;
  readonly task: Task;
  /** Null while it runs, and for ever if its process died. */
  answer: Answer | null;
  /** Rows that it was told are stored, with the version that brought them. */
  readonly rows: { readonly graph: string; readonly version: number; readonly name: string }[];
  /** What it threw: always a defect. */
  defect: string | null;
}

export interface OperatorOptions {
  readonly tries?: number;
  readonly ports?: PortsChange | undefined;
  /** Called when the operator has its answer. */
  readonly onEnd?: () => void;
}

const RETRY_MS = 9_000;

/** Starts the operator; its report fills while the scheduler runs. */
export function startOperator(
  scheduler: Scheduler,
  actor: Actor,
  task: Task,
  options: OperatorOptions = {},
): Report {
  const report: Report = { actor, task, answer: null, rows: [], defect: null };
  const ports = openPorts(scheduler, actor, options.ports);
  const work = async (): Promise<void> => {
    await ports.clock.sleep(0);
    for (let attempt = 1; ; attempt += 1) {
      const answer = await perform(ports, task, report);
      const busy = answer.outcome === "refused" && answer.codes.includes("state_lock_held");
      if (!busy || attempt >= (options.tries ?? 1)) {
        report.answer = answer;
        options.onEnd?.();
        return;
      }
      await ports.clock.sleep(RETRY_MS);
    }
  };
  work().catch((defect: unknown) => {
    report.defect = defect instanceof Error ? (defect.stack ?? defect.message) : String(defect);
  });
  return report;
}

async function perform(ports: ClusterPorts, task: Task, report: Report): Promise<Answer> {
  switch (task.kind) {
    case "apply":
      return apply(ports, task.config, { interrupted: interruption(task.interrupt) });
    case "plan_and_apply": {
      const made = await planCluster(ports, { ...asker(task.config), targets: null, keep: true });
      if (made.plan === null) return answer("refused", false, made.output.diagnostics);
      return apply(ports, task.config, { reviewed: made.plan });
    }
    case "apply_kept":
      return apply(ports, task.config, { reviewed: task.plan });
    case "refresh":
    case "import":
      return refresh(ports, task.kind, task.config);
    case "sweep":
      return sweep(ports);
    case "load":
      return load(ports, task.graph, report);
    case "force_unlock":
      return unlock(ports);
    case "plan": {
      const made = await planCluster(ports, { ...asker(task.config), targets: null });
      return answer(made.plan === null ? "refused" : "noop", false, made.output.diagnostics);
    }
    case "status":
      return answer("noop", false, (await statusCluster(ports, "demo")).diagnostics);
    default:
      return assertNever(task);
  }
}

function asker(config: ConfigName) {
  return { desired: desiredOfConfig(config), actor: "ana" };
}

function answer(
  outcome: Answer["outcome"],
  written: boolean,
  diagnostics: readonly Diagnostic[],
  converged = false,
): Answer {
  const errors = diagnostics.filter((each) => each.severity === "error");
  return { outcome, written, converged, codes: errors.map((each) => each.code) };
}

function interruption(questions: number | undefined): () => boolean {
  let left = questions ?? Number.POSITIVE_INFINITY;
  return () => {
    left -= 1;
    return left < 0;
  };
}

async function apply(
  ports: ClusterPorts,
  config: ConfigName,
  overrides: Partial<ApplyCommand>,
): Promise<Answer> {
  const output = await runApply(ports, {
    ...asker(config),
    trigger: "sim",
    reviewed: null,
    targets: null,
    consent: () => Promise.resolve(true),
    interrupted: () => false,
    progress: () => undefined,
    ...overrides,
  });
  return answer(output.outcome, output.state_written, output.diagnostics, output.converged);
}

/** Refresh and import have no outcome of their own, so it is what their diagnostics and `state_written` say. */
async function refresh(
  ports: ClusterPorts,
  operation: "refresh" | "import",
  config: ConfigName,
): Promise<Answer> {
  const output = await refreshCluster(ports, operation, { ...asker(config), trigger: "sim" });
  const { diagnostics, state_written } = output;
  const unknown = diagnostics.some((each) => each.code === "state_outcome_unknown");
  if (unknown) return answer("unknown", state_written, diagnostics);
  if (state_written) return answer("applied", true, diagnostics, output.ok);
  return answer(output.ok ? "noop" : "refused", false, diagnostics, output.ok);
}

/** The first half of every command: lease, ledger, and everything settled that is open. */
async function sweep(ports: ClusterPorts): Promise<Answer> {
  const request = {
    operation: "refresh",
    ...{ ...asker("A"), trigger: "sim", plan_id: null },
    interrupted: () => false,
    progress: () => undefined,
  } as const;
  const ran = await lockedRun(ports, request, (run, reading) => settledLedger(run, reading, "sweep"));
  if (ran.tag === "stopped") return answer("refused", false, ran.diagnostics);
  const { value } = ran;
  if (value.tag === "stopped") {
    return answer(value.unknown ? "unknown" : "refused", false, value.diagnostics);
  }
  return answer(value.recovered ? "applied" : "noop", value.recovered, value.diagnostics, true);
}

async function load(ports: ClusterPorts, graph: GraphName, report: Report): Promise<Answer> {
  const name = `row-${report.actor.name}-${report.actor.number}`;
  const line = `${JSON.stringify({ type: "Person", data: { name } })}\n`;
  const output = await loadGraph(ports, {
    graph,
    mode: "append",
    actor: "ana",
    config_dir: "demo",
    source_name: "rows.jsonl",
    open: () => chunks(Buffer.from(line, "utf8")),
    progress: () => undefined,
  });
  if (output.ok && output.manifest_version !== null) {
    report.rows.push({ graph, version: output.manifest_version, name });
  }
  const unknown = output.diagnostics.some((each) => each.code === "load_outcome_unknown");
  return answer(
    output.ok ? "applied" : unknown ? "unknown" : "refused",
    false,
    output.diagnostics,
    output.ok,
  );
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

/** Ends whatever holding is there, as a person would who does not wait. */
async function unlock(ports: ClusterPorts): Promise<Answer> {
  const seen = await observeLock(ports);
  const lock_id = seen.holder?.lock_id ?? seen.lock?.lock_id;
  if (lock_id === undefined) return answer("noop", false, []);
  const result = await forceUnlock(ports, { lock_id, actor: "ana", reason: "in a hurry" });
  return answer(result.ok ? "applied" : "refused", false, result.diagnostics);
}
