/**
 * Once: a POST with an idempotency key is one request, however often it is sent. Another request under the same key is
 * refused.
 *
 * The first to put the record does the work. What it did is kept and given to every repetition; what it refused is not,
 * so that a repetition tries again. Of an attempt that ended without a word nobody knows what it did; after
 * REQUEST_WORK_MS, longer than a function lives, a repetition does the work again, and everything below is conditional.
 *
 * Policy is asked before each sending. Where what the first one did is the reason that it denies the next, that one is
 * answered as the first was: `answeredBefore`.
 */

import { assertNever } from "../digest/assert.ts";
import { sha256 } from "../digest/digest.ts";
import { moveOnce, putOnce, readObjectRetrying } from "../ledger/retry.ts";
import { timestamp } from "../ports/clock.ts";
import type { StoreKey, Version } from "../ports/object-store.ts";
import type { ClusterExchange } from "./api.ts";
import { IDEMPOTENCY_KEY_CHARACTERS_MAX, KEPT_ANSWER_BYTES_MAX, REQUEST_WORK_MS } from "./limits.ts";
import { isDenial } from "./permit.ts";
import { problemResponse, type Refusal, refusal } from "./problem.ts";
import {
  decodeRequest,
  encodeRequest,
  type KeptAnswer,
  type RequestRecord,
  requestKey,
} from "./request-record.ts";
import type { RouteResult } from "./route.ts";

/** Set where an answer is one that was given before. */
export const REPLAYED_HEADER = "idempotency-replayed";

/** The key of the request; null: it has none. */
export function keyOf({ request }: ClusterExchange): string | null {
  return request.headers.get("idempotency-key");
}

/** Does `perform` unless this request, with this body, was done before. */
export async function once(
  exchange: ClusterExchange,
  body: unknown,
  perform: () => Promise<RouteResult>,
): Promise<RouteResult> {
  const key = keyOf(exchange);
  if (key === null) return perform();
  if (!isKey(key)) {
    const message = `The idempotency key must have 1 to ${IDEMPOTENCY_KEY_CHARACTERS_MAX} characters.`;
    return refusal(422, "api_request_invalid", "idempotency-key", message);
  }
  const begun = await begin(exchange, key, body);
  switch (begun.tag) {
    case "answered":
      return begun.result;
    case "begun": {
      const result = await perform();
      return keep(exchange, begun.claim, result);
    }
  }
}

function isKey(key: string): boolean {
  return key.trim() !== "" && key.length <= IDEMPOTENCY_KEY_CHARACTERS_MAX;
}

/**
 * What this very request of this caller was answered when they still might, else the denial. Nothing is done, and a
 * caller who must not even know of the cluster is told nothing.
 */
export async function answeredBefore(
  exchange: ClusterExchange,
  denied: Refusal,
  body: unknown,
): Promise<RouteResult> {
  const { records, clock } = exchange.api.deployment;
  const key = keyOf(exchange);
  if (!isDenial(denied) || key === null || !isKey(key)) return denied;
  const read = await readObjectRetrying({ store: records, clock }, recordKey(exchange, key));
  switch (read.tag) {
    case "absent":
      return denied;
    case "unavailable":
      return unavailable(read.reason);
    case "found": {
      const earlier = decodeRequest(read.bytes);
      if (earlier?.request_digest !== digestOf(exchange, body)) return denied;
      if (earlier.answer !== null) return replayed(earlier.answer);
      return isWorkedOn(exchange, earlier) ? inProgress() : denied;
    }
    default:
      return assertNever(read);
  }
}

/** The right to do the work. */
interface Claim {
  readonly key: StoreKey;
  readonly version: Version;
  readonly record: RequestRecord;
}

type Begun =
  | { readonly tag: "begun"; readonly claim: Claim }
  | { readonly tag: "answered"; readonly result: RouteResult };

async function begin(exchange: ClusterExchange, key: string, body: unknown): Promise<Begun> {
  const { records, clock, ids } = exchange.api.deployment;
  const at = recordKey(exchange, key);
  const record: RequestRecord = {
    format_version: 1,
    request_digest: digestOf(exchange, body),
    change_id: ids.next(),
    begun_at: timestamp(clock),
    answer: null,
  };
  const put = await putOnce({ store: records, clock }, at, encodeRequest(record));
  switch (put.tag) {
    case "present":
      return { tag: "begun", claim: { key: at, version: put.version, record } };
    case "other": {
      const earlier = decodeRequest(put.bytes);
      if (earlier === null) return answered(unavailable("its record is damaged"));
      if (earlier.request_digest !== record.request_digest) return answered(reused());
      return takeOver(exchange, { key: at, version: put.version, record }, earlier);
    }
    case "unavailable":
    case "ambiguous":
      return answered(unavailable(put.reason));
  }
}

function recordKey({ cluster, caller }: ClusterExchange, key: string): StoreKey {
  return requestKey({ cluster, canonical: caller.canonical, key });
}

function digestOf({ request }: ClusterExchange, body: unknown): string {
  return sha256(JSON.stringify([request.method, new URL(request.url).pathname, body]));
}

function answered(result: RouteResult): Begun {
  return { tag: "answered", result };
}

async function takeOver(exchange: ClusterExchange, claim: Claim, earlier: RequestRecord): Promise<Begun> {
  const { records, clock } = exchange.api.deployment;
  if (earlier.answer !== null) return answered(replayed(earlier.answer));
  if (isWorkedOn(exchange, earlier)) return answered(inProgress());
  const moved = await moveOnce(
    { store: records, clock },
    {
      key: claim.key,
      from: claim.version,
      bytes: encodeRequest(claim.record),
      isOurs: isVersion(claim.record),
    },
  );
  switch (moved.tag) {
    case "moved":
      return { tag: "begun", claim: { ...claim, version: moved.stored.version } };
    case "refused":
      return answered(inProgress());
    case "unknown":
      return answered(unavailable(moved.reason));
  }
}

function replayed({ status, content_type, body }: KeptAnswer): Response {
  return new Response(body, { status, headers: { "content-type": content_type, [REPLAYED_HEADER]: "true" } });
}

function isWorkedOn({ api }: ClusterExchange, { begun_at }: RequestRecord): boolean {
  return begun_at !== null && api.deployment.clock.nowMs() - Date.parse(begun_at) < REQUEST_WORK_MS;
}

function isVersion({ change_id }: RequestRecord): (bytes: Uint8Array) => boolean {
  return (bytes) => decodeRequest(bytes)?.change_id === change_id;
}

/** Only what was done is kept; a repetition of what came to nothing tries again. */
async function keep(exchange: ClusterExchange, claim: Claim, result: RouteResult): Promise<Response> {
  const { deployment } = exchange.api;
  const response = result instanceof Response ? result : problemResponse(result, exchange.request_id);
  const body = await response.clone().text();
  const done = response.ok && Buffer.byteLength(body) <= KEPT_ANSWER_BYTES_MAX;
  const content_type = response.headers.get("content-type") ?? "application/json";
  const next: RequestRecord = {
    ...claim.record,
    change_id: deployment.ids.next(),
    begun_at: done ? claim.record.begun_at : null,
    answer: done ? { status: response.status, content_type, body } : null,
  };
  const ports = { store: deployment.records, clock: deployment.clock };
  const move = { key: claim.key, from: claim.version, bytes: encodeRequest(next), isOurs: isVersion(next) };
  const moved = await moveOnce(ports, move);
  if (moved.tag !== "moved") {
    deployment.log.warn({
      event: "api.answer_not_kept",
      request_id: exchange.request_id,
      outcome: moved.tag,
    });
  }
  return response;
}

function reused(): Refusal {
  const message = "Another request was sent with this idempotency key.";
  return refusal(409, "api_key_reused", "idempotency-key", message);
}

function inProgress(): Refusal {
  const message = "The request with this idempotency key is still being worked on.";
  return {
    ...refusal(409, "api_request_in_progress", "idempotency-key", message),
    retry_after_seconds: REQUEST_WORK_MS / 1000,
  };
}

function unavailable(reason: string): Refusal {
  return refusal(
    503,
    "api_unavailable",
    "idempotency-key",
    `The idempotency key could not be looked up: ${reason}.`,
  );
}
