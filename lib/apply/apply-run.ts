/**
 * ApplyRun: one execution of apply while it holds the lease: who, why, on what, and how it is told to stop.
 */
import type { Address } from "../desired/address.ts";
import type { Desired } from "../desired/desired.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { GraphId, OperationId, PlanId, RunId } from "../digest/ids.ts";
import type { Protections } from "../ledger/protection.ts";
import type { CommitBase, ReadyLedger } from "../ledger/reading.ts";
import type { CommitKind, ConsumedApproval, RecordedGraph, RecoveredOperation } from "../ledger/receipt.ts";
import type { LedgerState } from "../ledger/state.ts";
import type { Change } from "../plan/change.ts";
import type { LockFacts } from "../plan/state-observations.ts";
import type { ClusterPorts } from "./cluster-ports.ts";
import type { KeyListing } from "./list-all.ts";
import type { OpenIntents } from "./recovery/open-intents.ts";

/** What a terminal shows while a run goes on. */
export type ApplyProgress =
  | { readonly tag: "effect_started"; readonly graph: GraphId; readonly kind: string }
  | { readonly tag: "effect_ended"; readonly graph: GraphId; readonly kind: string; readonly result: string }
  | { readonly tag: "payloads"; readonly count: number };

export interface RunCommit {
  readonly kind: Exclude<CommitKind, "foreign">;
  /** The plan that a run with a record has made for itself; absent: the one that it was given. */
  readonly plan_id?: PlanId;
  /** The operation that carries out the change of each address, where one does. */
  readonly operations: ReadonlyMap<Address, OperationId>;
  readonly recovered: readonly RecoveredOperation[];
  readonly changes: readonly Change[];
  /** Approvals that this commit uses up (C2). */
  readonly approvals: readonly ConsumedApproval[];
  /** Only the graphs that this commit moves; the others stay as the parent has them. */
  readonly graphs: ReadonlyMap<GraphId, RecordedGraph>;
  /** Comes true once everything is stored that the ledger is about to name; absent: it is. False: nothing is sent. */
  readonly cleared?: Promise<boolean>;
  /** Left out by everything but the command that changes them: then the parent's go on. */
  readonly protections?: Protections;
}

/**
 * `stopped`: it did not land and never will. `unknown`: it may have landed; intents stay in place (design 4.5).
 * `head_missing` is settled by the next run before it commits.
 */
export type RunCommitted =
  | { readonly tag: "committed"; readonly ledger: ReadyLedger }
  /** It landed, and another run has already committed on top of it: this run must not commit or send anything more. */
  | { readonly tag: "superseded"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly tag: "stopped"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly tag: "unknown"; readonly diagnostics: readonly Diagnostic[] };

export interface ApplyRun {
  readonly ports: ClusterPorts;
  readonly run_id: RunId;
  readonly actor: string | null;
  readonly plan_id: PlanId | null;
  readonly desired: Desired;
  /** Its lock, as its answer shows it. */
  readonly lock: LockFacts;
  /** Asked for after the ledger's document was read, and not before (design 7). */
  readonly intents: Promise<OpenIntents>;
  /** The names of the approvals, asked for beside the intents; the files are read after those (design 7). */
  readonly evidence: Promise<KeyListing>;
  readonly commit: (base: CommitBase, next: LedgerState, facts: RunCommit) => Promise<RunCommitted>;
  /** True once somebody asked the run to stop between two effects. */
  readonly interrupted: () => boolean;
  readonly progress: (progress: ApplyProgress) => void;
}
