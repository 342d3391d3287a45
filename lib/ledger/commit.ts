/**
 * Commit: the one move that makes a new revision of the ledger (design 4.1 to 4.6; the steps in README.md).
 *
 * Guarantees: `committed` and `superseded` mean that the revision contains this content for ever (L4); `refused` and
 * `unsent` mean that no revision does or will (L5); everything else is `unknown`, and whoever sent effects keeps its
 * intents (L6). The conditional write is repeated with identical bytes only, so one attempt is in at most one
 * revision (L7), and a revision moves only from its base (L3).
 *
 * What must be in the store before the ledger names it (intents, payloads) is put beside the receipt, and `cleared` says
 * whether it is: the write is sent after both. A receipt says nothing before its commit has landed (design 4.6), so one
 * whose commit was not cleared is as inert as one whose writer died.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assert, assertNever } from "../digest/assert.ts";
import { stateCas } from "../digest/digest.ts";
import type { CommitId } from "../digest/ids.ts";
import { timestamp } from "../ports/clock.ts";
import type { Ids } from "../ports/ids.ts";
import type { LedgerCommitOutcome } from "../ports/ledger-store.ts";
import type { Version } from "../ports/object-store.ts";
import { STATE_KEY } from "../ports/state-key.ts";
import { type CommitAttempt, type CommitFacts, draftCommit } from "./commit-facts.ts";
import { type Settlement, settleCommit } from "./commit-settlement.ts";
import { encodeHead } from "./head.ts";
import { headKey, receiptKey } from "./keys.ts";
import type { LedgerPorts } from "./ledger-document.ts";
import { ATTEMPTS_MAX } from "./limits.ts";
import type { CommitBase, ReadyLedger } from "./reading.ts";
import { rolledBackDiagnostic } from "./reading-problems.ts";
import { pauseBefore, putOnce, retryRead } from "./retry.ts";
import type { LedgerState } from "./state.ts";

export interface CommitPorts extends LedgerPorts {
  readonly ids: Ids;
}

export type CommitResult =
  /** It is the newest revision; `reading` is what the next commit builds on. */
  | { readonly tag: "committed"; readonly reading: ReadyLedger }
  /** It landed, and another run has committed on top of it. */
  | { readonly tag: "superseded"; readonly revision: number; readonly diagnostics: readonly Diagnostic[] }
  /** Another commit has taken the place; nothing of this one is or will be in the ledger. */
  | { readonly tag: "refused"; readonly reason: string; readonly diagnostics: readonly Diagnostic[] }
  /** Nothing was accepted by the store, or nothing was sent at all. */
  | { readonly tag: "unsent"; readonly reason: string; readonly diagnostics: readonly Diagnostic[] }
  /** It may have landed or may still land. */
  | { readonly tag: "unknown"; readonly reason: string; readonly diagnostics: readonly Diagnostic[] };

/** For a commit that waits for nothing but its receipt. */
const CLEARED: Promise<boolean> = Promise.resolve(true);

/**
 * Puts `next` on top of `base`. Revision and marker of `next` are set here. Nothing is sent unless `cleared` comes true;
 * if it comes false, the commit is `unsent`.
 */
export async function commitLedger(
  ports: CommitPorts,
  base: CommitBase,
  next: LedgerState,
  facts: CommitFacts,
  cleared: Promise<boolean> = CLEARED,
): Promise<CommitResult> {
  assert(base.tag !== "ready" || base.repaired, "a commit builds on a reading that was taken for writing");
  const stop = await supplyHead(ports, base);
  if (stop !== null) return stop;
  const commitId = ports.ids.next() as CommitId;
  const draft = draftCommit(base, next, facts, commitId, timestamp(ports.clock));
  if (draft.tag === "invalid")
    return { ...unsent("the new ledger is not valid"), diagnostics: draft.diagnostics };
  const { attempt } = draft;
  const { revision } = attempt.identity;
  const [receipt, isCleared] = await Promise.all([
    putOnce(ports, receiptKey(revision, commitId), attempt.receipt_bytes),
    cleared,
  ]);
  if (receipt.tag !== "present") {
    return unsent(receipt.tag === "other" ? "its receipt's name is taken" : receipt.reason);
  }
  if (!isCleared) return unsent("what it names could not be stored");
  const settlement = await send(ports, attempt);
  switch (settlement.tag) {
    case "landed":
      return finish(ports, attempt, settlement.version);
    case "superseded":
      return { tag: "superseded", revision, diagnostics: [] };
    case "refused":
      return refused(settlement.reason);
    case "unchanged":
      return unsent("the store accepted no attempt");
    case "unknown":
      return unknown(settlement.reason);
    default:
      return assertNever(settlement);
  }
}

/** No commit is sent before the head of the revision that it builds on is known to exist (design 4.6). */
async function supplyHead(ports: CommitPorts, base: CommitBase): Promise<CommitResult | null> {
  if (base.tag !== "ready" || !base.head_missing) return null;
  const put = await putOnce(ports, headKey(base.identity.revision), encodeHead(base.identity));
  if (put.tag === "present") return null;
  if (put.tag !== "other") return unsent(put.reason);
  const diagnostics = [rolledBackDiagnostic(base.identity.revision, base.identity)];
  return { ...refused("the history records another commit of this revision"), diagnostics };
}

/** The conditional write, repeated until it is decided or the attempts are used up. */
async function send(ports: CommitPorts, attempt: CommitAttempt): Promise<Settlement> {
  let mayHaveLanded = false;
  let reason = "the store decided nothing";
  for (let i = 0; i < ATTEMPTS_MAX; i += 1) {
    await pauseBefore(ports.clock, i);
    const outcome = await sendOnce(ports, attempt);
    switch (outcome.tag) {
      case "done":
        return { tag: "landed", version: outcome.value };
      case "refused": {
        const settled = await settleCommit(ports, attempt, outcome.current);
        if (settled.tag === "unchanged") break;
        return settled.tag === "unknown" && !mayHaveLanded ? { ...settled, tag: "refused" } : settled;
      }
      case "conflict":
        break;
      case "ambiguous":
        mayHaveLanded = true;
        reason = outcome.reason;
        break;
      case "unavailable":
        if (!mayHaveLanded) reason = outcome.reason;
        break;
      default:
        return assertNever(outcome);
    }
  }
  if (!mayHaveLanded) return { tag: "unchanged" };
  const seen = await retryRead(ports.clock, () => ports.ledger.read());
  const settled = await settleCommit(ports, attempt, seen);
  return settled.tag === "unchanged" ? { tag: "unknown", reason } : settled;
}

function sendOnce(ports: CommitPorts, attempt: CommitAttempt): Promise<LedgerCommitOutcome> {
  return ports.ledger.commit({
    revision: attempt.identity.revision,
    commit_id: attempt.identity.commit_id,
    base: attempt.base_version,
    bytes: attempt.bytes,
  });
}

/** The head is put after the commit and before the answer. One that cannot be put is supplied by the next writer. */
async function finish(ports: CommitPorts, attempt: CommitAttempt, version: Version): Promise<CommitResult> {
  const { identity } = attempt;
  const put = await putOnce(ports, headKey(identity.revision), encodeHead(identity));
  if (put.tag === "other") {
    const diagnostics = [rolledBackDiagnostic(identity.revision, identity)];
    return { ...unknown("the history records another commit of this revision"), diagnostics };
  }
  const reading: ReadyLedger = {
    tag: "ready",
    state: attempt.state,
    version,
    cas: stateCas(attempt.bytes),
    marker: attempt.marker,
    identity,
    receipt: attempt.receipt,
    foreign: false,
    head_missing: put.tag !== "present",
    repaired: true,
    diagnostics: [],
  };
  return { tag: "committed", reading };
}

function refused(reason: string): Extract<CommitResult, { tag: "refused" }> {
  const message = `The ledger was not written: ${reason}.`;
  return {
    tag: "refused",
    reason,
    diagnostics: [diagnostic("state_cas_mismatch", { path: STATE_KEY, message })],
  };
}

function unsent(reason: string): Extract<CommitResult, { tag: "unsent" }> {
  const message = `The ledger was not written: ${reason}.`;
  return {
    tag: "unsent",
    reason,
    diagnostics: [diagnostic("state_write_error", { path: STATE_KEY, message })],
  };
}

function unknown(reason: string): Extract<CommitResult, { tag: "unknown" }> {
  const message = `It is not known whether the ledger was written: ${reason}.`;
  return {
    tag: "unknown",
    reason,
    diagnostics: [diagnostic("state_outcome_unknown", { path: STATE_KEY, message })],
  };
}
