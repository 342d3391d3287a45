/**
 * The transport of the API client on node:http: one request, one answer, no redirects. Node's `fetch` is not used,
 * because it cannot send a file with its length, which the links of S3 ask for. Answers may be packed with gzip; limits
 * are of what is in them.
 */
import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { HttpAnswer, HttpRequest, HttpTransport, Unreachable } from "../../lib/client/transport.ts";

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "its name is not known",
  EAI_AGAIN: "its name could not be looked up",
  ECONNRESET: "the connection was closed",
  EPIPE: "the connection was closed",
  ETIMEDOUT: "it did not answer in time",
  EHOSTUNREACH: "it cannot be reached from here",
  ENETUNREACH: "it cannot be reached from here",
};

export const HTTP_TRANSPORT: HttpTransport = {
  async send(request, bytesMax) {
    const begun = await begin(request);
    if (begun.tag === "unreachable") return begun;
    const { message, timer } = begun;
    try {
      const body = await collect(unpacked(message), bytesMax);
      return body === null
        ? { tag: "unreachable", reason: `its answer is longer than ${bytesMax} bytes` }
        : answerOf(message, body);
    } catch (error) {
      return { tag: "unreachable", reason: reasonOf(error, request) };
    } finally {
      clearTimeout(timer);
    }
  },
  async stream(request) {
    const begun = await begin(request);
    if (begun.tag === "unreachable") return begun;
    // The time limit is for the beginning of an answer that may be long.
    clearTimeout(begun.timer);
    return answerOf(begun.message, unpacked(begun.message));
  },
};

function answerOf<Body>(message: IncomingMessage, body: Body): HttpAnswer<Body> {
  const packed = isPacked(message) ? PACKING_HEADERS : [];
  const named = Object.entries(message.headers).filter(([name]) => !packed.includes(name));
  const headers = named.map(([name, value]) => [name, String(value)] as const);
  return { tag: "answered", status: message.statusCode ?? 0, headers: Object.fromEntries(headers), body };
}

/** What is true of a packed answer and not of what is in it. */
const PACKING_HEADERS: readonly string[] = ["content-encoding", "content-length"];

function isPacked({ headers }: IncomingMessage): boolean {
  return headers["content-encoding"] === "gzip";
}

/** What is in the answer; its iteration throws if the connection ends before it does, or if it is not packed as it says. */
function unpacked(message: IncomingMessage): AsyncIterable<Uint8Array> {
  if (!isPacked(message)) return message;
  const unpacking = createGunzip();
  // Whoever iterates over what is unpacked meets the failure there.
  pipeline(message, unpacking).catch(() => undefined);
  return unpacking;
}

interface Begun {
  readonly tag: "begun";
  readonly message: IncomingMessage;
  /** Ends the connection when the request has had its time. */
  readonly timer: NodeJS.Timeout;
}

function begin(asked: HttpRequest): Promise<Begun | Unreachable> {
  if (asked.abort?.aborted === true)
    return Promise.resolve({ tag: "unreachable", reason: "it was given up" });
  const url = new URL(asked.url);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve) => {
    const { method, body } = asked;
    const options: RequestOptions = {
      method,
      headers: { "accept-encoding": "gzip", ...asked.headers, ...lengthOf(body) },
    };
    const request = send(url, options);
    const timer = setTimeout(() => request.destroy(new Error(timeoutText(asked))), asked.timeout_ms);
    const giveUp = () => request.destroy(new Error("it was given up"));
    asked.abort?.addEventListener("abort", giveUp, { once: true });
    request.once("response", (message) => resolve({ tag: "begun", message, timer }));
    request.on("error", (error) => {
      clearTimeout(timer);
      resolve({ tag: "unreachable", reason: reasonOf(error, asked) });
    });
    request.once("close", () => asked.abort?.removeEventListener("abort", giveUp));
    if (body === null || body instanceof Uint8Array) request.end(body ?? undefined);
    // A source that fails destroys the request, and so does a server that hangs up.
    else
      pipeline(Readable.from(body.open()), request).catch((error: unknown) =>
        request.destroy(asError(error)),
      );
  });
}

function lengthOf(body: HttpRequest["body"]): Readonly<Record<string, number>> {
  if (body === null) return {};
  return { "content-length": body instanceof Uint8Array ? body.byteLength : body.bytes };
}

function timeoutText({ timeout_ms }: HttpRequest): string {
  return `it did not answer within ${Math.round(timeout_ms / 1000)} seconds`;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function reasonOf(error: unknown, request: HttpRequest): string {
  if (request.abort?.aborted === true) return "it was given up";
  const found = asError(error);
  const code = "code" in found ? String(found.code) : "";
  return REASONS[code] ?? found.message;
}

async function collect(body: AsyncIterable<Uint8Array>, bytesMax: number): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return null;
    parts.push(chunk);
  }
  return Buffer.concat(parts);
}
