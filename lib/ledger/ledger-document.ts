/** What the steps of reading a ledger hand to each other. */
import type { Clock } from "../ports/clock.ts";
import type { LedgerStore } from "../ports/ledger-store.ts";
import type { ObjectStore, StoredObject } from "../ports/object-store.ts";
import type { CommitMarker } from "./marker.ts";
import type { LedgerState } from "./state.ts";

export interface LedgerPorts {
  readonly store: ObjectStore;
  readonly ledger: LedgerStore;
  readonly clock: Clock;
}

export interface ReadLedgerOptions {
  /** Only under the lease: supply a missing head, and the receipt of a foreign range. */
  readonly repair: boolean;
  /** Called each time the document has been read: what has to be read after it need not wait for its proofs. */
  readonly onDocument?: () => void;
}

/** A decoded document and where it came from. */
export interface LedgerDocument extends StoredObject {
  readonly state: LedgerState;
  readonly marker: CommitMarker | null;
}
