/**
 * HandleHttpEvent: an event of API Gateway (HTTP API, payload 2.0, or a function URL) to the app and back. The request
 * context reaches the app beside the request and nowhere else, so that no header of a caller can take its place.
 *
 * An answer that the gateway would not pass on is replaced by a problem that says so.
 */
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import type { ApiApp } from "./create-api.ts";
import { ANSWER_BYTES_MAX } from "./limits.ts";
import { problemResponse, refusal } from "./problem.ts";

export async function handleHttpEvent(
  app: ApiApp,
  event: APIGatewayProxyEventV2,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { requestContext } = event;
  const response = await app.fetch(requestOf(event), { requestContext });
  return resultOf(response, requestContext.requestId);
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

async function resultOf(response: Response, request_id: string): Promise<APIGatewayProxyStructuredResultV2> {
  const bytes = await bodyWithin(response, ANSWER_BYTES_MAX);
  if (bytes === null) {
    const message = `The answer is longer than ${ANSWER_BYTES_MAX} bytes.`;
    const problem = problemResponse(refusal(422, "api_answer_too_large", "", message), request_id);
    problem.headers.set("x-request-id", request_id);
    return resultOf(problem, request_id);
  }
  const isBase64Encoded = !TEXT.test(response.headers.get("content-type") ?? "text/plain");
  return {
    statusCode: response.status,
    headers: Object.fromEntries(response.headers),
    body: bytes.toString(isBase64Encoded ? "base64" : "utf8"),
    isBase64Encoded,
  };
}

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
