/**
 * HandleHttpEvent: an event of API Gateway (HTTP API, payload 2.0, or a function URL) to the app and back. The request
 * context reaches the app beside the request and nowhere else, so that no header of a caller can take its place.
 *
 * Long answers are packed for callers who can unpack them. One that the gateway would not pass on all the same is
 * replaced by a problem that says so.
 */
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { ApiApp } from "./create-api.ts";
import { ANSWER_BYTES_MAX, PACKED_ANSWER_BYTES_MIN, UNPACKED_ANSWER_BYTES_MAX } from "./limits.ts";
import { problemResponse, refusal } from "./problem.ts";

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
  const bytes = await bodyWithin(response, packs ? UNPACKED_ANSWER_BYTES_MAX : ANSWER_BYTES_MAX);
  const result = bytes === null ? null : await fitted(response, bytes, packs);
  if (result !== null) return result;
  const message = `The answer is longer than ${ANSWER_BYTES_MAX} bytes${packs ? ", also when it is packed" : ""}.`;
  const problem = problemResponse(refusal(422, "api_answer_too_large", "", message), request_id);
  problem.headers.set("x-request-id", request_id);
  return resultOf(problem, request_id, false);
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

async function bodyWithin(response: Response, bytesMax: number): Promise<Buffer | null> {
  if (response.body === null) return Buffer.alloc(0);
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(parts);
    length += value.length;
    if (length > bytesMax) {
      await reader.cancel();
      return null;
    }
    parts.push(value);
  }
}
