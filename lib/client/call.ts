/**
 * One call of the API: sent again where the answer was lost or the server asks for it, a bounded number of times.
 *
 * Guarantees: a POST carries one idempotency key over all its sendings, so a lost answer repeats safely. What was
 * refused is not sent again. Nothing throws.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { Clock } from "../ports/clock.ts";
import type { Ids } from "../ports/ids.ts";
import type { Authorize } from "./authorize.ts";
import {
  ANSWER_BYTES_MAX,
  CALL_BACKOFF_MS,
  CALL_MS_MAX,
  CALL_TRIES_MAX,
  RETRY_AFTER_MS_MAX,
} from "./limits.ts";
import { problemDiagnostics } from "./problem.ts";
import type { HttpAnswer, HttpRequest, HttpTransport, Unreachable } from "./transport.ts";

export interface CallPorts {
  readonly transport: HttpTransport;
  readonly authorize: Authorize;
  readonly clock: Clock;
  readonly ids: Ids;
}

export interface ApiCall {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly timeout_ms?: number;
  readonly abort?: AbortSignal | undefined;
}

/** `lost`: it is not known whether the server has done what was asked. */
export type Failed = {
  readonly tag: "failed";
  readonly status: number | null;
  readonly lost: boolean;
  readonly diagnostics: readonly Diagnostic[];
};

export type Called<Value> = { readonly tag: "called"; readonly value: Value } | Failed;

type Answer<Body> = HttpAnswer<Body> | Unreachable;

const AGAIN: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** The text of a successful answer. */
export async function callText(ports: CallPorts, call: ApiCall): Promise<Called<string>> {
  const send = (request: HttpRequest) => ports.transport.send(request, ANSWER_BYTES_MAX);
  const sent = await sendRepeatedly(ports, call, send);
  if (sent.tag === "failed") return sent;
  const { status, body } = sent.answer;
  const text = new TextDecoder().decode(body);
  if (status >= 200 && status < 300) return { tag: "called", value: text };
  return refusedCall(call, status, parseJson(text)?.value ?? null);
}

/** The JSON of a successful answer. */
export async function callJson(ports: CallPorts, call: ApiCall): Promise<Called<unknown>> {
  const called = await callText(ports, call);
  if (called.tag === "failed") return called;
  const parsed = parseJson(called.value);
  return parsed === null ? invalidAnswer(call, "it is not JSON") : { tag: "called", value: parsed.value };
}

/** The bytes of a successful answer, as they come. */
export async function callStream(
  ports: CallPorts,
  call: ApiCall,
): Promise<Called<HttpAnswer<AsyncIterable<Uint8Array>>>> {
  const sent = await sendRepeatedly(ports, call, (request) => ports.transport.stream(request));
  if (sent.tag === "failed") return sent;
  const { status, body } = sent.answer;
  if (status >= 200 && status < 300) return { tag: "called", value: sent.answer };
  const text = new TextDecoder().decode(await collect(body));
  return refusedCall(call, status, parseJson(text)?.value ?? null);
}

async function sendRepeatedly<Body>(
  ports: CallPorts,
  call: ApiCall,
  send: (request: HttpRequest) => Promise<Answer<Body>>,
): Promise<{ readonly tag: "sent"; readonly answer: HttpAnswer<Body> } | Failed> {
  const key = call.method === "POST" ? { "idempotency-key": ports.ids.next() } : {};
  const body = call.body ?? null;
  const timeout_ms = call.timeout_ms ?? CALL_MS_MAX;
  for (let tries = 1; ; tries += 1) {
    const { method, url, abort } = call;
    const request = { method, url, body, timeout_ms, abort, headers: { ...call.headers, ...key } };
    const authorized = await ports.authorize(request);
    if (authorized.tag === "failed") return { ...authorized, status: null, lost: false };
    const answer = await send({ ...request, headers: { ...request.headers, ...authorized.headers } });
    const last = tries === CALL_TRIES_MAX || abort?.aborted === true;
    if (answer.tag === "unreachable") {
      if (last) return unreachable(call, answer.reason, tries);
      await ports.clock.sleep(backoffMs(tries), abort);
    } else {
      if (last || !asksAgain(answer)) return { tag: "sent", answer };
      await ports.clock.sleep(waitMs(answer, tries), abort);
    }
  }
}

/**
 * Also when an earlier sending of the same request is still being worked on: then the server says how long. And when a
 * gateway says that what is behind it has failed, which is no problem of the API's own making: it ran out of time.
 */
function asksAgain({ status, headers }: HttpAnswer<unknown>): boolean {
  if (AGAIN.has(status)) return true;
  if (status === 500) return !(headers["content-type"] ?? "").startsWith("application/problem+json");
  return status === 409 && headers["retry-after"] !== undefined;
}

function backoffMs(tries: number): number {
  return CALL_BACKOFF_MS * 3 ** (tries - 1);
}

function waitMs({ status, headers }: HttpAnswer<unknown>, tries: number): number {
  // What another sending has begun is mostly done soon; what is said then is when it may be taken over.
  if (status === 409) return backoffMs(tries + 1);
  const seconds = Number(headers["retry-after"]);
  const askedMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
  return Math.min(RETRY_AFTER_MS_MAX, Math.max(askedMs, backoffMs(tries)));
}

function refusedCall(call: ApiCall, status: number, body: unknown): Failed {
  return {
    tag: "failed",
    status,
    lost: status >= 500,
    diagnostics: problemDiagnostics(status, body, placeOf(call)),
  };
}

function unreachable(call: ApiCall, reason: string, tries: number): Failed {
  const times = tries === 1 ? "" : ` (${tries} tries)`;
  const message = `${new URL(call.url).origin} gave no answer${times}: ${reason}.`;
  const diagnostics = [diagnostic("deployment_unreachable", { path: placeOf(call), message })];
  return { tag: "failed", status: null, lost: call.method === "POST", diagnostics };
}

export function invalidAnswer(call: Pick<ApiCall, "method" | "url">, what: string): Failed {
  const message = `The answer of ${new URL(call.url).origin} cannot be used: ${what}.`;
  const diagnostics = [diagnostic("deployment_answer_invalid", { path: placeOf(call), message })];
  return { tag: "failed", status: null, lost: call.method === "POST", diagnostics };
}

/** Method and path: what a person finds again in the log of the server. */
function placeOf({ method, url }: Pick<ApiCall, "method" | "url">): string {
  return `${method} ${new URL(url).pathname}`;
}

function parseJson(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/** The body of a refusal, which is short; what comes after the limit is left out. */
async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > ANSWER_BYTES_MAX) break;
  }
  return Buffer.concat(parts);
}
