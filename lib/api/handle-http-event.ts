/**
 * HandleHttpEvent: an event of API Gateway (HTTP API, payload 2.0, or a function URL) to the app and back. The request
 * context reaches the app beside the request and nowhere else, so that no header of a caller can take its place.
 *
 * Long answers are packed for callers who can unpack them. One that the gateway would not pass on all the same is
 * replaced by a problem that says so; so is one that breaks off, of which nothing has been passed on.
 */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { ApiApp } from "./create-api.ts";
import { finishedAnswer } from "./finished-answer.ts";
import { ANSWER_BYTES_MAX, PACKED_ANSWER_BYTES_MIN, UNPACKED_ANSWER_BYTES_MAX } from "./limits.ts";
import { problemResponse, type Refusal, refusal } from "./problem.ts";

export async function handleHttpEvent(
  app: ApiApp,
  event: APIGatewayProxyEventV2,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { requestContext } = event;
  const response = await app.fetch(requestOf(event), { requestContext });
  const packs = takesGzip(event.headers["accept-encoding"]);
  return resultOf(response, requestContext.requestId, packs);
}

function requestOf(event: APIGatewayProxyEventV2): Request {
  const { rawPath, rawQueryString, requestContext, headers, body, isBase64Encoded } = event;
  const { method } = requestContext.http;
  const url = new URL(`https://${requestContext.domainName}`);
  url.pathname = withoutStage(rawPath, requestContext.stage);
  url.search = rawQueryString;
  const sent = new Headers();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) sent.set(name, value);
  const bodyless = body === undefined || method === "GET" || method === "HEAD";
  const bytes = bodyless ? null : Buffer.from(body, isBase64Encoded ? "base64" : "utf8");
  return new Request(url, { method, headers: sent, body: bytes });
}

/** A stage with a name stands before the path. */
function withoutStage(path: string, stage: string): string {
  const prefix = `/${stage}`;
  if (stage === "$default" || !(path === prefix || path.startsWith(`${prefix}/`))) return path;
  return path.slice(prefix.length) || "/";
}

const TEXT = /^(text\/|application\/([\w.-]+\+)?json\b|application\/x-ndjson\b)/;

/** `gzip` by its name, or whatever the server likes; not if it is said to be no use. */
function takesGzip(accepted: string | undefined): boolean {
  const codings = (accepted ?? "").split(",").map((each) => each.trim().toLowerCase());
  return codings.some((each) => /^(gzip|\*)(;q=(1(\.0*)?|0\.\d*[1-9]\d*))?$/.test(each));
}

async function resultOf(
  response: Response,
  request_id: string,
  packs: boolean,
): Promise<APIGatewayProxyStructuredResultV2> {
  const body = await bodyWithin(response, packs ? UNPACKED_ANSWER_BYTES_MAX : ANSWER_BYTES_MAX);
  if (body.tag === "broken_off") {
    const message = "The answer broke off before its end, and nothing of it was passed on.";
    return problemResult(refusal(503, "api_unavailable", "", message), request_id);
  }
  const result = body.tag === "read" ? await fitted(response, body.bytes, packs) : null;
  if (result !== null) return result;
  const message = `The answer is longer than ${ANSWER_BYTES_MAX} bytes${packs ? ", also when it is packed" : ""}.`;
  return problemResult(refusal(422, "api_answer_too_large", "", message), request_id);
}

function problemResult(refused: Refusal, request_id: string): Promise<APIGatewayProxyStructuredResultV2> {
  return resultOf(finishedAnswer(problemResponse(refused, request_id), request_id), request_id, false);
}

/** Null: it is too long for the gateway. */
async function fitted(
  { status, headers }: Response,
  bytes: Buffer,
  packs: boolean,
): Promise<APIGatewayProxyStructuredResultV2 | null> {
  const isPacked = packs && bytes.length >= PACKED_ANSWER_BYTES_MIN && !headers.has("content-encoding");
  const isText = !isPacked && TEXT.test(headers.get("content-type") ?? "text/plain");
  const sent = isPacked ? await pack(bytes) : bytes;
  if (sent.length > ANSWER_BYTES_MAX) return null;
  const packing = isPacked ? { "content-encoding": "gzip" } : {};
  const shared = {
    statusCode: status,
    headers: { ...Object.fromEntries(headers), vary: "accept-encoding", ...packing },
  };
  const asText = () => ({ ...shared, body: sent.toString("utf8"), isBase64Encoded: false });
  const asBase64 = () => ({ ...shared, body: sent.toString("base64"), isBase64Encoded: true });
  // Each quote of JSON takes two bytes within the JSON of the result, which base64 may be shorter than.
  const forms = isText ? [asText, asBase64] : [asBase64];
  const fitting = forms.find((form) => Buffer.byteLength(JSON.stringify(form())) <= ANSWER_BYTES_MAX);
  return fitting?.() ?? null;
}

const pack: (bytes: Buffer) => Promise<Buffer> = promisify(gzip);

type Body =
  | { readonly tag: "read"; readonly bytes: Buffer }
  | { readonly tag: "too_long" }
  /** Whoever makes the answer has told the log why. */
  | { readonly tag: "broken_off" };

async function bodyWithin(response: Response, bytesMax: number): Promise<Body> {
  if (response.body === null) return { tag: "read", bytes: Buffer.alloc(0) };
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = response.body.getReader();
  for (;;) {
    const part = await reader.read().catch(() => "broken_off" as const);
    if (part === "broken_off") return { tag: "broken_off" };
    if (part.done) return { tag: "read", bytes: Buffer.concat(parts) };
    length += part.value.length;
    if (length > bytesMax) {
      // It is too long, whatever becomes of what nobody reads any more.
      await reader.cancel().catch(() => null);
      return { tag: "too_long" };
    }
    parts.push(part.value);
  }
}
