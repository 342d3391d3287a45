/**
 * Ledger store: the one document `__cluster/state.json` and the one conditional move that changes it (design 4.1).
 *
 * It is a port of its own because its compare-and-set is the commit point of the whole cluster and is implemented
 * differently per backend: `If-Match` on S3, `link()` of `__graphform/commits/<revision>` on a folder.
 *
 * Guarantees: `commit` is exclusive among all clients, also between processes and also when one of them is stopped
 * between any two system calls and continued later: for every base at most one commit lands. `read` returns the
 * newest landed document; it first completes what a dead writer left half done. Neither knows what a ledger means.
 */
import type { CommitId } from "../digest/ids.ts";
import type { StoredObject, Version } from "./object-store.ts";
import type { Outcome } from "./outcome.ts";

/**
 * `forked`: the document in `state.json` and the newest landed commit have the same revision and different content:
 * someone wrote past the commit point. Both are returned so that a person can decide.
 */
export type LedgerRead =
  | ({ readonly tag: "found" } & StoredObject)
  | { readonly tag: "absent" }
  | { readonly tag: "forked"; readonly committed: Uint8Array; readonly present: Uint8Array }
  | { readonly tag: "unavailable"; readonly reason: string };

export interface LedgerCommit {
  /** Revision of the new document, one above its base (or above the highest head after `import`). */
  readonly revision: number;
  readonly commit_id: CommitId;
  /** The version that `read` gave for the base; null: only if there is no document. */
  readonly base: Version | null;
  readonly bytes: Uint8Array;
}

/** `refused` carries what is there now. */
export type LedgerCommitOutcome = Outcome<Version, LedgerRead>;

export interface LedgerStore {
  /** The newest landed document. May be repeated at will; it completes what a dead writer left half done. */
  read(): Promise<LedgerRead>;
  /** Puts the new document if the base still stands. May be repeated with identical bytes only. */
  commit(commit: LedgerCommit): Promise<LedgerCommitOutcome>;
}
