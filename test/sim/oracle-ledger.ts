/** Oracle of the ledger: what a document that has just become the ledger owes to its history (L1, L3, L4, L9). */
import { decodeReceipt, receiptDigest } from "../../lib/ledger/receipt.ts";
import { type CommitSeen, countRow, violated } from "./chronicle.ts";
import { judgeRecordedUses } from "./oracle-approval.ts";
import type { Actor } from "./scheduler.ts";
import { chainOf, sidecarAt } from "./stored-graph.ts";
import { keysBelow, type World } from "./world.ts";

interface Marked {
  readonly state_revision: number;
  readonly observations: Readonly<Record<string, unknown>>;
}

interface Marker {
  readonly state_revision: number;
  readonly commit_id: string;
  readonly parent_commit_id: string | null;
  readonly run_id: string;
  readonly token: number;
  readonly receipt_digest: string;
}

/** Notes the commit and compares it with the one before. */
export function ledgerWritten(
  world: World,
  actor: Actor,
  before: Uint8Array | undefined,
  after: Uint8Array,
): void {
  const { chronicle } = world;
  noteKept(world, after);
  const commit = commitOf(world, after);
  const last = chronicle.commits.at(-1);
  chronicle.commits.push(commit);
  if (chronicle.disruption !== "none") return;
  const where = `revision ${commit.revision} of ${actor.name}`;
  judgeRecordedUses(world, before, after, where);
  if (last === undefined) {
    if (before !== undefined || commit.revision !== 1) violated(chronicle, `L1 ${where} is the first`);
    return;
  }
  if (commit.revision !== last.revision + 1) violated(chronicle, `L1 ${where} follows ${last.revision}`);
  if (last.kind !== "foreign" && commit.parent_commit_id !== last.commit_id) {
    violated(chronicle, `L3 ${where} is not built on ${last.commit_id}`);
  }
  const earlier = chronicle.commits.slice(0, -1).map((each) => each.token);
  if (commit.kind !== "foreign" && commit.token < Math.max(...earlier)) {
    violated(chronicle, `K4 ${where} has the token ${commit.token}, and a later holder has committed`);
  }
}

interface WithStatuses {
  readonly resource_statuses: Readonly<
    Record<string, { readonly status: string; readonly conditions?: readonly string[] }>
  >;
}

/** Counts the intents that a new ledger says are kept: J0, J4, J6 by their statuses, J7 by the file. */
function noteKept(world: World, after: Uint8Array): void {
  const { resource_statuses } = JSON.parse(Buffer.from(after).toString("utf8")) as WithStatuses;
  for (const key of keysBelow(world, "__cluster/recoveries/")) {
    const sidecar = sidecarAt(world, key);
    if (sidecar === null) {
      countRow(world.chronicle, "J7");
      continue;
    }
    const record = resource_statuses[`graph.${sidecar.graph_id}`];
    if (record?.conditions?.includes("actual_applied_state_pending") !== true) continue;
    const head = chainOf(world, sidecar.graph_id).length;
    if (record.status === "error") countRow(world.chronicle, "J6");
    else countRow(world.chronicle, head < (sidecar.observed_manifest_version ?? 0) ? "J0" : "J4");
  }
}

/** The commit in a document, with what its receipt says. */
export function commitOf(world: World, bytes: Uint8Array): CommitSeen {
  const document = JSON.parse(Buffer.from(bytes).toString("utf8")) as Marked;
  const revision = document.state_revision;
  const marker = document.observations["graphform"] as Marker | undefined;
  if (marker === undefined || marker.state_revision !== revision) {
    const foreign = {
      commit_id: null,
      parent_commit_id: null,
      run_id: null,
      kind: "foreign",
      plan_id: null,
      token: 0,
    };
    return { revision, ...foreign, operations: new Set(), bytes };
  }
  const receipt = receiptOf(world, revision, marker);
  const changes = receipt?.changes ?? [];
  const { commit_id, parent_commit_id, run_id, token } = marker;
  return {
    ...{ revision, commit_id, parent_commit_id, run_id, token, bytes },
    kind: receipt?.kind ?? "unrecorded",
    operations: new Set(changes.flatMap((change) => change.operation_id ?? [])),
    plan_id: receipt?.plan_id ?? null,
  };
}

function receiptOf(world: World, revision: number, marker: Marker) {
  const key = `__graphform/receipts/${String(revision).padStart(20, "0")}-${marker.commit_id}.json`;
  const bytes = world.backend.objects.get(key);
  if (bytes === undefined) {
    violated(world.chronicle, `L9 revision ${revision} has no receipt`);
    return null;
  }
  if (receiptDigest(bytes) !== marker.receipt_digest) {
    violated(world.chronicle, `L9 revision ${revision} names another receipt`);
  }
  const decoded = decodeReceipt(bytes);
  return decoded.tag === "decoded" ? decoded.receipt : null;
}
