/**
 * LedgerReading: what a reader of the ledger can find, and no other case. Absence is proven (design 4.7), and a ledger
 * that contradicts its own history is never `ready`.
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { StateCas } from "../digest/digest.ts";
import type { Version } from "../ports/object-store.ts";
import type { CommitIdentity } from "./head.ts";
import type { CommitMarker } from "./marker.ts";
import type { Receipt } from "./receipt.ts";
import type { LedgerState } from "./state.ts";

/** There never was a ledger: no document and no head. */
export interface MissingLedger {
  readonly tag: "missing";
}

export interface ReadyLedger {
  readonly tag: "ready";
  readonly state: LedgerState;
  readonly version: Version;
  readonly cas: StateCas;
  /** The last commit of ours in the document; older than the ledger, or null, if it is foreign. */
  readonly marker: CommitMarker | null;
  /** The commit that the next one builds on; a foreign range counts as one commit. */
  readonly identity: CommitIdentity;
  /** Receipt of `identity`; null if it is missing, which `diagnostics` then says. */
  readonly receipt: Receipt | null;
  /** The present revision was written by another tool. */
  readonly foreign: boolean;
  /** `heads/<revision>.json` is not known to exist; no commit is sent before it does. */
  readonly head_missing: boolean;
  /** False for a reading that wrote nothing: what it lacks must be supplied before a commit. */
  readonly repaired: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

/** The document is gone although the history is there. `import` rebuilds it from `highest`. */
export interface LostLedger {
  readonly tag: "lost";
  readonly highest: CommitIdentity;
  readonly receipt: Receipt | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** The document is older than the history, or of another branch. `import` rebuilds it over `version`. */
export interface RolledBackLedger {
  readonly tag: "rolled_back";
  readonly state: LedgerState;
  readonly version: Version;
  readonly cas: StateCas;
  readonly highest: CommitIdentity;
  readonly receipt: Receipt | null;
  readonly diagnostics: readonly Diagnostic[];
}

export type LedgerReading =
  | MissingLedger
  | ReadyLedger
  | LostLedger
  | RolledBackLedger
  | { readonly tag: "forked"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] }
  | { readonly tag: "unavailable"; readonly diagnostics: readonly Diagnostic[] };

/** What a commit can build on. */
export type CommitBase = MissingLedger | ReadyLedger | LostLedger | RolledBackLedger;
