/**
 * CommitSettlement: finding out what became of a commit whose answer was a refusal or was lost (design 4.5).
 *
 * An own write is recognised by identity and history, never by content: the marker names the attempt, or the receipts
 * that lead down from the marker do, or the head of the revision does. What none of them decides is `unknown`.
 */
import { assertNever } from "../digest/assert.ts";
import type { LedgerRead } from "../ports/ledger-store.ts";
import type { Version } from "../ports/object-store.ts";
import { decodeLedger } from "./codec.ts";
import type { CommitAttempt } from "./commit-facts.ts";
import { isInHistory, readHeadOf } from "./history.ts";
import type { LedgerPorts } from "./ledger-document.ts";
import { readMarker } from "./marker.ts";
import { retryRead } from "./retry.ts";

/**
 * `landed`: it is the newest document. `superseded`: it landed and others have built on it. `refused`: it never will
 * be in the history. `unchanged`: the base still stands. `unknown`: not decided.
 */
export type Settlement =
  | { readonly tag: "landed"; readonly version: Version }
  | { readonly tag: "superseded" }
  | { readonly tag: "refused"; readonly reason: string }
  | { readonly tag: "unchanged" }
  | { readonly tag: "unknown"; readonly reason: string };

/** What `seen`, or a new look if it could not be read, says about the attempt. */
export async function settleCommit(
  ports: LedgerPorts,
  attempt: CommitAttempt,
  seen: LedgerRead,
): Promise<Settlement> {
  const read = seen.tag === "unavailable" ? await retryRead(ports.clock, () => ports.ledger.read()) : seen;
  switch (read.tag) {
    case "unavailable":
      return { tag: "unknown", reason: read.reason };
    case "absent":
      if (attempt.base_version === null) return { tag: "unchanged" };
      return byHead(ports, attempt, "the ledger is gone");
    case "forked":
      return byDocument(ports, attempt, read.committed, null);
    case "found":
      if (read.version === attempt.base_version) return { tag: "unchanged" };
      return byDocument(ports, attempt, read.bytes, read.version);
    default:
      return assertNever(read);
  }
}

async function byDocument(
  ports: LedgerPorts,
  attempt: CommitAttempt,
  bytes: Uint8Array,
  version: Version | null,
): Promise<Settlement> {
  const decoded = decodeLedger(bytes);
  if (decoded.tag === "invalid") return byHead(ports, attempt, "the ledger is not readable any more");
  const reading = readMarker(decoded.state);
  if (reading.tag !== "marked") return byHead(ports, attempt, "another tool wrote the ledger");
  const { marker } = reading;
  if (marker.commit_id === attempt.identity.commit_id) {
    const newest = version !== null && decoded.state.state_revision === marker.state_revision;
    return newest ? { tag: "landed", version } : { tag: "superseded" };
  }
  const from = {
    revision: marker.state_revision,
    commit_id: marker.commit_id,
    receipt_digest: marker.receipt_digest,
  };
  switch (await isInHistory(ports, from, attempt.identity)) {
    case "yes":
      return { tag: "superseded" };
    case "no":
      // An older document may be a copy that was put back after the attempt had landed: then only its head knows.
      if (decoded.state.state_revision < attempt.identity.revision) {
        return byHead(ports, attempt, "the ledger went back to an older revision");
      }
      return { tag: "refused", reason: `another run has committed revision ${attempt.identity.revision}` };
    case "unknown":
      return byHead(ports, attempt, "the history cannot be followed");
  }
}

/** Where document and receipts do not decide, the head of the revision may. */
async function byHead(ports: LedgerPorts, attempt: CommitAttempt, reason: string): Promise<Settlement> {
  const { revision, commit_id } = attempt.identity;
  const head = await readHeadOf(ports, revision);
  if (head.tag !== "head") return { tag: "unknown", reason };
  return head.head.commit_id === commit_id ? { tag: "superseded" } : { tag: "refused", reason };
}
