/**
 * Loads the uploaded rows that a run names (axiom 6): takes no lease; the graph's chain alone decides. The graph's own
 * policy is asked again, and rows count only with the secret of their link: whoever may write into the inbox could have
 * put others in their place.
 *
 * Guarantees: a run loads once, although its message may come twice and its worker may die at any point (A7): the head
 * of the graph is in the record before the first attempt, and a load of this run above it is found and not repeated.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { loadGraph } from "../apply/load-graph.ts";
import { healsWithTime } from "../apply/runs/healing-codes.ts";
import { loadingRun, type RunLoad, type RunRecord } from "../apply/runs/run-record.ts";
import { moveRun, type StoredRun } from "../apply/runs/run-store.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assert, assertNever } from "../digest/assert.ts";
import type { ClusterName } from "../digest/ids.ts";
import { loadUpload } from "../intake/upload-key.ts";
import { TICKET_METADATA } from "../intake/upload-metadata.ts";
import { retryRead } from "../ledger/retry.ts";
import { attempted } from "./attempt.ts";
import { deniedOnGraph } from "./denied-on-graph.ts";
import type { Deployment, UploadedFile } from "./deployment.ts";
import { endRun, type RunEnd } from "./end-run.ts";
import { LOAD_BYTES_MAX } from "./limits.ts";
import { refusedAnswer } from "./run-output.ts";
import { carriesTicket } from "./upload-sender.ts";
import { readUploadTicket } from "./upload-ticket.ts";
import type { WorkContext } from "./work-context.ts";
import { later, type WorkStep } from "./work-step.ts";

export async function loadRun(
  deployment: Deployment,
  cluster: ClusterName,
  ports: ClusterPorts,
  stored: StoredRun,
  { access }: WorkContext,
): Promise<WorkStep> {
  const begun = await begin(ports, stored);
  if (begun.tag !== "begun") return begun;
  const { record } = begun.stored;
  const { load } = record;
  assert(load !== null, "only a run with rows to load is loaded");
  const end = async (facts: Omit<RunEnd, "record">): Promise<WorkStep> => {
    const ended = await endRun(deployment, cluster, ports, begun.stored, { record, ...facts });
    return ended === "unknown" ? later([]) : { tag: "ended" };
  };
  const refuse = (problem: Diagnostic) => end({ outcome: "refused", answer: refusedAnswer([problem]) });
  const denied = await deniedOnGraph(ports, record, { action: "change", graph: load.graph }, access);
  if (denied !== null) return denied.code === "run_access_undecided" ? later([denied]) : refuse(denied);
  const rows = await readRows(deployment, cluster, load);
  if (rows.tag !== "rows") return rows.tag === "later" ? later([rows.problem]) : refuse(rows.problem);
  const output = await loadGraph(ports, {
    ...{ graph: load.graph, mode: load.mode, actor: record.actor, config_dir: cluster },
    ...{ source_name: load.upload_key, open: () => once(rows.bytes), progress: () => undefined },
    ordered: { run_id: record.run_id, since_version: load.since_version ?? 0 },
  });
  if (!output.ok && mayBeTriedAgain(output.diagnostics)) return later(output.diagnostics);
  return end({ outcome: output.ok ? "loaded" : "refused", answer: { kind: "load", output } });
}

/** A load whose outcome is unknown is found, or done, by the next attempt. */
function mayBeTriedAgain(diagnostics: readonly Diagnostic[]): boolean {
  return healsWithTime(diagnostics) || diagnostics.some((each) => each.code === "load_outcome_unknown");
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

type Begun = { readonly tag: "begun"; readonly stored: StoredRun } | WorkStep;

/** The attempt, and before the first one where the graph stands, are in the record. */
async function begin(ports: ClusterPorts, stored: StoredRun): Promise<Begun> {
  const begun = attempted(ports, stored.record, ports.clock.nowMs());
  const since = await sinceVersion(ports, begun);
  if (since === null) return later([]);
  const known = begun.load?.since_version !== null;
  const moved = await moveRun(ports, stored, known ? begun : loadingRun(begun, since, ports.ids.next()));
  switch (moved.tag) {
    case "moved":
      return { tag: "begun", stored: moved.stored };
    case "refused":
      return { tag: "ended" };
    case "unknown":
      return later([]);
    default:
      return assertNever(moved);
  }
}

/** The head of the graph; 0 where there is none to load into, which the load itself will say. Null: nobody knows. */
async function sinceVersion({ engine }: ClusterPorts, { load }: RunRecord): Promise<number | null> {
  if (load === null || load.since_version !== null) return load?.since_version ?? 0;
  const seen = await engine.observe(load.graph);
  if (seen.tag === "unavailable") return null;
  return "head" in seen ? seen.head.version : 0;
}

type Rows =
  | { readonly tag: "rows"; readonly bytes: Uint8Array }
  | { readonly tag: "refused" | "later"; readonly problem: Diagnostic };

async function readRows(
  deployment: Deployment,
  cluster: ClusterName,
  { upload_key: path }: RunLoad,
): Promise<Rows> {
  const read = await retryRead(deployment.clock, () => deployment.inbox.read(path, LOAD_BYTES_MAX));
  switch (read.tag) {
    case "found":
      return promisedRows(deployment, cluster, path, read.file);
    case "absent": {
      const message = `There is no upload ${path}.`;
      return { tag: "refused", problem: diagnostic("upload_not_found", { path, message }) };
    }
    case "too_large": {
      const message = `The upload ${path} has ${read.bytes} bytes; at most ${LOAD_BYTES_MAX} are loaded at once.`;
      return { tag: "refused", problem: diagnostic("upload_not_taken", { path, message }) };
    }
    case "unavailable": {
      const message = `The upload ${path} could not be read: ${read.reason}.`;
      return { tag: "later", problem: diagnostic("upload_read_error", { path, message }) };
    }
    default:
      return assertNever(read);
  }
}

/** The rows, if the link of their ticket brought them. */
async function promisedRows(
  deployment: Deployment,
  cluster: ClusterName,
  path: string,
  { bytes, metadata }: UploadedFile,
): Promise<Rows> {
  const ticket = await readUploadTicket(deployment, cluster, loadUpload(path) ?? "");
  if (ticket.tag === "unavailable") {
    const message = `What the upload ${path} is for could not be read: ${ticket.reason}.`;
    return { tag: "later", problem: diagnostic("upload_read_error", { path, message }) };
  }
  const secret = metadata[TICKET_METADATA] ?? null;
  if (ticket.tag === "found" && carriesTicket(ticket.ticket, path, secret)) return { tag: "rows", bytes };
  const message = `The upload ${path} was not made with the link that was given out for it.`;
  return { tag: "refused", problem: diagnostic("upload_not_taken", { path, message }) };
}
