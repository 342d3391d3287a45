/**
 * Oracle: judges every write at the instant at which it becomes visible (reliability 7), because afterwards a later
 * write may hide what was wrong. It reads the world's bytes as they are and knows nothing of what operators believe.
 *
 * - Ledger: a revision follows its parent and moves only from it (L1, L3), its receipt is there before it (L9), history
 *   is never changed or removed (L2).
 * - Graphs: versions have no gap, an effect has a durable intent that expects exactly this version (A1, A2), and no
 *   effect is published after a later run has committed (K4). A gated effect has a reserved approval (C1, C2).
 * - Intents: nobody but its maker removes one whose effect could still land (R5).
 * - Lease: only its holder, an explicit break, or whoever finds it expired ends a holding (K3); tokens rise (K1).
 */

import { LOCK_FILE_KEY } from "../../lib/ledger/keys.ts";
import type { LeaseRecord } from "../../lib/ports/lease-record.ts";
import { isExpired } from "../../lib/ports/lease-record.ts";
import { STATE_KEY } from "../../lib/ports/state-key.ts";
import { violated } from "./chronicle.ts";
import { intentRemoved, manifestPublished } from "./oracle-graph.ts";
import { ledgerWritten } from "./oracle-ledger.ts";
import type { Actor } from "./scheduler.ts";
import { keysBelow, textAt, type World } from "./world.ts";

const WRITTEN_ONCE = /^(__graphform\/(receipts|heads|locks|plans|unlocks)\/|graphs\/[^/]+\/__manifest\/)/;

/** An object has been put or replaced. */
export function objectWritten(
  world: World,
  actor: Actor,
  key: string,
  before: Uint8Array | undefined,
  after: Uint8Array,
): void {
  if (before !== undefined && WRITTEN_ONCE.test(key)) {
    violated(world.chronicle, `L2 ${actor.name} changed ${key}`);
  }
  if (key === STATE_KEY) ledgerWritten(world, actor, before, after);
  if (/^graphs\/[^/]+\/__manifest\//.test(key)) manifestPublished(world, actor, after);
}

/** An object has been removed. */
export function objectRemoved(world: World, actor: Actor, key: string, before: Uint8Array): void {
  if (WRITTEN_ONCE.test(key) || key === STATE_KEY)
    violated(world.chronicle, `L2 ${actor.name} removed ${key}`);
  if (/^__graphform\/approvals\/|^__cluster\/approvals\//.test(key)) {
    violated(world.chronicle, `C4 ${actor.name} removed ${key}`);
  }
  if (key.startsWith("__cluster/recoveries/")) intentRemoved(world, actor, before);
  if (key === LOCK_FILE_KEY) lockFileRemoved(world, actor, before);
}

/** K3: it was the actor's own, or its end was recorded as a forced one. */
function lockFileRemoved(world: World, actor: Actor, before: Uint8Array): void {
  const { lock_id } = JSON.parse(Buffer.from(before).toString("utf8")) as { readonly lock_id: string };
  if (world.chronicle.holders.get(lock_id) === actor.name || isForced(world, lock_id)) return;
  violated(world.chronicle, `K3 ${actor.name} removed the lock file of ${lock_id}`);
}

function isForced(world: World, lockId: string): boolean {
  return keysBelow(world, "__graphform/unlocks/").some(
    (key) => textAt(world, key)?.includes(lockId) === true,
  );
}

/** The lease item has changed; `nowMs` is what the actor's clock showed when it asked. */
export function leaseMoved(
  world: World,
  actor: Actor,
  verb: string,
  before: LeaseRecord,
  nowMs: number,
): void {
  const { chronicle, backend } = world;
  const after = backend.lease;
  chronicle.leases.push(before);
  if (after.token < before.token)
    violated(chronicle, `K1 ${actor.name} took the token back to ${after.token}`);
  const [was, is] = [before.holder, after.holder];
  if (is !== null && is.lock_id !== was?.lock_id) {
    chronicle.holders.set(is.lock_id, actor.name);
    if (is.token <= before.token)
      violated(chronicle, `K1 ${actor.name} holds with the old token ${is.token}`);
  }
  if (was === null || was.lock_id === is?.lock_id) return;
  const own = chronicle.holders.get(was.lock_id) === actor.name;
  const forced = verb === "break" && isForced(world, was.lock_id);
  const ended = forced || (verb === "release" && own) || (verb === "acquire" && isExpired(was, nowMs));
  if (!ended) violated(chronicle, `K3 ${actor.name} ended the holding ${was.lock_id} by ${verb}`);
}
