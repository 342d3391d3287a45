/**
 * The revoke command: somebody takes an approval back (design 8). The evidence goes from open to revoked by one
 * conditional write, so that of a run that wants to use the approval and a person who takes it back exactly one wins.
 * Then the artifact gets `consumed_at`, for OmniGraph.
 *
 * It takes no lock. What is reserved or used is refused, with who holds it; revoking twice is revoking once.
 */
import {
  markArtifactConsumed,
  moveEvidence,
  type OneEvidence,
  readOneEvidence,
} from "../apply/approvals/approval-store.ts";
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { type Evidence, revoked } from "../approval/evidence.ts";
import { type Diagnostic, diagnostic, hasErrors } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { type ApprovalId, isUlid } from "../digest/ids.ts";
import { checkDeployment } from "../ledger/deployment.ts";
import { approvalKey, evidenceKey } from "../ledger/payload-key.ts";
import { readLedger } from "../ledger/read-ledger.ts";
import { readObjectRetrying } from "../ledger/retry.ts";
import { timestamp } from "../ports/clock.ts";
import { REVOKE_TRIES_MAX } from "./limits.ts";
import { namedActor } from "./named-actor.ts";

export const REVOKE_OUTPUT_FORMAT_VERSION = 1;

export interface RevokeCommand {
  readonly config_dir: string;
  /** As typed. */
  readonly approval_id: string;
  readonly actor: string | null;
  readonly reason: string | null;
}

export interface RevokeOutput {
  readonly ok: boolean;
  readonly format_version: typeof REVOKE_OUTPUT_FORMAT_VERSION;
  readonly config_dir: string;
  /** This and the next two are there if the approval was found. */
  readonly approval_id?: string;
  readonly resource?: string;
  /** Who took it back, now or earlier; absent if nobody did. */
  readonly revoked_by?: string;
  readonly diagnostics: readonly Diagnostic[];
}

export async function revokeApproval(ports: ClusterPorts, command: RevokeCommand): Promise<RevokeOutput> {
  const output = (evidence: Evidence | null, diagnostics: readonly Diagnostic[]): RevokeOutput => ({
    ok: !hasErrors(diagnostics),
    format_version: REVOKE_OUTPUT_FORMAT_VERSION,
    config_dir: command.config_dir,
    ...(evidence === null ? {} : { approval_id: evidence.approval_id, resource: evidence.resource }),
    ...(evidence?.state.tag === "revoked" ? { revoked_by: evidence.state.by } : {}),
    diagnostics,
  });
  const named = namedActor(command.actor, command.reason, "revoke");
  if (named.tag === "refused") return output(null, named.diagnostics);
  if (!isUlid(command.approval_id)) {
    return output(null, [
      notFound(command.approval_id, `"${command.approval_id}" is not the id of an approval.`),
    ]);
  }
  const deployment = await checkDeployment(ports, ports.lease_table);
  if (deployment.tag === "refused") return output(null, deployment.diagnostics);
  const by = { actor: named.actor, reason: command.reason };
  const revocation = await revoke(ports, command.approval_id as ApprovalId, by);
  return output(revocation.evidence, revocation.diagnostics);
}

interface Revoked {
  /** As it is known to be at the end; null if it was not found. */
  readonly evidence: Evidence | null;
  readonly diagnostics: readonly Diagnostic[];
}

interface Revoker {
  readonly actor: string;
  readonly reason: string | null;
}

async function revoke(ports: ClusterPorts, id: ApprovalId, by: Revoker): Promise<Revoked> {
  for (let round = 0; round < REVOKE_TRIES_MAX; round += 1) {
    const found = await readOneEvidence(ports, id);
    if (found.tag === "invalid") return revokeDamaged(ports, id, found.detail);
    if (found.tag !== "found") return { evidence: null, diagnostics: [await missing(ports, id, found)] };
    const { evidence } = found.stored;
    const held = await heldBy(ports, evidence);
    if (held !== null) return { evidence, diagnostics: [held] };
    if (evidence.state.tag === "revoked") return marked(ports, evidence, evidence.state.at);
    const at = timestamp(ports.clock);
    const revocation = { by: by.actor, at, reason: by.reason };
    const moved = await moveEvidence(ports, found.stored, revoked(evidence, revocation, ports.ids.next()));
    switch (moved.tag) {
      case "moved":
        return marked(ports, moved.stored.evidence, at);
      case "unknown":
        return { evidence, diagnostics: [unknown(id, moved.reason)] };
      case "refused":
        break;
      default:
        return assertNever(moved);
    }
  }
  return { evidence: null, diagnostics: [unknown(id, "it changes faster than it can be revoked")] };
}

/** Who has the approval already; null if it can be taken back. The ledger knows of a use that the evidence missed. */
async function heldBy(ports: ClusterPorts, { approval_id, state }: Evidence): Promise<Diagnostic | null> {
  const path = approval_id;
  switch (state.tag) {
    case "revoked":
      return null;
    case "reserved": {
      const { run_id, operation_id } = state.reservation;
      const message = `The run ${run_id} has reserved the approval for its operation ${operation_id}.`;
      return diagnostic("approval_reserved", { path, message });
    }
    case "consumed": {
      const message = `The operation ${state.operation_id} used the approval at ${state.at}.`;
      return diagnostic("approval_used", { path, message });
    }
    case "open": {
      const reading = await readLedger(ports, { repair: false });
      const used = reading.tag === "ready" && Object.hasOwn(reading.state.approval_records, approval_id);
      if (!used) return null;
      const message = "The ledger records that the approval was used.";
      return diagnostic("approval_used", { path, message });
    }
    default:
      return assertNever(state);
  }
}

/** The revocation stands whatever becomes of the artifact; one that was never written needs no mark. */
async function marked(ports: ClusterPorts, evidence: Evidence, at: string): Promise<Revoked> {
  const { approval_id } = evidence;
  if (await markArtifactConsumed(ports, approval_id, at)) return { evidence, diagnostics: [] };
  const key = approvalKey(approval_id);
  const artifact = await readObjectRetrying(ports, key);
  if (artifact.tag === "absent") return { evidence, diagnostics: [] };
  const message = `The approval is revoked, but ${key} could not be rewritten.`;
  return { evidence, diagnostics: [diagnostic("approval_mark_failed", { path: key, message })] };
}

/**
 * Evidence that cannot be read never counts, and is left as it is; its artifact alone may still stand in the way of a
 * change, so that is what is taken back.
 */
async function revokeDamaged(ports: ClusterPorts, id: ApprovalId, detail: string): Promise<Revoked> {
  const path = evidenceKey(id);
  const done = await markArtifactConsumed(ports, id, timestamp(ports.clock));
  const message = `The evidence cannot be read: ${detail}. Its approval does not count${done ? ", and its artifact says so now" : ""}.`;
  const severity = done ? "warning" : "error";
  return {
    evidence: null,
    diagnostics: [diagnostic("invalid_approval_evidence", { path, message, severity })],
  };
}

async function missing(
  ports: ClusterPorts,
  id: ApprovalId,
  found: Exclude<OneEvidence, { tag: "found" | "invalid" }>,
): Promise<Diagnostic> {
  const path = evidenceKey(id);
  switch (found.tag) {
    case "absent": {
      const artifact = await readObjectRetrying(ports, approvalKey(id));
      if (artifact.tag !== "found") return notFound(id, `There is no approval ${id}.`);
      return notFound(id, `The approval ${id} was given by another tool and never counts here.`);
    }
    case "unavailable": {
      const message = `The approval ${id} could not be read: ${found.reason}.`;
      return diagnostic("approval_read_error", { path, message, severity: "error" });
    }
    default:
      return assertNever(found);
  }
}

function notFound(path: string, message: string): Diagnostic {
  return diagnostic("approval_not_found", { path, message });
}

function unknown(id: ApprovalId, reason: string): Diagnostic {
  const message = `It is not known whether the approval ${id} was revoked: ${reason}.`;
  const fix = `Revoke it again; \`graphform approvals show ${id}\` tells how it stands.`;
  return diagnostic("approval_write_error", { path: id, message, fix });
}
