/**
 * Tasks: what operators want done, and what they are told. One for each command that reads or changes a cluster.
 */
import type { PlanDocument } from "../../lib/plan/plan-document.ts";
import type { ConfigName, GraphName } from "./configs.ts";

export type Task =
  /** `interrupt`: how often it may ask before it is told to stop; absent: never. */
  | { readonly kind: "apply"; readonly config: ConfigName; readonly interrupt?: number }
  /** Plans, keeps the plan, and applies exactly that. */
  | { readonly kind: "plan_and_apply"; readonly config: ConfigName }
  /** Applies a plan that somebody has kept before. */
  | { readonly kind: "apply_kept"; readonly plan: PlanDocument; readonly config: ConfigName }
  | { readonly kind: "refresh"; readonly config: ConfigName }
  | { readonly kind: "import"; readonly config: ConfigName }
  | { readonly kind: "plan"; readonly config: ConfigName }
  /** Plans, keeps the plan, and approves all that it gates; `loss`: also that dropped data may be destroyed. */
  | {
      readonly kind: "approve";
      readonly config: ConfigName;
      readonly tolerance: number;
      readonly loss: boolean;
    }
  /** Plans the purge of a graph, approves it and applies it. */
  | { readonly kind: "purge"; readonly config: ConfigName; readonly graph: GraphName }
  /** Takes back every approval that is open. */
  | { readonly kind: "revoke" }
  /** One row; `note`: with a property that not every config declares. */
  | { readonly kind: "load"; readonly graph: GraphName; readonly note?: string }
  | { readonly kind: "restore"; readonly graph: GraphName }
  | { readonly kind: "reclaim"; readonly graph: GraphName }
  | { readonly kind: "compact"; readonly graph: GraphName }
  | { readonly kind: "protect"; readonly graph: GraphName }
  | { readonly kind: "unprotect"; readonly graph: GraphName }
  /** Discards the first open intent of the graph. */
  | { readonly kind: "discard"; readonly graph: GraphName }
  | { readonly kind: "recover" }
  | { readonly kind: "force_unlock" }
  | { readonly kind: "status" };

export type TaskKind = Task["kind"];

/** What the operator was told. */
export interface Answer {
  readonly outcome: "applied" | "noop" | "partial" | "refused" | "unknown";
  /** That the ledger has a new revision of its own; null: the command does not say. */
  readonly written: boolean | null;
  readonly converged: boolean;
  /** Codes of all errors. */
  readonly codes: readonly string[];
}

/** What the operator was told on the way. */
export interface Notes {
  /** Rows that are stored, with the version that brought them. */
  readonly rows: { readonly graph: string; readonly version: number; readonly name: string }[];
  /** Operations whose intents were discarded. */
  readonly discarded: string[];
  /** Told of each approval that was taken back, at the moment of the answer. */
  readonly onRevoked: (approval: string) => void;
}
