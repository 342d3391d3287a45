/**
 * The recover discard command: ends an open intent that no program can judge (design 7, J7), by its exact id, with who
 * and why.
 *
 * Everything that can be settled is settled first; what the sweep has settled needs no discard. Who and why is recorded
 * below `__graphform/discards/`, with the intent as it was. Then the version after the graph's present head is occupied
 * with a fence, so that the effect can never land (R5), and only then the file goes. What the effect may have done
 * before is not undone: a refresh records it. An approval that the operation has reserved is withdrawn with it.
 */
import { z } from "zod";
import type { ApplyRun } from "../apply/apply-run.ts";
import {
  markArtifactConsumed,
  moveEvidence,
  readEvidence,
  type StoredEvidence,
} from "../apply/approvals/approval-store.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { FENCE_TRIES_MAX } from "../apply/limits.ts";
import { openIntents } from "../apply/recovery/open-intents.ts";
import { withdrawn } from "../approval/evidence.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { GraphId, OperationId } from "../digest/ids.ts";
import { discardRecordKey } from "../ledger/keys.ts";
import { RECOVERIES_PREFIX } from "../ledger/payload-key.ts";
import { recordTextProblems } from "../ledger/record-text.ts";
import { putOnce, readObjectRetrying } from "../ledger/retry.ts";
import { timestamp } from "../ports/clock.ts";
import { type RemoveOutcome, type StoredObject, type StoreKey, storeKey } from "../ports/object-store.ts";
import { type Operated, type OperateOutput, refusedOperation } from "./operate-output.ts";
import { type OperateCommand, operateRun } from "./operate-run.ts";

export const DISCARD_FORMAT_VERSION = 1;

export interface DiscardCommand extends OperateCommand {
  /** As status, plan and apply show it: the name of its file without `.json`. */
  readonly operation_id: string;
  readonly reason: string | null;
}

export interface Discarded {
  readonly operation_id: string;
  readonly graph: GraphId | null;
  /** Version of the fence; null if there is no chain of ours to fence. */
  readonly fenced_version: number | null;
}

export function discardIntent(
  ports: ClusterPorts,
  command: DiscardCommand,
): Promise<OperateOutput<Discarded>> {
  return operateRun<Discarded>(ports, "discard", command, "recover", async (run) => {
    const unwritable = recordTextProblems(run.actor, command.reason);
    if (unwritable.length > 0) return refusedOperation(unwritable);
    const found = await findTarget(run, command.operation_id);
    return found.tag === "found" ? discard(run, command, found) : refusedOperation(found.diagnostics);
  });
}

function notFound(operation: string): Diagnostic {
  const path = `${RECOVERIES_PREFIX}${operation}.json`;
  const message = `No open operation has the id ${operation}: it never existed, or it has been settled.`;
  return diagnostic("recovery_sidecar_not_found", { path, message });
}

/** What stands for the operation: its sidecar, the approval that it holds, or both. */
interface Target {
  readonly sidecar: StoreKey | null;
  readonly approval: StoredEvidence | null;
  readonly graph: GraphId | null;
}

type FoundTarget =
  | ({ readonly tag: "found" } & Target)
  | { readonly tag: "refused"; readonly diagnostics: readonly Diagnostic[] };

async function findTarget({ ports }: ApplyRun, operation: string): Promise<FoundTarget> {
  const intents = await openIntents(ports);
  if (intents.tag === "unavailable") return { tag: "refused", diagnostics: intents.diagnostics };
  const read = await readEvidence(ports, new Set());
  const key = storeKey(`${RECOVERIES_PREFIX}${operation}.json`);
  if (read.tag === "unavailable") return { tag: "refused", diagnostics: [failed(key, read.reason)] };
  const approval = read.evidence.find((each) => holderOf(each) === operation) ?? null;
  const written = [...intents.open, ...intents.unreadable].find((each) => each.key === key);
  if (written === undefined && approval === null) {
    return { tag: "refused", diagnostics: [notFound(operation)] };
  }
  const graph = written?.graph ?? approval?.evidence.graph ?? null;
  return { tag: "found", sidecar: written?.key ?? null, approval, graph };
}

/** The operation that has reserved the approval. */
function holderOf({ evidence: { state } }: StoredEvidence): string | null {
  return state.tag === "reserved" ? state.reservation.operation_id : null;
}

async function discard(
  run: ApplyRun,
  command: DiscardCommand,
  { sidecar, approval, graph }: Target,
): Promise<Operated<Discarded>> {
  const key = sidecar ?? approval?.key ?? storeKey(RECOVERIES_PREFIX);
  const stored = await readObjectRetrying(run.ports, key);
  if (stored.tag === "absent") return refusedOperation([notFound(command.operation_id)]);
  if (stored.tag === "unavailable") return refusedOperation([failed(key, stored.reason)]);
  const unrecorded = await record(run, command, graph, stored);
  if (unrecorded !== null) return refusedOperation([failed(key, unrecorded)]);
  const fenced = graph === null ? UNFENCED : await fence(run, graph);
  if (fenced.tag === "failed") return refusedOperation([failed(key, fenced.reason)]);
  if (approval !== null && !(await withdraw(run, command, approval))) {
    return refusedOperation([failed(key, "its approval could not be withdrawn; discard it again")]);
  }
  const removed = sidecar === null ? GONE : await run.ports.store.remove(sidecar, stored.version);
  const gone = removed.tag === "done" || (removed.tag === "refused" && removed.current.tag === "absent");
  if (!gone) return refusedOperation([failed(key, "its file could not be removed; discard it again")]);
  const result = { operation_id: command.operation_id, graph, fenced_version: fenced.version };
  return { outcome: "done", result, diagnostics: fenced.version === null ? [unfenced(key, graph)] : [] };
}

const GONE: RemoveOutcome = { tag: "done", value: null };

/** Nobody knows whether the approval was used, so it is never used again (C2). */
async function withdraw(
  run: ApplyRun,
  { reason }: DiscardCommand,
  approval: StoredEvidence,
): Promise<boolean> {
  const { ports, actor } = run;
  const revocation = { by: actor ?? ports.owner, at: timestamp(ports.clock), reason };
  const next = withdrawn(approval.evidence, revocation, ports.ids.next());
  const moved = await moveEvidence(ports, approval, next);
  if (moved.tag === "moved") await markArtifactConsumed(ports, next.approval_id, revocation.at);
  return moved.tag === "moved";
}

function failed(key: StoreKey, reason: string): Diagnostic {
  const message = `${key} was not discarded: ${reason}.`;
  return diagnostic("recovery_discard_failed", { path: key, message });
}

function unfenced(key: StoreKey, graph: GraphId | null): Diagnostic {
  const whose =
    graph === null ? "It names no graph" : `graph.${graph} has no chain of versions that can be read`;
  const message = `${whose}, so a program that still runs this operation was not kept from going on.`;
  return diagnostic("recovery_discard_unfenced", { path: key, message });
}

const documentShape = z.strictObject({
  format_version: z.literal(DISCARD_FORMAT_VERSION),
  operation_id: z.string(),
  graph: z.string().nullable(),
  actor: z.string().nullable(),
  reason: z.string().nullable(),
  run_id: z.string(),
  at: z.string(),
  /** The file as it was, byte for byte, in base64: it may be anything. */
  sidecar_base64: z.string(),
});

export type DiscardRecord = z.infer<typeof documentShape>;

/** The bytes of the record of one discard. */
export function encodeDiscard(record: DiscardRecord): Uint8Array {
  return Buffer.from(`${JSON.stringify(record, null, 2)}\n`, "utf8");
}

/** The record of one discard; null if the bytes are none of this format. */
export function decodeDiscard(bytes: Uint8Array): DiscardRecord | null {
  try {
    const parsed = documentShape.safeParse(JSON.parse(Buffer.from(bytes).toString("utf8")));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Null once it is recorded, else why not. */
async function record(
  run: ApplyRun,
  { operation_id, reason }: DiscardCommand,
  graph: GraphId | null,
  stored: StoredObject,
): Promise<string | null> {
  const { ports, run_id, actor } = run;
  const document: DiscardRecord = {
    format_version: DISCARD_FORMAT_VERSION,
    operation_id,
    graph,
    actor,
    reason,
    run_id,
    at: timestamp(ports.clock),
    sidecar_base64: Buffer.from(stored.bytes).toString("base64"),
  };
  const put = await putOnce(ports, discardRecordKey(ports.ids.next()), encodeDiscard(document));
  if (put.tag === "present") return null;
  return put.tag === "other" ? "its record's name is taken" : put.reason;
}

type Fenced =
  | { readonly tag: "fenced"; readonly version: number | null }
  | { readonly tag: "failed"; readonly reason: string };

const UNFENCED: Fenced = { tag: "fenced", version: null };

/** Occupies the version after the present head, whatever the intent says it was decided on. */
async function fence(run: ApplyRun, graph: GraphId): Promise<Fenced> {
  const { engine, ids } = run.ports;
  for (let tries = 0; tries < FENCE_TRIES_MAX; tries += 1) {
    const observation = await engine.observe(graph);
    if (observation.tag === "unreadable") return UNFENCED;
    if (observation.tag === "unavailable") return { tag: "failed", reason: observation.reason };
    const expect = observation.tag === "absent" ? 0 : observation.head.version;
    const attribution = { operation_id: ids.next() as OperationId, run_id: run.run_id, actor: run.actor };
    const fenced = await engine.fence({ graph, expect, ...attribution });
    if (fenced.tag === "done") return { tag: "fenced", version: fenced.manifest.version };
    if (fenced.tag === "unavailable") return { tag: "failed", reason: fenced.reason };
  }
  return { tag: "failed", reason: `graph.${graph} keeps moving` };
}
