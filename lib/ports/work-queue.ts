/**
 * Work queue: prompts to look at work (design 7: work is in run records, messages only prompt).
 *
 * Guarantees: at least once, in no order that anything may depend on. Messages of one group are handed out one at a
 * time while their visibility lasts; that is a courtesy and no lock. A message may come twice, late, forged or never:
 * whoever takes one reads the run records and does what they say, so none of these changes what is done.
 */
import type { Outcome } from "./outcome.ts";

export interface QueuedMessage {
  readonly body: string;
  /** Names this delivery, for `acknowledge` and `extend`. */
  readonly receipt: string;
  /** 1 the first time. */
  readonly deliveries: number;
}

export interface SendRequest {
  readonly body: string;
  /** Messages of one group are handed out one after another. */
  readonly group: string;
  /** Two messages of one id within five minutes are one. */
  readonly deduplication_id: string;
}

export type ReceiveOutcome =
  | { readonly tag: "received"; readonly messages: readonly QueuedMessage[] }
  | { readonly tag: "unavailable"; readonly reason: string };

export interface WorkQueue {
  /** `done`: it will be handed out. Sending again with the same id does no harm. Never `refused`. */
  send(request: SendRequest): Promise<Outcome<null, never>>;
  /** Up to ten messages, one a group, after at most `wait_ms`. Each is invisible to others for the queue's visibility. */
  receive(waitMs: number): Promise<ReceiveOutcome>;
  /** The message is over. `refused`: its visibility had passed, so it may be handed out again. */
  acknowledge(receipt: string): Promise<Outcome<null, "expired">>;
  /** Invisible for `visibility_ms` from now on; 0 hands it out again. */
  extend(receipt: string, visibilityMs: number): Promise<Outcome<null, "expired">>;
}
