/**
 * ClusterAtRest: is nobody at work on the cluster, and what is its ledger? A backup asks before and after it has copied:
 * as long as the ledger is the same and no intent is open, no effect of an apply has come between (design 7: effects
 * run only after a commit that names them). Loads need no lock and change no ledger; they are told by the manifests.
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { LockId } from "../digest/ids.ts";
import { lockRecordKey } from "../ledger/keys.ts";
import type { LedgerPorts } from "../ledger/ledger-document.ts";
import { observeLock } from "../ledger/lock-observation.ts";
import { RECOVERIES_PREFIX } from "../ledger/payload-key.ts";
import { readLedger } from "../ledger/read-ledger.ts";
import type { ReadyLedger } from "../ledger/reading.ts";
import { readObjectRetrying, retryRead } from "../ledger/retry.ts";
import type { LeaseTable } from "../ports/lease-table.ts";
import { STATE_KEY } from "../ports/state-key.ts";
import { listKeys } from "./list-keys.ts";
import { done, type Step, someOf, stopped } from "./step.ts";

export interface SourcePorts extends LedgerPorts {
  /** The table that `deployment.json` names; one that cannot be reached answers so. */
  readonly lease: LeaseTable;
}

export type Rest =
  | {
      readonly tag: "at_rest";
      readonly ledger: ReadyLedger;
      /** The document of the ledger. */
      readonly document: Uint8Array;
      /** What could not be seen of the lock. */
      readonly diagnostics: readonly Diagnostic[];
    }
  /** `why` is a sentence without its full stop. */
  | { readonly tag: "busy"; readonly why: string };

export async function findRest(source: SourcePorts): Promise<Step<Rest>> {
  const reading = await readLedger(source, { repair: false });
  switch (reading.tag) {
    case "ready":
      break;
    case "missing":
      return stopped(
        "backup_source_unfit",
        STATE_KEY,
        "There is no ledger: nothing has been imported there.",
      );
    case "lost":
    case "rolled_back":
    case "forked":
    case "invalid":
    case "unavailable":
      return { tag: "stopped", diagnostics: reading.diagnostics };
    default:
      return assertNever(reading);
  }
  const document = await retryRead(source.clock, () => source.ledger.read());
  if (document.tag !== "found" || document.version !== reading.version) {
    return done({ tag: "busy", why: "the ledger is being changed" });
  }
  const intents = await listKeys(source, RECOVERIES_PREFIX);
  if (intents.tag === "stopped") return intents;
  if (intents.value.length > 0) {
    return done({ tag: "busy", why: `these operations are open: ${someOf(intents.value)}` });
  }
  const held = await findHolder(source);
  if (held.busy !== null) return done({ tag: "busy", why: held.busy });
  const diagnostics = [...reading.diagnostics, ...held.diagnostics];
  return done({ tag: "at_rest", ledger: reading, document: document.bytes, diagnostics });
}

interface Holder {
  readonly busy: string | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** A lock file that nobody stands behind any more holds nobody up. */
async function findHolder(source: SourcePorts): Promise<Holder> {
  const seen = await observeLock(source);
  const diagnostics = seen.diagnostics.filter(({ code }) => code === "state_lock_read_error");
  const { holder, lock } = seen;
  if (holder !== null) {
    return { busy: `${holder.operation} of ${holder.owner} holds the lock`, diagnostics };
  }
  const leftOver = seen.diagnostics.some(({ code }) => code === "state_lock_left_over");
  if (!seen.locked || leftOver || diagnostics.length > 0) return { busy: null, diagnostics };
  const record =
    lock === null ? null : await readObjectRetrying(source, lockRecordKey(lock.lock_id as LockId));
  if (record?.tag === "found") return { busy: null, diagnostics };
  return { busy: "another tool holds the lock", diagnostics };
}
