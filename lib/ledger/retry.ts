/**
 * Retry: the one place where a store call is repeated (design 4.4). Adapters never do it, because a hidden retry turns
 * our own success into a refusal (W10).
 *
 * Guarantees: at most ATTEMPTS_MAX attempts with doubling pauses; a conditional write is repeated with identical bytes
 * and the same condition, and a refusal after an attempt whose answer was lost is settled by reading back.
 */
import { assertNever } from "../digest/assert.ts";
import type { Clock } from "../ports/clock.ts";
import type { ObjectStore, ReadOutcome, StoredObject, StoreKey, Version } from "../ports/object-store.ts";
import { ATTEMPTS_MAX, RETRY_DELAY_MS } from "./limits.ts";

/** Waits before attempt number `attempt` (0 is the first and does not wait). */
export async function pauseBefore(clock: Clock, attempt: number): Promise<void> {
  if (attempt > 0) await clock.sleep(RETRY_DELAY_MS * 2 ** (attempt - 1));
}

/** Repeats a read until it is `available`, and answers the last attempt. Harmless: reads change nothing. */
export async function retryRead<Outcome extends { readonly tag: string }>(
  clock: Clock,
  read: () => Promise<Outcome>,
): Promise<Outcome> {
  let outcome = await read();
  for (let attempt = 1; attempt < ATTEMPTS_MAX && outcome.tag === "unavailable"; attempt += 1) {
    await pauseBefore(clock, attempt);
    outcome = await read();
  }
  return outcome;
}

export interface StorePorts {
  readonly store: ObjectStore;
  readonly clock: Clock;
}

/** Reads one object, repeating while the store does not answer. */
export function readObjectRetrying({ store, clock }: StorePorts, key: StoreKey): Promise<ReadOutcome> {
  return retryRead(clock, () => store.get(key));
}

/**
 * `present`: exactly these bytes are there, put now or earlier. `other`: other bytes are there, for ever as far as
 * this put is concerned. `unavailable`: certainly not put. `ambiguous`: may be there, now or later.
 */
export type PutOnce =
  | { readonly tag: "present"; readonly version: Version }
  | { readonly tag: "other"; readonly bytes: Uint8Array; readonly version: Version }
  | { readonly tag: "unavailable"; readonly reason: string }
  | { readonly tag: "ambiguous"; readonly reason: string };

/** Puts an object that is never changed, and is content if the same bytes are there already. */
export async function putOnce(ports: StorePorts, key: StoreKey, bytes: Uint8Array): Promise<PutOnce> {
  let last: PutOnce = { tag: "unavailable", reason: `${key}: the store decided nothing` };
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    await pauseBefore(ports.clock, attempt);
    const outcome = await ports.store.putIfAbsent(key, bytes);
    switch (outcome.tag) {
      case "done":
        return { tag: "present", version: outcome.value };
      case "refused": {
        const settled = await compareStored(ports, key, bytes);
        if (settled !== null) return settled;
        break;
      }
      case "conflict":
        break;
      case "ambiguous":
        last = outcome;
        break;
      case "unavailable":
        if (last.tag === "unavailable") last = outcome;
        break;
      default:
        return assertNever(outcome);
    }
  }
  if (last.tag !== "ambiguous") return last;
  return (await compareStored(ports, key, bytes)) ?? last;
}

/** What stands under the key compared with `bytes`; null if nothing does. */
async function compareStored(ports: StorePorts, key: StoreKey, bytes: Uint8Array): Promise<PutOnce | null> {
  const stored = await readObjectRetrying(ports, key);
  switch (stored.tag) {
    case "absent":
      return null;
    case "unavailable":
      return { tag: "ambiguous", reason: stored.reason };
    case "found": {
      const { version } = stored;
      if (Buffer.compare(stored.bytes, bytes) === 0) return { tag: "present", version };
      return { tag: "other", bytes: stored.bytes, version };
    }
    default:
      return assertNever(stored);
  }
}

/**
 * `moved`: the next version is there, put now or earlier. `refused`: another one is, and this move will never come
 * about; `current` null: nothing is there. `unknown`: it may have happened or may still happen.
 */
export type MoveOnce =
  | { readonly tag: "moved"; readonly stored: StoredObject }
  | { readonly tag: "refused"; readonly current: StoredObject | null }
  | { readonly tag: "unknown"; readonly reason: string };

export interface ObjectMove {
  readonly key: StoreKey;
  /** The version that is replaced. */
  readonly from: Version;
  readonly bytes: Uint8Array;
  /** Tells an own version by its identity, never by comparing content (design 4.5). */
  readonly isOurs: (bytes: Uint8Array) => boolean;
}

/** Replaces one version of an object by the next. Conflicts and lost answers repeat it with identical bytes. */
export async function moveOnce(ports: StorePorts, move: ObjectMove): Promise<MoveOnce> {
  const { key, from, bytes } = move;
  let doubt = "the store decided nothing";
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    await pauseBefore(ports.clock, attempt);
    const outcome = await ports.store.replace(key, bytes, from);
    switch (outcome.tag) {
      case "done":
        return { tag: "moved", stored: { bytes, version: outcome.value } };
      case "refused":
        return settleMove(ports, move, "the store refused the version that it shows");
      case "conflict":
        break;
      case "ambiguous":
      case "unavailable":
        doubt = outcome.reason;
        break;
      default:
        return assertNever(outcome);
    }
  }
  return settleMove(ports, move, doubt);
}

/** Whose version is there? While it is still the one before, a put whose answer was lost may land later. */
async function settleMove(
  ports: StorePorts,
  { key, from, isOurs }: ObjectMove,
  doubt: string,
): Promise<MoveOnce> {
  const read = await readObjectRetrying(ports, key);
  switch (read.tag) {
    case "absent":
      return { tag: "refused", current: null };
    case "unavailable":
      return { tag: "unknown", reason: read.reason };
    case "found": {
      const { bytes, version } = read;
      if (version === from) return { tag: "unknown", reason: doubt };
      const stored = { bytes, version };
      return isOurs(bytes) ? { tag: "moved", stored } : { tag: "refused", current: stored };
    }
    default:
      return assertNever(read);
  }
}
