/**
 * Exports the rows that a run asks for into a file of the deployment, because a gateway cannot pass on a long answer. It
 * takes no lease and reads one version of the graph, whoever writes meanwhile. The graph's own policy is asked again.
 *
 * Guarantees: memory stays bounded. The file is whole or absent, and is named by run and version, so a run whose worker
 * died writes the same file again. What does not fit into the time of a worker ends and says so; an outage is waited
 * for, up to a limit, and then ends the run by its own name.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { exportGraph } from "../apply/export-graph.ts";
import { healsWithTime } from "../apply/runs/healing-codes.ts";
import { pausedRun, type RunExport, type RunRecord } from "../apply/runs/run-record.ts";
import { moveRun, type StoredRun } from "../apply/runs/run-store.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assert, assertNever } from "../digest/assert.ts";
import type { ClusterName } from "../digest/ids.ts";
import { timestamp } from "../ports/clock.ts";
import { attempted } from "./attempt.ts";
import { deniedOnGraph } from "./denied-on-graph.ts";
import type { Deployment } from "./deployment.ts";
import { diedTooOften } from "./died-too-often.ts";
import { endRun, type RunEnd } from "./end-run.ts";
import { exportKey } from "./export-key.ts";
import { EXPORT_CHUNK_BYTES, INVOCATION_MARGIN_MS_MAX, RUN_TIME_MS_MIN } from "./limits.ts";
import { refusedAnswer } from "./run-output.ts";
import type { WorkContext } from "./work-context.ts";
import { later, type WorkStep } from "./work-step.ts";

export async function exportRun(
  deployment: Deployment,
  cluster: ClusterName,
  ports: ClusterPorts,
  stored: StoredRun,
  { access, remaining_ms }: WorkContext,
): Promise<WorkStep> {
  const untilMs = ports.clock.nowMs() + remaining_ms - INVOCATION_MARGIN_MS_MAX;
  if (untilMs - ports.clock.nowMs() < RUN_TIME_MS_MIN) return later([]);
  const begun = attempted(ports, stored.record, ports.clock.nowMs());
  const moved = await moveRun(ports, stored, begun);
  if (moved.tag !== "moved") return moved.tag === "refused" ? { tag: "ended" } : later([]);
  const { record } = moved.stored;
  const end = async (facts: Omit<RunEnd, "record">): Promise<WorkStep> => {
    const ended = await endRun(deployment, cluster, ports, moved.stored, { record, ...facts });
    return ended === "unknown" ? pause(ports, moved.stored, []) : { tag: "ended" };
  };
  const refuse = (diagnostics: readonly Diagnostic[]) =>
    end({ outcome: "refused", answer: refusedAnswer(diagnostics) });
  const again = (diagnostics: readonly Diagnostic[]) => pause(ports, moved.stored, diagnostics);
  if (diedTooOften(stored.record)) return refuse([tooLarge(record)]);
  const wanted = record.export;
  assert(wanted !== null, "only a run that asks for rows exports them");
  const denied = await deniedOnGraph(ports, record, { action: "export", graph: wanted.graph }, access);
  if (denied !== null) return denied.code === "run_access_undecided" ? again([denied]) : refuse([denied]);
  const exported = await writeRows(deployment, cluster, ports, { record, wanted, untilMs });
  switch (exported.tag) {
    case "exported": {
      const { manifest_version, rows, bytes } = exported;
      const facts = { graph: wanted.graph, manifest_version, rows, bytes, diagnostics: [] };
      const output = { ok: true, format_version: 1, ...facts } as const;
      return end({ outcome: "exported", answer: { kind: "export", output } });
    }
    case "failed":
      return healsWithTime(exported.diagnostics) ? again(exported.diagnostics) : refuse(exported.diagnostics);
    default:
      return assertNever(exported);
  }
}

/** The attempt is over: a worker that met an outage has not died. The schedule prompts again. */
async function pause(
  ports: ClusterPorts,
  stored: StoredRun,
  diagnostics: readonly Diagnostic[],
): Promise<WorkStep> {
  const end = { at: timestamp(ports.clock), codes: diagnostics.map((each) => each.code) };
  await moveRun(ports, stored, pausedRun(stored.record, "continuing", end, ports.ids.next()));
  return later(diagnostics);
}

type Exported =
  | {
      readonly tag: "exported";
      readonly manifest_version: number;
      readonly rows: number;
      readonly bytes: number;
    }
  | { readonly tag: "failed"; readonly diagnostics: readonly Diagnostic[] };

async function writeRows(
  deployment: Deployment,
  cluster: ClusterName,
  ports: ClusterPorts,
  {
    record,
    wanted,
    untilMs,
  }: { readonly record: RunRecord; readonly wanted: RunExport; readonly untilMs: number },
): Promise<Exported> {
  const { graph, edge_ids, version } = wanted;
  const options = { version: version ?? undefined, edge_ids, present_life: true };
  const found = await exportGraph(ports.engine, graph, options);
  if (found.tag === "failed") return found;
  let rows = 0;
  let isLate = false;
  const counted = async function* () {
    for await (const line of found.lines) {
      isLate = ports.clock.nowMs() > untilMs;
      if (isLate) return Promise.reject(new Error("the time of the worker is over"));
      rows += 1;
      yield line;
    }
    return undefined;
  };
  const key = exportKey(cluster, record.run_id, found.version);
  const written = await deployment.exports.write(key, inChunks(counted()));
  if (written.tag === "written") {
    return { tag: "exported", manifest_version: found.version, rows, bytes: written.bytes };
  }
  if (isLate) return { tag: "failed", diagnostics: [tooLarge(record)] };
  const path = `graph.${graph}`;
  const message = `The rows of ${path} could not be written: ${written.reason}.`;
  return { tag: "failed", diagnostics: [diagnostic("export_write_error", { path, message })] };
}

/** Lines as bytes, many at once. */
async function* inChunks(lines: AsyncIterable<string>): AsyncGenerator<Uint8Array, undefined> {
  let text = "";
  for await (const line of lines) {
    text += `${line}\n`;
    if (text.length < EXPORT_CHUNK_BYTES) continue;
    yield Buffer.from(text, "utf8");
    text = "";
  }
  if (text !== "") yield Buffer.from(text, "utf8");
  return undefined;
}

function tooLarge({ run_id: path }: RunRecord): Diagnostic {
  const message = `The export ${path} does not fit into the time of one worker of the deployment.`;
  const fix =
    "Give workers more time (the input worker_minutes), or export on a machine that reaches the storage root.";
  return diagnostic("too_large_for_runner", { path, message, fix });
}
