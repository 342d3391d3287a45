/**
 * The engine's only retries (design 4.4): reads and lists are repeated when they failed; a put of identical bytes is
 * repeated until it is decided.
 *
 * Why repeating a put is safe: it is a put-if-absent of bytes that never change. If an earlier try landed although
 * its answer was lost, a later one is refused, and whoever asked reads back whose bytes are there.
 */
import type { Clock } from "../ports/clock.ts";
import type {
  ListOptions,
  ListOutcome,
  ObjectStore,
  ReadOutcome,
  StoreKey,
  WriteOutcome,
} from "../ports/object-store.ts";
import { PUBLISH_TRIES_MAX, READ_TRIES_MAX, RETRY_PAUSE_MS } from "./limits.ts";

export interface StoreAccess {
  readonly store: ObjectStore;
  readonly clock: Clock;
}

/** Reads one object; `unavailable` only after several tries. */
export function getObject(access: StoreAccess, key: StoreKey): Promise<ReadOutcome> {
  return repeated(access, READ_TRIES_MAX, isUnavailable, () => access.store.get(key));
}

/** Lists one page; `unavailable` only after several tries. */
export function listPage(access: StoreAccess, options: ListOptions): Promise<ListOutcome> {
  return repeated(access, READ_TRIES_MAX, isUnavailable, () => access.store.list(options));
}

/**
 * Puts the bytes if nothing is there. The answer is `ambiguous` if any try was and none decided: a later
 * `unavailable` does not take back that an earlier put may still land.
 */
export async function putOnce(access: StoreAccess, key: StoreKey, bytes: Uint8Array): Promise<WriteOutcome> {
  let doubt: WriteOutcome | null = null;
  const last = await repeated(access, PUBLISH_TRIES_MAX, isUndecided, async () => {
    const outcome = await access.store.putIfAbsent(key, bytes);
    if (outcome.tag === "ambiguous") doubt = outcome;
    return outcome;
  });
  return isUndecided(last) ? (doubt ?? last) : last;
}

function isUnavailable(outcome: { readonly tag: string }): boolean {
  return outcome.tag === "unavailable";
}

function isUndecided(outcome: WriteOutcome): boolean {
  return outcome.tag !== "done" && outcome.tag !== "refused";
}

async function repeated<Answer>(
  access: StoreAccess,
  tries: number,
  again: (answer: Answer) => boolean,
  call: () => Promise<Answer>,
): Promise<Answer> {
  let answer = await call();
  for (let tried = 1; tried < tries && again(answer); tried += 1) {
    await access.clock.sleep(RETRY_PAUSE_MS * 2 ** (tried - 1));
    answer = await call();
  }
  return answer;
}
