/**
 * What a check says of approvals: evidence, artifact, the ledger's records, the history and the graph's chain must tell
 * one story of each (design 8; C1, C2). Whatever they tell, an approval counts only where nothing speaks against it;
 * here it is about knowing that something does. Pure.
 */
import type { StoredEvidence } from "../apply/approvals/approval-store.ts";
import type { Evidence } from "../approval/evidence.ts";
import { artifactIsFor, type SeenArtifact } from "../approval/match.ts";
import { assertNever } from "../digest/assert.ts";
import type { ApprovalId } from "../digest/ids.ts";
import { APPROVALS_PREFIX, approvalKey, EVIDENCE_PREFIX } from "../ledger/payload-key.ts";
import { factsOf, type JudgedFact } from "./fsck-fact.ts";
import type { FsckReadings } from "./fsck-readings.ts";

const { proven, consistent, unknown, contradicted } = factsOf("approvals");
const UNREADABLE_FIX = "Restore access to the storage root and check again.";
const RESTORED_FIX =
  "It counts as used all the same. Find out who put an older copy back, and restore the newest one.";

const SWEEP_FIX =
  "A sweep finds out whether the operation happened, and uses the approval up or opens it again.";

/** What ledger, history and artifact know of one approval. */
interface Known {
  readonly stored: StoredEvidence;
  readonly artifact: SeenArtifact;
  /** The ledger's records have it as used. */
  readonly recorded: boolean;
  /** The revision that used it; null: none that is known. */
  readonly revision: number | null;
  /** Every revision since it was given is known. */
  readonly history_whole: boolean;
}

export function approvalFacts(readings: FsckReadings): readonly JudgedFact[] {
  const { evidence, artifacts } = readings.approvals;
  if (evidence.tag === "unavailable" || artifacts.tag === "unavailable") {
    const reason =
      evidence.tag === "unavailable"
        ? evidence.reason
        : artifacts.tag === "unavailable"
          ? artifacts.reason
          : "";
    return [unknown(EVIDENCE_PREFIX, `The approvals cannot be read: ${reason}.`, UNREADABLE_FIX)];
  }
  if (readings.reading.tag !== "ready") return [];
  const damaged = [...evidence.diagnostics, ...artifacts.diagnostics].map(({ path, message }) =>
    contradicted(path, message, "It does not count. Restore the object from a backup, or approve again."),
  );
  const records = readings.reading.state.approval_records;
  const uses = usesIn(readings);
  const own = evidence.evidence.map((stored) => {
    const { approval_id, state_revision } = stored.evidence;
    return approvalFact(readings, {
      stored,
      artifact: artifacts.artifacts.get(approval_id) ?? { tag: "absent" },
      recorded: Object.hasOwn(records, approval_id),
      revision: uses.get(approval_id) ?? null,
      history_whole: isWholeSince(readings, state_revision),
    });
  });
  const known = new Set<string>(evidence.evidence.map((each) => each.evidence.approval_id));
  const rest = lonely(readings, artifacts.artifacts, known, uses);
  return [...damaged, ...own, ...rest];
}

function usesIn({ history }: FsckReadings): ReadonlyMap<string, number> {
  const commits = history?.tag === "history" ? history.commits : [];
  const uses = commits.flatMap(({ revision, approvals_consumed }) =>
    approvals_consumed.map(({ approval_id }) => [approval_id, revision] as const),
  );
  return new Map<string, number>(uses.reverse());
}

function isWholeSince({ history }: FsckReadings, revision: number): boolean {
  if (history?.tag !== "history") return false;
  if (history.limit !== null && history.limit.revision > revision) return false;
  return history.gaps.every((gap) => gap.at.revision <= revision);
}

/** Records and artifacts that no evidence explains. */
function lonely(
  { reading }: FsckReadings,
  artifacts: ReadonlyMap<ApprovalId, SeenArtifact>,
  known: ReadonlySet<string>,
  uses: ReadonlyMap<string, number>,
): readonly JudgedFact[] {
  const records = new Set(reading.tag === "ready" ? Object.keys(reading.state.approval_records) : []);
  const seen = new Set<string>([...artifacts.keys(), ...known]);
  const forgotten = [...uses].flatMap(([id, revision]) => {
    if (records.has(id)) return [];
    const statement = `Revision ${revision} used the approval ${id}, and the ledger's records do not have it.`;
    return [contradicted(id, statement, "It counts as used all the same, because the history says so.")];
  });
  const unseen = [...records].flatMap((id) => {
    if (seen.has(id)) return [];
    const statement = `The ledger records that the approval ${id} was used, and neither evidence nor artifact of it is there.`;
    return [unknown(id, statement, "Restore __graphform/approvals from a backup if you have one.")];
  });
  const foreign = [...artifacts].flatMap(([id, artifact]) => {
    if (known.has(id) || artifact.tag !== "found") return [];
    const statement = `The approval ${id} was given by another tool or has lost its evidence, and never counts here.`;
    return [consistent(approvalKey(id), statement)];
  });
  const sum = foreign.length + unseen.length + forgotten.length + known.size;
  const none = sum > 0 ? [] : [consistent(APPROVALS_PREFIX, "There are no approvals.")];
  // One that the history and the evidence tell of is judged with its evidence.
  return [...forgotten.filter(({ subject }) => !known.has(subject)), ...unseen, ...foreign, ...none];
}

function approvalFact(readings: FsckReadings, known: Known): JudgedFact {
  const { evidence } = known.stored;
  switch (evidence.state.tag) {
    case "open":
      return openFact(evidence, known);
    case "reserved":
      return reservedFact(readings, evidence, evidence.state, known);
    case "consumed":
      return consumedFact(readings, evidence, evidence.state, known);
    case "revoked":
      return revokedFact(evidence, known);
    default:
      return assertNever(evidence.state);
  }
}

function text({ approval_id, resource }: Evidence): string {
  return `The approval ${approval_id} of ${resource}`;
}

/** Who says that it was used: the ledger, a revision of the history, or nobody. */
function useText({ recorded, revision }: Known): string | null {
  if (revision !== null) return `revision ${revision} used it`;
  return recorded ? "the ledger records that it was used" : null;
}

function openFact(evidence: Evidence, known: Known): JudgedFact {
  const subject = evidence.approval_id;
  const revoke = { tag: "revoke", approval_id: subject } as const;
  const used = useText(known);
  if (used !== null) {
    return contradicted(subject, `${text(evidence)} is open in its evidence, and ${used}.`, RESTORED_FIX);
  }
  const { artifact } = known;
  if (artifact.tag !== "found") {
    const statement = `${text(evidence)} has no artifact that can be read, so it does not count.`;
    return unknown(subject, statement, "Take it back, and approve again what is still wanted.", revoke);
  }
  if (artifact.artifact.consumed_at !== null) {
    const statement = `${text(evidence)} is open in its evidence, and its artifact says that it was used at ${artifact.artifact.consumed_at}.`;
    return contradicted(subject, statement, "Another tool used it. It does not count; take it back.", revoke);
  }
  if (!artifactIsFor(artifact.artifact, evidence, evidence.config_digest)) {
    const statement = `${text(evidence)} and its artifact are for two different changes.`;
    return contradicted(subject, statement, "It does not count; take it back.", revoke);
  }
  return consistent(subject, `${text(evidence)} is open, in evidence and artifact.`);
}

function reservedFact(
  { lock, intents }: FsckReadings,
  evidence: Evidence,
  state: Extract<Evidence["state"], { tag: "reserved" }>,
  known: Known,
): JudgedFact {
  const subject = evidence.approval_id;
  const { run_id, operation_id } = state.reservation;
  const open = isOpen(intents, operation_id);
  const used = useText(known);
  if (used !== null && !open) {
    const statement = `${text(evidence)} is reserved in its evidence, and ${used}.`;
    return contradicted(subject, statement, RESTORED_FIX);
  }
  if (lock.holder?.run_id === run_id) {
    return consistent(subject, `${text(evidence)} is reserved by the run ${run_id}, which is at work.`);
  }
  const why = open ? "whose operation is not settled" : "which is not at work and has left no open operation";
  const statement = `${text(evidence)} is reserved by the run ${run_id}, ${why}.`;
  return unknown(subject, statement, SWEEP_FIX, { tag: "recover" });
}

/** A sweep will look at the operation again. */
function isOpen(intents: FsckReadings["intents"], operation_id: string): boolean {
  return intents.tag === "read" && intents.open.some((each) => each.operation_id === operation_id);
}

function consumedFact(
  { approvals, intents }: FsckReadings,
  evidence: Evidence,
  state: Extract<Evidence["state"], { tag: "consumed" }>,
  known: Known,
): JudgedFact {
  const subject = evidence.approval_id;
  const use = approvals.uses.get(subject);
  const operation = `the operation ${state.operation_id}`;
  if (use?.tag === "never") {
    const statement = `${text(evidence)} says that ${operation} used it, and the chain of graph.${evidence.graph} has no such operation.`;
    const fix = "It does not count again. Find out who changed the evidence or the graph's manifests.";
    return contradicted(subject, statement, fix);
  }
  if (useText(known) === null) {
    const statement = `${text(evidence)} says that ${operation} used it, and neither the ledger nor its history does.`;
    const fix = "It does not count again. Find out who changed the evidence or the ledger.";
    return known.history_whole ? contradicted(subject, statement, fix) : unknown(subject, statement, fix);
  }
  if (!known.recorded || (known.revision === null && known.history_whole)) {
    const who = known.recorded
      ? "the ledger's records have it, and no revision does"
      : "a revision has it, and the ledger's records do not";
    return contradicted(subject, `${text(evidence)} was used: ${who}.`, RESTORED_FIX);
  }
  if (known.artifact.tag !== "found" || known.artifact.artifact.consumed_at === null) {
    const statement = `${text(evidence)} was used, and its artifact does not say so.`;
    if (isOpen(intents, state.operation_id))
      return unknown(subject, statement, SWEEP_FIX, { tag: "recover" });
    const fix =
      "It does not count here; OmniGraph might still take it for open. Restore the artifact or remove it.";
    return contradicted(subject, statement, fix);
  }
  if (use?.tag === "unknown") {
    const statement = `${text(evidence)} was used, as the ledger records; the chain of graph.${evidence.graph} does not tell: ${use.reason}.`;
    return consistent(subject, statement);
  }
  if (known.revision === null)
    return consistent(subject, `${text(evidence)} was used, as the ledger records.`);
  return proven(subject, `${text(evidence)} was used by ${operation} in revision ${known.revision}.`);
}

function revokedFact(evidence: Evidence, known: Known): JudgedFact {
  const used = useText(known);
  if (used === null) return consistent(evidence.approval_id, `${text(evidence)} was taken back.`);
  return contradicted(evidence.approval_id, `${text(evidence)} was taken back, and ${used}.`, RESTORED_FIX);
}
