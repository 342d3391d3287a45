/**
 * Match: does an approval count for a change in this world? (spec/cluster 10.2, design 8, C1)
 *
 * An approval is for one change: resource, operation, config digest, digests before and after. Whatever else stands in
 * its way is a flaw, and every flaw says what it is and what to do. What only the graph's chain or the ledger's history
 * can tell is judged from what was read of them; not knowing is a flaw as well.
 *
 * Guarantees: pure. An approval without a flaw counts; there is no other way to count.
 */
import type { Address } from "../desired/address.ts";
import type { ApprovalId, GraphId, IncarnationId, RunId } from "../digest/ids.ts";
import type { Artifact } from "./artifact.ts";
import type { ApprovedOperation, Evidence, Revocation } from "./evidence.ts";

/** A change that needs an approval. */
export interface GatedChange {
  readonly resource: Address;
  readonly operation: ApprovedOperation;
  readonly before_digest: string | null;
  readonly after_digest: string | null;
  /** Null for a policy. */
  readonly graph: GraphId | null;
}

/** What lies beside the evidence. `unreadable` covers files of a newer version. */
export type SeenArtifact =
  | { readonly tag: "found"; readonly artifact: Artifact }
  | { readonly tag: "absent" }
  | { readonly tag: "unreadable" };

export interface Approval {
  readonly evidence: Evidence;
  readonly artifact: SeenArtifact;
}

/** What is live of the graph of a change. */
export interface SeenGraph {
  /** Null: nothing is live. */
  readonly incarnation: IncarnationId | null;
  readonly rows_written: number | null;
}

export interface MatchWorld {
  /** Milliseconds since the Unix epoch. */
  readonly now_ms: number;
  /** Who made the plan that is to run. */
  readonly submitter: string | null;
  /** Null for a policy. */
  readonly graph: SeenGraph | null;
}

/** A version that ends what an approval was given for. */
export type LifeEnding = "remove" | "restore" | "migrate";

/**
 * What makes an approval void once it was published after the reviewed version (C5). Whoever approved a destruction saw
 * what it would destroy; every other schema change may have added to that.
 */
export function lifeEndings(operation: ApprovedOperation): readonly LifeEnding[] {
  return operation === "data_loss" || operation === "purge"
    ? ["remove", "restore", "migrate"]
    : ["remove", "restore"];
}

/** What the graph's chain says of the versions since the reviewed one. */
export type LifeSince =
  | { readonly tag: "unbroken" }
  | { readonly tag: "broken"; readonly cause: LifeEnding; readonly version: number }
  | { readonly tag: "unknown"; readonly reason: string };

/** What the ledger's history says of the approval's use. */
export type PastUse =
  | { readonly tag: "unused" }
  | { readonly tag: "used"; readonly revision: number }
  | { readonly tag: "unknown"; readonly reason: string };

export type Flaw =
  | { readonly tag: "no_evidence" }
  | { readonly tag: "no_artifact" }
  | { readonly tag: "unreadable_artifact" }
  | { readonly tag: "different_artifact" }
  | { readonly tag: "consumed_artifact"; readonly at: string }
  | { readonly tag: "reserved"; readonly run_id: RunId }
  | { readonly tag: "consumed"; readonly at: string }
  | ({ readonly tag: "revoked" } & Revocation)
  | { readonly tag: "expired"; readonly at: string }
  | { readonly tag: "given_by_submitter"; readonly by: string }
  | { readonly tag: "unknown_submitter" }
  | { readonly tag: "graph_not_live" }
  | { readonly tag: "other_incarnation" }
  | { readonly tag: "rows_written"; readonly rows: number; readonly tolerance: number }
  | Exclude<LifeSince, { tag: "unbroken" | "unknown" }>
  | { readonly tag: "unknown_life"; readonly reason: string }
  | { readonly tag: "used"; readonly revision: number }
  | { readonly tag: "unknown_use"; readonly reason: string };

/** True if the approval was given for exactly this change. */
export function isFor(evidence: Evidence, change: GatedChange, config_digest: string): boolean {
  return (
    evidence.resource === change.resource &&
    evidence.operation === change.operation &&
    evidence.graph === change.graph &&
    evidence.config_digest === config_digest &&
    evidence.before_digest === change.before_digest &&
    evidence.after_digest === change.after_digest
  );
}

/** The same for what OmniGraph's file can say. */
export function artifactIsFor(artifact: Artifact, change: GatedChange, config_digest: string): boolean {
  return (
    artifact.resource === change.resource &&
    artifact.bound_config_digest === config_digest &&
    artifact.bound_before_digest === change.before_digest &&
    artifact.bound_after_digest === change.after_digest
  );
}

/** What stands in the way of an approval of this change, as far as can be told without chain and history. */
export function flawsOf({ evidence, artifact }: Approval, world: MatchWorld): readonly Flaw[] {
  const ended = stateFlaws(evidence);
  if (ended.length > 0) return ended;
  return [
    ...artifactFlaws(evidence, artifact),
    ...expiryFlaws(evidence, world.now_ms),
    ...submitterFlaws(evidence, world.submitter),
    ...graphFlaws(evidence, world.graph),
  ];
}

/** Where an approval has left the state in which it can be used, nothing else about it matters. */
function stateFlaws({ state }: Evidence): readonly Flaw[] {
  switch (state.tag) {
    case "open":
      return [];
    case "reserved":
      return [{ tag: "reserved", run_id: state.reservation.run_id }];
    case "consumed":
      return [{ tag: "consumed", at: state.at }];
    case "revoked":
      return [state];
  }
}

function artifactFlaws(evidence: Evidence, seen: SeenArtifact): readonly Flaw[] {
  switch (seen.tag) {
    case "absent":
      return [{ tag: "no_artifact" }];
    case "unreadable":
      return [{ tag: "unreadable_artifact" }];
    case "found": {
      const { artifact } = seen;
      const same =
        artifact.approval_id === evidence.approval_id &&
        artifact.approved_by === evidence.approved_by &&
        artifactIsFor(artifact, evidence, evidence.config_digest);
      if (!same) return [{ tag: "different_artifact" }];
      return artifact.consumed_at === null ? [] : [{ tag: "consumed_artifact", at: artifact.consumed_at }];
    }
  }
}

function expiryFlaws(evidence: Evidence, now_ms: number): readonly Flaw[] {
  const { expires_at } = evidence;
  return expires_at !== null && hasExpired(evidence, now_ms) ? [{ tag: "expired", at: expires_at }] : [];
}

export function hasExpired({ expires_at }: Evidence, now_ms: number): boolean {
  return expires_at !== null && now_ms >= Date.parse(expires_at);
}

/** The rule that counts is the one that was stamped into the approval. */
function submitterFlaws(evidence: Evidence, submitter: string | null): readonly Flaw[] {
  if (evidence.self_approval === "allowed") return [];
  if (submitter === null) return [{ tag: "unknown_submitter" }];
  return submitter === evidence.approved_by ? [{ tag: "given_by_submitter", by: submitter }] : [];
}

function graphFlaws(evidence: Evidence, seen: SeenGraph | null): readonly Flaw[] {
  if (evidence.graph === null) return [];
  if (seen === null || seen.incarnation === null || seen.rows_written === null) {
    return [{ tag: "graph_not_live" }];
  }
  if (evidence.incarnation !== seen.incarnation) return [{ tag: "other_incarnation" }];
  const rows = seen.rows_written - (evidence.rows_written ?? 0);
  const { tolerance } = evidence;
  return rows > tolerance ? [{ tag: "rows_written", rows, tolerance }] : [];
}

export function lifeFlaws(life: LifeSince): readonly Flaw[] {
  if (life.tag === "unbroken") return [];
  return [life.tag === "broken" ? life : { tag: "unknown_life", reason: life.reason }];
}

export function useFlaws(use: PastUse): readonly Flaw[] {
  if (use.tag === "unused") return [];
  return [use.tag === "used" ? use : { tag: "unknown_use", reason: use.reason }];
}

/** True if the approval has had its use or was taken back: it is over, and needs no explanation beside a new one. */
export function isSpent(flaws: readonly Flaw[]): boolean {
  return flaws.some(({ tag }) => SPENT.has(tag));
}

const SPENT: ReadonlySet<Flaw["tag"]> = new Set(["consumed", "revoked", "used", "consumed_artifact"]);

interface FlawText {
  readonly what: string;
  /** An imperative without a final stop. */
  readonly todo: string;
}

const AGAIN = "plan again, then approve that plan";

/** Why the approval does not count, and what to do, in a sentence that names it. */
export function flawText(approval_id: ApprovalId, flaw: Flaw): string {
  const { what, todo } = textOf(flaw);
  return `The approval ${approval_id} does not count: ${what}; ${todo}.`;
}

function textOf(flaw: Flaw): FlawText {
  switch (flaw.tag) {
    case "no_evidence":
    case "no_artifact":
    case "unreadable_artifact":
    case "different_artifact":
    case "consumed_artifact":
      return documentText(flaw);
    case "reserved":
    case "consumed":
    case "revoked":
    case "used":
    case "unknown_use":
      return useText(flaw);
    case "graph_not_live":
    case "other_incarnation":
    case "rows_written":
    case "broken":
    case "unknown_life":
      return graphText(flaw);
    case "expired":
      return { what: `it expired at ${flaw.at}`, todo: AGAIN };
    case "given_by_submitter":
      return { what: `${flaw.by} made the plan as well`, todo: "have somebody else approve it" };
    case "unknown_submitter":
      return { what: "it is not known who made the plan", todo: "plan again and say who you are with --as" };
  }
}

type DocumentFlaw = Extract<Flaw, { tag: `${string}_evidence` | `${string}_artifact` }>;

function documentText(flaw: DocumentFlaw): FlawText {
  switch (flaw.tag) {
    case "no_evidence":
      return {
        what: "there is no readable evidence of what was reviewed, as when another tool gave it",
        todo: AGAIN,
      };
    case "no_artifact":
      return { what: "its artifact is missing, because giving it did not finish", todo: AGAIN };
    case "unreadable_artifact":
      return { what: "its artifact cannot be read", todo: AGAIN };
    case "different_artifact":
      return {
        what: "its artifact and its evidence are for different changes",
        todo: "find out who else writes to the storage root, then approve again",
      };
    case "consumed_artifact":
      return { what: `its artifact says that it was used or taken back at ${flaw.at}`, todo: AGAIN };
  }
}

type UseFlaw = Extract<Flaw, { tag: "reserved" | "consumed" | "revoked" | "used" | "unknown_use" }>;

function useText(flaw: UseFlaw): FlawText {
  switch (flaw.tag) {
    case "reserved":
      return {
        what: `the run ${flaw.run_id} is using it or died while it did`,
        todo: "wait for it, or run `graphform recover`, which settles what died",
      };
    case "consumed":
      return { what: `it was used at ${flaw.at}, and an approval is used once`, todo: AGAIN };
    case "revoked": {
      const why = flaw.reason === null ? "" : ` (${flaw.reason})`;
      return {
        what: `${flaw.by} took it back at ${flaw.at}${why}`,
        todo: `talk to ${flaw.by} before you approve again`,
      };
    }
    case "used":
      return { what: `revision ${flaw.revision} used it, and an approval is used once`, todo: AGAIN };
    case "unknown_use":
      return { what: `it is not known whether it was used: ${flaw.reason}`, todo: AGAIN };
  }
}

type GraphFlaw = Extract<
  Flaw,
  { tag: "graph_not_live" | "other_incarnation" | "rows_written" | "broken" | "unknown_life" }
>;

function graphText(flaw: GraphFlaw): FlawText {
  switch (flaw.tag) {
    case "graph_not_live":
      return {
        what: "its graph is not live or cannot be seen",
        todo: "run `graphform refresh`, then plan again",
      };
    case "other_incarnation":
      return { what: "it is for an earlier graph of that name, which was deleted since", todo: AGAIN };
    case "rows_written": {
      const { rows, tolerance } = flaw;
      const what = `${rows} rows were written since the plan that was reviewed, and it tolerates ${tolerance}`;
      return { what, todo: `${AGAIN}, with --tolerance if more rows are on their way` };
    }
    case "broken": {
      return { what: `the graph was ${flaw.cause}d in its version ${flaw.version} since`, todo: AGAIN };
    }
    case "unknown_life":
      return { what: `it is not known what happened to the graph since: ${flaw.reason}`, todo: AGAIN };
  }
}
