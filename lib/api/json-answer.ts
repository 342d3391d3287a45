/** Answers as JSON: the documents as they are, and with an ETag where a reader may ask again and again. */
import { sha256 } from "../digest/digest.ts";
import { exactNumbers } from "../plan/plan-document.ts";

export function jsonAnswer(document: unknown, status: 200 | 201 | 202 = 200): Response {
  return new Response(bodyOf(document), { status, headers: { "content-type": "application/json" } });
}

function bodyOf(document: unknown): string {
  return `${JSON.stringify(document, exactNumbers)}\n`;
}

/** The same with an ETag. */
export function taggedAnswer(request: Request, document: unknown): Response {
  return taggedText(request, bodyOf(document));
}

/**
 * JSON text, or 304 if the caller has it already. The tag is of the bytes that this caller is given, so it tells of
 * nothing that they do not.
 */
export function taggedText(request: Request, body: string): Response {
  const etag = `"${sha256(body).slice(0, 32)}"`;
  const known = (request.headers.get("if-none-match") ?? "").split(",").map((each) => each.trim());
  const headers = { etag, "cache-control": "private, no-cache" };
  if (known.includes(etag) || known.includes(`W/${etag}`))
    return new Response(null, { status: 304, headers });
  return new Response(body, { status: 200, headers: { ...headers, "content-type": "application/json" } });
}
