/**
 * Cluster: what the verbs ask, wherever the cluster is. `folder-cluster` answers with the library on a folder,
 * `api-cluster` with the HTTP API of a deployment; both answer with the same documents, so a verb prints one thing.
 *
 * Guarantees: nothing throws. `failed` means that the cluster gave no answer of its own: it could not be found, reached
 * or allowed. What it answered, also when that is a refusal, is `answered`.
 */
import type { ApplyOutput } from "../../lib/apply/apply-output.ts";
import type { LoadRunOutput } from "../../lib/apply/load-graph.ts";
import type { PlannedCluster } from "../../lib/apply/planning/plan-cluster.ts";
import type { RunRecord } from "../../lib/apply/runs/run-record.ts";
import type { ValidateOutput } from "../../lib/desired/validate-output.ts";
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import type { GraphId, IncarnationId, PlanId, RunId } from "../../lib/digest/ids.ts";
import type { LoadMode } from "../../lib/engine/engine.ts";
import type { PastCommit } from "../../lib/ledger/follow-history.ts";
import type { GitOrigin, Receipt } from "../../lib/ledger/receipt.ts";
import type { FsckOutput } from "../../lib/observe/fsck-cluster.ts";
import type { RefreshOutput, StatusOutput } from "../../lib/observe/observe-output.ts";
import type { ApprovedChange } from "../../lib/operate/approve-change.ts";
import type { Discarded } from "../../lib/operate/discard-intent.ts";
import type { UnblockOutput } from "../../lib/operate/end-block.ts";
import type { ApprovalOutput, ApprovalsOutput } from "../../lib/operate/list-approvals.ts";
import type { OperateOutput } from "../../lib/operate/operate-output.ts";
import type { ProtectedGraphs } from "../../lib/operate/protect-graph.ts";
import type { Reclaimed } from "../../lib/operate/reclaim-graphs.ts";
import type { Recovered } from "../../lib/operate/recover-cluster.ts";
import type { Restored } from "../../lib/operate/restore-graph.ts";
import type { RevokeOutput } from "../../lib/operate/revoke-approval.ts";
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import type { UnlockOutput } from "./unlock-output.ts";

/** No answer: why there is none. `left`: the person left; the run goes on without this command. */
export type Unanswered =
  | { readonly tag: "failed"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly tag: "left"; readonly run: RunRecord };

export type Answered<Output> = { readonly tag: "answered"; readonly output: Output } | Unanswered;

export function answered<Output>(output: Output): Answered<Output> {
  return { tag: "answered", output };
}

export function unanswered(diagnostics: readonly Diagnostic[]): Extract<Unanswered, { tag: "failed" }> {
  return { tag: "failed", diagnostics };
}

export interface PlanRequest {
  /** Graphs named by `--target`; null: everything. */
  readonly targets: readonly string[] | null;
  /** Keep the plan under its id, also if nobody has to approve it. */
  readonly keep: boolean;
  /** Plan the destruction of what soft drops of this graph have hidden, and nothing else. */
  readonly purge: GraphId | null;
  /** Where the config comes from, for the record; null: nobody knows. */
  readonly git: GitOrigin | null;
}

/** A plan that somebody has read: the document, or the id under which the cluster keeps it. */
export type ReviewedPlan =
  | { readonly tag: "document"; readonly plan: PlanDocument }
  | { readonly tag: "named"; readonly id: PlanId };

/** Whether the plan may run. `problems`: what was said of it besides; left out where the plan says it all. */
export type Consent = (plan: PlanDocument, problems?: readonly Diagnostic[]) => Promise<boolean>;

export interface ApplyRequest {
  readonly reviewed: ReviewedPlan | null;
  readonly targets: readonly string[] | null;
  readonly allow_mass_delete: boolean;
  /** Stop after this time and go on later; null: as long as it takes. */
  readonly stop_after_ms: number | null;
  /** Where the config comes from, for the record; null: nobody knows. */
  readonly git: GitOrigin | null;
  /** Null: nobody is asked. */
  readonly consent: Consent | null;
}

export interface ApproveRequest {
  readonly resource: string;
  readonly plan_id: string;
  readonly lifetime_ms: number;
  readonly tolerance: number;
  readonly data_loss: boolean;
  readonly reason: string | null;
}

export interface LoadRequest {
  readonly graph: string;
  readonly file: string;
  readonly file_bytes: number;
  readonly mode: LoadMode;
}

export interface ExportRequest {
  readonly graph: string;
  /** Manifest version to read; undefined: the newest. */
  readonly version: number | undefined;
  readonly edge_ids: boolean;
}

export interface ExportedRows {
  readonly version: number;
  readonly lines: AsyncIterable<string>;
}

export interface RunList {
  /** Oldest first. */
  readonly runs: readonly RunRecord[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface ShownRun {
  readonly run: RunRecord;
  /** What the run answered, where the deployment keeps that; null before its end and on a folder. */
  readonly output: unknown;
}

export interface HistoryList {
  /** Newest first, without what the whole ledger was. */
  readonly receipts: readonly PastCommit[];
  /** There are older ones. */
  readonly more: boolean;
  /** What is lost of the history. */
  readonly diagnostics: readonly Diagnostic[];
}

export type Operation<Facts> = Promise<Answered<OperateOutput<Facts>>>;

export interface Cluster {
  validate(): Promise<Answered<ValidateOutput>>;
  plan(request: PlanRequest): Promise<Answered<PlannedCluster>>;
  apply(request: ApplyRequest): Promise<Answered<ApplyOutput>>;
  /** Goes on with an apply that stopped. `stop_after_ms` null: until it is finished. */
  goOn(id: RunId, stopAfterMs: number | null): Promise<Answered<ApplyOutput>>;
  observe(operation: "refresh" | "import"): Promise<Answered<RefreshOutput>>;
  status(): Promise<Answered<StatusOutput>>;
  fsck(repair: boolean): Promise<Answered<FsckOutput>>;
  forceUnlock(lockId: string, reason: string | null): Promise<Answered<UnlockOutput>>;
  history(receiptsMax: number): Promise<Answered<HistoryList>>;
  revision(revision: number): Promise<Answered<Receipt>>;
  /** The text of the ledger as it is stored. */
  ledger(): Promise<Answered<string>>;
  unblock(reason: string): Promise<Answered<UnblockOutput>>;
  approve(request: ApproveRequest): Promise<Answered<ApprovedChange>>;
  approvals(all: boolean): Promise<Answered<ApprovalsOutput>>;
  approval(id: string): Promise<Answered<ApprovalOutput>>;
  revoke(id: string, reason: string | null): Promise<Answered<RevokeOutput>>;
  runs(openOnly: boolean): Promise<Answered<RunList>>;
  run(id: RunId): Promise<Answered<ShownRun>>;
  cancel(id: RunId): Promise<Answered<ShownRun>>;
  /** Waits for the end of a run and shows how it comes along. */
  watch(id: RunId): Promise<Answered<ShownRun>>;
  recover(): Operation<Recovered>;
  discard(operationId: string, reason: string | null): Operation<Discarded>;
  restore(graph: GraphId, incarnation: IncarnationId | null): Operation<Restored>;
  reclaim(graph: GraphId | null): Operation<Reclaimed>;
  protect(verb: "protect" | "unprotect", graph: string, reason: string | null): Operation<ProtectedGraphs>;
  load(request: LoadRequest): Promise<Answered<LoadRunOutput>>;
  exportRows(request: ExportRequest): Promise<Answered<ExportedRows>>;
}
