/**
 * RunOrdering: what somebody asks a deployment to do, and the first version of the run record that says so. Pure but for
 * ids and time, which are handed in.
 */
import type { Caller } from "../access/caller.ts";
import { queuedRun, type RunLoad, type RunRecord, type RunUpload } from "../apply/runs/run-record.ts";
import { assertNever } from "../digest/assert.ts";
import { type Digest, sha256 } from "../digest/digest.ts";
import type { GraphId, PlanId, RunId } from "../digest/ids.ts";
import type { LoadMode } from "../engine/engine.ts";
import type { GitOrigin } from "../ledger/receipt.ts";

export type RunAsk =
  | { readonly kind: "import" | "refresh" | "recover" }
  | {
      readonly kind: "plan";
      readonly bundle_digest: Digest;
      readonly targets: readonly GraphId[] | null;
      readonly purge: GraphId | null;
    }
  | {
      readonly kind: "apply";
      readonly bundle_digest: Digest;
      readonly targets: readonly GraphId[] | null;
      readonly allow_mass_delete: boolean;
    }
  | { readonly kind: "apply_plan"; readonly plan_id: PlanId; readonly allow_mass_delete: boolean }
  | {
      readonly kind: "load";
      readonly graph: GraphId;
      readonly mode: LoadMode;
      /** The object in the inbox. */
      readonly upload_key: string;
    }
  | {
      readonly kind: "export";
      readonly graph: GraphId;
      /** Null: the newest when the run is at work. */
      readonly version: number | null;
      readonly edge_ids: boolean;
    };

export interface RunOrigin {
  readonly actor: string | null;
  /** What started the run: `api`, `upload`, `schedule`. */
  readonly trigger: string;
  readonly git: GitOrigin | null;
  /** Two orders of one actor and key are one run; null: every order is a run of its own. */
  readonly idempotency_key: string | null;
  /** The verified facts about whoever orders it; policy is asked with them again when the run is at work. */
  readonly caller?: Caller | null;
  /** What was uploaded, where that is what ordered it. */
  readonly upload?: RunUpload | null;
}

export type RunOrdering = RunAsk & RunOrigin;

/** What tells one order from another. */
export function orderDigest(ordering: RunOrdering): Digest {
  return sha256(JSON.stringify([askedOf(ordering), ordering.actor, ordering.git]));
}

function askedOf(ask: RunAsk): readonly unknown[] {
  switch (ask.kind) {
    case "import":
    case "refresh":
    case "recover":
      return [ask.kind];
    case "plan":
      return [ask.kind, ask.bundle_digest, sorted(ask.targets), ask.purge];
    case "apply":
      return [ask.kind, ask.bundle_digest, sorted(ask.targets), ask.allow_mass_delete];
    case "apply_plan":
      return [ask.kind, ask.plan_id, ask.allow_mass_delete];
    case "load":
      return [ask.kind, ask.graph, ask.mode, ask.upload_key];
    case "export":
      return [ask.kind, ask.graph, ask.version, ask.edge_ids];
    default:
      return assertNever(ask);
  }
}

function sorted(targets: readonly GraphId[] | null): readonly GraphId[] | null {
  return targets === null ? null : [...new Set(targets)].sort();
}

export interface RecordFacts {
  readonly run_id: RunId;
  readonly change_id: string;
  /** RFC 3339 UTC. */
  readonly created_at: string;
  /** The config of the reviewed plan, where one is to be applied. */
  readonly planned_bundle: Digest | null;
  /** Where that config came from. */
  readonly planned_git: GitOrigin | null;
}

/** The record of a run that nobody has worked on. */
export function orderedRun(ordering: RunOrdering, facts: RecordFacts): RunRecord {
  const { actor, trigger, git, idempotency_key, caller = null, upload = null } = ordering;
  const { run_id, created_at, change_id } = facts;
  const who = { run_id, idempotency_key, actor, trigger, git, caller, upload, created_at };
  const all = { mode: "auto", bundle_digest: null, targets: null, allow_mass_delete: false } as const;
  switch (ordering.kind) {
    case "import":
    case "refresh":
    case "recover":
      return queuedRun({ ...who, ...all, operation: ordering.kind }, change_id);
    case "plan": {
      const { bundle_digest, purge } = ordering;
      const targets = sorted(ordering.targets);
      const asked = { operation: "apply", mode: "plan", bundle_digest, targets, purge } as const;
      return queuedRun({ ...who, ...all, ...asked }, change_id);
    }
    case "apply": {
      const { bundle_digest, allow_mass_delete } = ordering;
      const targets = sorted(ordering.targets);
      const asked = { operation: "apply", bundle_digest, targets, allow_mass_delete } as const;
      return queuedRun({ ...who, ...all, ...asked }, change_id);
    }
    case "apply_plan": {
      const { plan_id, allow_mass_delete } = ordering;
      const bundle_digest = facts.planned_bundle;
      const asked = {
        operation: "apply",
        bundle_digest,
        allow_mass_delete,
        reviewed_plan_id: plan_id,
        git: facts.planned_git,
      } as const;
      return queuedRun({ ...who, ...all, ...asked }, change_id);
    }
    case "load": {
      const { graph, mode, upload_key } = ordering;
      const load: RunLoad = { graph, mode, upload_key, since_version: null };
      return queuedRun({ ...who, ...all, operation: "load", load }, change_id);
    }
    case "export": {
      const { graph, version, edge_ids } = ordering;
      const wanted = { graph, version, edge_ids };
      return queuedRun({ ...who, ...all, operation: "export", export: wanted }, change_id);
    }
    default:
      return assertNever(ordering);
  }
}
