/**
 * The commands that list approvals and show one: how each stands and who holds it. They read only and take no lock.
 *
 * The ledger decides whether an approval was used (W7), so its records are read with the approvals. Which revision used
 * one is looked up in the history only for the one that is shown.
 */
import { readEvidence } from "../apply/approvals/approval-store.ts";
import { pastUse } from "../apply/approvals/past-use.ts";
import { readArtifacts } from "../apply/approvals/read-artifacts.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import type { Artifact } from "../approval/artifact.ts";
import type { Evidence } from "../approval/evidence.ts";
import type { SeenArtifact } from "../approval/match.ts";
import { isOver, type StandingFacts } from "../approval/standing.ts";
import { type Diagnostic, diagnostic, hasErrors } from "../diagnostic/diagnostic.ts";
import type { ApprovalId } from "../digest/ids.ts";
import { APPROVALS_PREFIX } from "../ledger/payload-key.ts";
import { readLedger } from "../ledger/read-ledger.ts";
import type { LedgerReading, ReadyLedger } from "../ledger/reading.ts";
import { type ApprovalSummary, foreignSummary, summaryOf } from "./approval-summary.ts";

export const APPROVALS_OUTPUT_FORMAT_VERSION = 1;

export interface ApprovalsOutput {
  readonly ok: boolean;
  readonly format_version: typeof APPROVALS_OUTPUT_FORMAT_VERSION;
  readonly config_dir: string;
  /** In the order in which they were given. */
  readonly approvals: readonly ApprovalSummary[];
  /** Approvals that were used or revoked and are not listed. */
  readonly over_count: number;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ListApprovals {
  readonly config_dir: string;
  /** Also those that were used or revoked. */
  readonly all: boolean;
}

export async function listApprovals(
  ports: ClusterPorts,
  { config_dir, all }: ListApprovals,
): Promise<ApprovalsOutput> {
  const shelf = await readShelf(ports, !all);
  const listed = all ? shelf.entries : shelf.entries.filter(({ summary }) => !isOver(summary.standing));
  return {
    ok: !hasErrors(shelf.diagnostics),
    format_version: APPROVALS_OUTPUT_FORMAT_VERSION,
    config_dir,
    approvals: listed.map(({ summary }) => summary),
    over_count: shelf.skipped + shelf.entries.length - listed.length,
    diagnostics: shelf.diagnostics,
  };
}

export interface ApprovalDetail {
  readonly summary: ApprovalSummary;
  /** The revision that used it; null if none did or the history does not tell. */
  readonly consumed_in_revision: number | null;
  readonly evidence: Evidence | null;
  readonly artifact: Artifact | null;
}

export interface ApprovalOutput {
  readonly ok: boolean;
  readonly format_version: typeof APPROVALS_OUTPUT_FORMAT_VERSION;
  readonly config_dir: string;
  readonly approval: ApprovalDetail | null;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ShowApproval {
  readonly config_dir: string;
  /** As typed. */
  readonly approval_id: string;
}

export async function showApproval(
  ports: ClusterPorts,
  { config_dir, approval_id }: ShowApproval,
): Promise<ApprovalOutput> {
  const output = (approval: ApprovalDetail | null, diagnostics: readonly Diagnostic[]): ApprovalOutput => ({
    ok: approval !== null && !hasErrors(diagnostics),
    format_version: APPROVALS_OUTPUT_FORMAT_VERSION,
    config_dir,
    approval,
    diagnostics,
  });
  const shelf = await readShelf(ports, false);
  const entry = shelf.entries.find((each) => each.summary.approval_id === approval_id);
  if (entry !== undefined) {
    const consumed_in_revision = await consumingRevision(ports, shelf.ledger, entry);
    return output({ ...entry, consumed_in_revision }, shelf.diagnostics);
  }
  if (hasErrors(shelf.diagnostics)) return output(null, shelf.diagnostics);
  const message = `There is no approval "${approval_id}" that can be read.`;
  const missing = diagnostic("approval_not_found", { path: approval_id, message });
  return output(null, [missing, ...shelf.diagnostics]);
}

type Entry = Omit<ApprovalDetail, "consumed_in_revision">;

interface Shelf {
  readonly entries: readonly Entry[];
  /** Approvals that were not read, because the ledger records their use. */
  readonly skipped: number;
  readonly ledger: ReadyLedger | null;
  readonly diagnostics: readonly Diagnostic[];
}

async function readShelf(ports: ClusterPorts, skipRecorded: boolean): Promise<Shelf> {
  const reading = await readLedger(ports, { repair: false });
  const ledger = reading.tag === "ready" ? reading : null;
  const recorded = new Set(Object.keys(ledger?.state.approval_records ?? {}));
  const skip: ReadonlySet<string> = skipRecorded ? recorded : new Set();
  const [evidence, artifacts] = await Promise.all([readEvidence(ports, skip), readArtifacts(ports, skip)]);
  const skipped = skip.size;
  if (evidence.tag === "unavailable") return unreadable(evidence.reason, ledger);
  if (artifacts.tag === "unavailable") return unreadable(artifacts.reason, ledger);
  const now_ms = ports.clock.nowMs();
  const own = evidence.evidence.map((stored) => {
    const { approval_id } = stored.evidence;
    const artifact = artifacts.artifacts.get(approval_id) ?? { tag: "absent" };
    return ownEntry(stored.evidence, { artifact, recorded: recorded.has(approval_id), now_ms });
  });
  const known = new Set(own.map(({ summary }) => summary.approval_id));
  const foreign = [...artifacts.artifacts].flatMap(([id, seen]) => foreignEntry(id, seen, known));
  const entries = [...own, ...foreign].sort((a, b) =>
    a.summary.approval_id < b.summary.approval_id ? -1 : 1,
  );
  const diagnostics = [...ledgerWarnings(reading), ...evidence.diagnostics, ...artifacts.diagnostics];
  return { entries, skipped, ledger, diagnostics };
}

function ownEntry(evidence: Evidence, facts: StandingFacts): Entry {
  const artifact = facts.artifact.tag === "found" ? facts.artifact.artifact : null;
  return { summary: summaryOf(evidence, facts), evidence, artifact };
}

function foreignEntry(id: ApprovalId, seen: SeenArtifact, known: ReadonlySet<ApprovalId>): readonly Entry[] {
  if (known.has(id) || seen.tag !== "found") return [];
  return [{ summary: foreignSummary(id, seen.artifact), evidence: null, artifact: seen.artifact }];
}

function unreadable(reason: string, ledger: ReadyLedger | null): Shelf {
  const message = `The approvals could not be read: ${reason}.`;
  const facts = { path: APPROVALS_PREFIX.slice(0, -1), message, severity: "error" } as const;
  return { entries: [], skipped: 0, ledger, diagnostics: [diagnostic("approval_read_error", facts)] };
}

/** A ledger that cannot be used does not hide the approvals; what it records of them is missing then. */
function ledgerWarnings(reading: LedgerReading): readonly Diagnostic[] {
  if (reading.tag === "missing") return [];
  return reading.diagnostics.map((each) => ({ ...each, severity: "warning" }));
}

async function consumingRevision(
  ports: ClusterPorts,
  ledger: ReadyLedger | null,
  { summary, evidence }: Entry,
): Promise<number | null> {
  if (evidence === null || summary.standing.state !== "consumed") return null;
  const use = await pastUse(ports, ledger, evidence.approval_id, evidence.state_revision);
  return use.tag === "used" ? use.revision : null;
}
