/** The commands of production, as an operator gives them: plan, apply, refresh, load, and what is around them. */
import type { ClusterPorts } from "../../lib/apply/cluster-ports.ts";
import { loadGraph } from "../../lib/apply/load-graph.ts";
import { planCluster } from "../../lib/apply/planning/plan-cluster.ts";
import { readIntents } from "../../lib/apply/recovery/intents.ts";
import { type ApplyCommand, runApply } from "../../lib/apply/run-apply.ts";
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { assertNever } from "../../lib/digest/assert.ts";
import type { GraphId, OperationId, RunId } from "../../lib/digest/ids.ts";
import { forceUnlock } from "../../lib/ledger/force-unlock.ts";
import { observeLock } from "../../lib/ledger/lock-observation.ts";
import { refreshCluster } from "../../lib/observe/refresh-cluster.ts";
import { statusCluster } from "../../lib/observe/status-cluster.ts";
import { discardIntent } from "../../lib/operate/discard-intent.ts";
import type { OperateOutput } from "../../lib/operate/operate-output.ts";
import { protectGraph } from "../../lib/operate/protect-graph.ts";
import { reclaimGraphs } from "../../lib/operate/reclaim-graphs.ts";
import { recoverCluster } from "../../lib/operate/recover-cluster.ts";
import { restoreGraph } from "../../lib/operate/restore-graph.ts";
import { approve, purge, revoke } from "./approval-commands.ts";
import { type ConfigName, desiredOfConfig, type GraphName } from "./configs.ts";
import type { Answer, Notes, Task } from "./tasks.ts";

export const SUBMITTER = "ana";

/** Does the task once; `name` makes what it stores its own. */
export async function perform(ports: ClusterPorts, task: Task, name: string, notes: Notes): Promise<Answer> {
  switch (task.kind) {
    case "apply":
      return apply(ports, task.config, { interrupted: interruption(task.interrupt) });
    case "plan_and_apply": {
      const made = await planCluster(ports, { ...asker(task.config), targets: null, keep: true });
      if (made.plan === null) return answerOf("refused", false, made.output.diagnostics);
      return apply(ports, task.config, { reviewed: made.plan });
    }
    case "apply_kept":
      return apply(ports, task.config, { reviewed: task.plan });
    case "refresh":
    case "import":
      return refresh(ports, task.kind, task.config);
    case "plan": {
      const made = await planCluster(ports, { ...asker(task.config), targets: null });
      return answerOf(made.plan === null ? "refused" : "noop", false, made.output.diagnostics);
    }
    case "approve":
      return approve(ports, task);
    case "purge":
      return purge(ports, task);
    case "revoke":
      return revoke(ports, notes);
    case "load":
      return load(ports, task, name, notes);
    case "restore":
    case "reclaim":
    case "recover":
    case "discard":
      return operate(ports, task, notes);
    case "compact":
      return compact(ports, task.graph);
    case "protect":
    case "unprotect":
      return protect(ports, task.kind, task.graph);
    case "force_unlock":
      return unlock(ports);
    case "status":
      return answerOf("noop", false, (await statusCluster(ports, "demo")).diagnostics);
    default:
      return assertNever(task);
  }
}

export function asker(config: ConfigName) {
  return { desired: desiredOfConfig(config), actor: SUBMITTER };
}

export function answerOf(
  outcome: Answer["outcome"],
  written: boolean | null,
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

export async function apply(
  ports: ClusterPorts,
  config: ConfigName,
  overrides: Partial<ApplyCommand>,
): Promise<Answer> {
  const output = await runApply(ports, {
    ...asker(config),
    trigger: "sim",
    reviewed: null,
    targets: null,
    allow_mass_delete: false,
    consent: () => Promise.resolve(true),
    interrupted: () => false,
    progress: () => undefined,
    ...overrides,
  });
  const outcome = output.outcome === "continuing" ? "partial" : output.outcome;
  return answerOf(outcome, output.state_written, output.diagnostics, output.converged);
}

/** Refresh and import have no outcome of their own, so it is what their diagnostics and `state_written` say. */
async function refresh(
  ports: ClusterPorts,
  operation: "refresh" | "import",
  config: ConfigName,
): Promise<Answer> {
  const output = await refreshCluster(ports, operation, { ...asker(config), trigger: "sim" });
  return wordOf(output);
}

function wordOf({
  diagnostics,
  state_written,
  ok,
}: Pick<Awaited<ReturnType<typeof refreshCluster>>, "diagnostics" | "state_written" | "ok">): Answer {
  const unknown = diagnostics.some((each) => each.code === "state_outcome_unknown");
  if (unknown) return answerOf("unknown", state_written, diagnostics);
  if (state_written) return answerOf("applied", true, diagnostics, ok);
  return answerOf(ok ? "noop" : "refused", false, diagnostics, ok);
}

async function load(
  ports: ClusterPorts,
  { graph, note }: Extract<Task, { kind: "load" }>,
  name: string,
  notes: Notes,
): Promise<Answer> {
  const data = note === undefined ? { name } : { name, note };
  const line = `${JSON.stringify({ type: "Person", data })}\n`;
  const output = await loadGraph(ports, {
    graph,
    mode: "append",
    actor: SUBMITTER,
    config_dir: "demo",
    source_name: "rows.jsonl",
    open: () => chunks(Buffer.from(line, "utf8")),
    progress: () => undefined,
  });
  const { ok, manifest_version: version, diagnostics } = output;
  if (ok && version !== null) notes.rows.push({ graph, version, name });
  const unknown = diagnostics.some((each) => each.code === "load_outcome_unknown");
  return answerOf(ok ? "applied" : unknown ? "unknown" : "refused", null, diagnostics, ok);
}

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

async function operate(
  ports: ClusterPorts,
  task: Extract<Task, { kind: "restore" | "reclaim" | "recover" | "discard" }>,
  notes: Notes,
): Promise<Answer> {
  const command = { ...asker("A"), trigger: "sim" };
  switch (task.kind) {
    case "restore":
      return outcomeOf(
        await restoreGraph(ports, { ...command, graph: task.graph as GraphId, incarnation: null }),
      );
    case "reclaim":
      return outcomeOf(await reclaimGraphs(ports, { ...command, graph: task.graph as GraphId }));
    case "recover": {
      const output = await recoverCluster(ports, command);
      return { ...outcomeOf(output), written: output.result?.state_written ?? null };
    }
    case "discard": {
      const intents = await readIntents(ports);
      const open = intents.tag === "read" ? [...intents.open, ...intents.unreadable] : [];
      const key = open.find((intent) => intent.graph === task.graph)?.key;
      if (key === undefined) return answerOf("noop", false, []);
      const operation_id = key.slice("__cluster/recoveries/".length, -".json".length);
      notes.discarded.push(operation_id);
      return outcomeOf(await discardIntent(ports, { ...command, operation_id, reason: "it is over" }));
    }
  }
}

function outcomeOf({ outcome, diagnostics, ok }: OperateOutput<unknown>): Answer {
  return answerOf(outcome === "done" ? "applied" : outcome, null, diagnostics, ok);
}

async function compact(ports: ClusterPorts, name: GraphName): Promise<Answer> {
  const graph = name as GraphId;
  const observation = await ports.engine.observe(graph);
  if (observation.tag !== "live") return answerOf("noop", null, []);
  const ids = { operation_id: ports.ids.next() as OperationId, run_id: ports.ids.next() as RunId };
  const outcome = await ports.engine.compact({
    ...{ graph, expect: observation.head.version, ...ids },
    actor: SUBMITTER,
  });
  const answers = { done: "applied", ambiguous: "unknown" } as const;
  const known = outcome.tag === "done" || outcome.tag === "ambiguous" ? answers[outcome.tag] : "refused";
  return answerOf(known, null, []);
}

async function protect(
  ports: ClusterPorts,
  verb: "protect" | "unprotect",
  graph: GraphName,
): Promise<Answer> {
  return outcomeOf(await protectGraph(ports, { ...asker("A"), trigger: "sim", verb, graph, reason: null }));
}

/** Ends whatever holding is there, as a person would who does not wait. */
async function unlock(ports: ClusterPorts): Promise<Answer> {
  const seen = await observeLock(ports);
  const lock_id = seen.holder?.lock_id ?? seen.lock?.lock_id;
  if (lock_id === undefined) return answerOf("noop", false, []);
  const result = await forceUnlock(ports, { lock_id, actor: SUBMITTER, reason: "in a hurry" });
  return answerOf(result.ok ? "applied" : "refused", null, result.diagnostics);
}
