/**
 * A small S3 over HTTP: what the SDK's adapters and Lance's own client ask of it, answered as S3 answers. Conditional
 * puts, reads, removals and completions of uploads; ranges; user metadata; listings in byte order with StartAfter and
 * Delimiter; multipart uploads; batched deletes. Requests are taken one at a time. Signatures are checked on links only.
 */
import type { IncomingHttpHeaders } from "node:http";
import { bodyOf, type Listening, listen, type Reply, send } from "./listen.ts";
import { refusalOfLink } from "./presigned-link.ts";
import { type S3Conditions, S3Objects, type S3Write } from "./s3-objects.ts";

interface S3Request {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

const KEYS_OF_PAGE_MAX = 1000;

function xmlReply(status: number, xml: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { "content-type": "application/xml", ...headers },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n${xml}`,
  };
}

function empty(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers, body: "" };
}

/** An error as S3 shapes it. */
export function s3Error(status: number, code: string): Reply {
  return xmlReply(status, `<Error><Code>${code}</Code><Message>${code} by the emulator</Message></Error>`);
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function unescapeXml(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}

function header(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return typeof value === "string" ? value : null;
}

function conditionsOf(headers: IncomingHttpHeaders): S3Conditions {
  return { if_match: header(headers, "if-match"), if_none_match: header(headers, "if-none-match") };
}

function metadataOf(headers: IncomingHttpHeaders): Record<string, string> {
  const prefix = "x-amz-meta-";
  const named = Object.entries(headers).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(named.map(([name, value]) => [name.slice(prefix.length), String(value)]));
}

/** The content of a body in `aws-chunked` encoding: size lines in hexadecimal, then so many bytes, then trailers. */
function contentOf({ headers, body }: S3Request): Buffer {
  if (!(header(headers, "content-encoding") ?? "").includes("aws-chunked")) return body;
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const lineEnd = body.indexOf("\r\n", at);
    const size = Number.parseInt(body.subarray(at, lineEnd).toString("latin1"), 16);
    if (!(size > 0)) break;
    parts.push(body.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(parts);
}

function written(outcome: S3Write, whenDone: (etag: string) => Reply): Reply {
  switch (outcome.tag) {
    case "condition":
      return s3Error(412, "PreconditionFailed");
    case "absent":
      return s3Error(404, "NoSuchKey");
    case "done":
      return whenDone(outcome.object?.etag ?? "");
  }
}

function read(objects: S3Objects, { method, key, headers }: S3Request): Reply {
  const object = objects.get(key);
  if (object === null) return method === "HEAD" ? empty(404) : s3Error(404, "NoSuchKey");
  const wanted = header(headers, "if-match");
  if (wanted !== null && wanted !== object.etag) return s3Error(412, "PreconditionFailed");
  const all: Record<string, string> = {
    etag: object.etag,
    "last-modified": object.modified.toUTCString(),
    "accept-ranges": "bytes",
    "content-type": "application/octet-stream",
  };
  for (const [name, value] of Object.entries(object.metadata)) all[`x-amz-meta-${name}`] = value;
  const size = object.bytes.byteLength;
  if (method === "HEAD") return empty(200, { ...all, "content-length": String(size) });
  const range = /^bytes=(\d*)-(\d*)$/.exec(header(headers, "range") ?? "");
  if (range === null) return { status: 200, headers: all, body: object.bytes };
  const [, from = "", to = ""] = range;
  const first = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (first > last) return s3Error(416, "InvalidRange");
  const headersOfPart = { ...all, "content-range": `bytes ${first}-${last}/${size}` };
  return { status: 206, headers: headersOfPart, body: object.bytes.subarray(first, last + 1) };
}

function list(objects: S3Objects, bucket: string, query: URLSearchParams): Reply {
  const prefix = query.get("prefix") ?? "";
  const max = Math.min(Number(query.get("max-keys") ?? KEYS_OF_PAGE_MAX), KEYS_OF_PAGE_MAX);
  const token = query.get("continuation-token");
  const after =
    token === null ? (query.get("start-after") ?? "") : Buffer.from(token, "base64url").toString();
  const { entries, next } = objects.list(prefix, query.get("delimiter") ?? "", after, max);
  const encode =
    query.get("encoding-type") === "url"
      ? (key: string): string => encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+")
      : escapeXml;
  const items = entries.map((entry) =>
    entry.tag === "folder"
      ? `<CommonPrefixes><Prefix>${encode(entry.prefix)}</Prefix></CommonPrefixes>`
      : `<Contents><Key>${encode(entry.key)}</Key><LastModified>${entry.object.modified.toISOString()}</LastModified><ETag>${entry.object.etag.replaceAll('"', "&quot;")}</ETag><Size>${entry.object.bytes.byteLength}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  );
  const cut =
    next === null
      ? "<IsTruncated>false</IsTruncated>"
      : `<IsTruncated>true</IsTruncated><NextContinuationToken>${Buffer.from(next).toString("base64url")}</NextContinuationToken>`;
  const encoding = query.get("encoding-type") === "url" ? "<EncodingType>url</EncodingType>" : "";
  return xmlReply(
    200,
    `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${bucket}</Name><Prefix>${encode(prefix)}</Prefix><KeyCount>${entries.length}</KeyCount><MaxKeys>${max}</MaxKeys>${encoding}${cut}${items.join("")}</ListBucketResult>`,
  );
}

function removeMany(objects: S3Objects, body: Buffer): Reply {
  const request = body.toString("utf8");
  const keys = [...request.matchAll(/<Key>([\s\S]*?)<\/Key>/g)].map((match) => match[1] ?? "");
  for (const key of keys) objects.remove(unescapeXml(key), { if_match: null, if_none_match: null });
  const isQuiet = /<Quiet>true<\/Quiet>/.test(request);
  const removed = isQuiet ? "" : keys.map((key) => `<Deleted><Key>${key}</Key></Deleted>`).join("");
  return xmlReply(
    200,
    `<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${removed}</DeleteResult>`,
  );
}

function put(objects: S3Objects, request: S3Request): Reply {
  const { key, query, headers } = request;
  const part = query.get("partNumber");
  if (part !== null) {
    const etag = objects.putPart(query.get("uploadId") ?? "", Number(part), contentOf(request));
    return etag === null ? s3Error(404, "NoSuchUpload") : empty(200, { etag });
  }
  const source = header(headers, "x-amz-copy-source");
  if (source === null) {
    const outcome = objects.put(key, contentOf(request), metadataOf(headers), conditionsOf(headers));
    return written(outcome, (etag) => empty(200, { etag }));
  }
  const from = objects.get(decodeURIComponent(source).replace(/^\/?[^/]+\//, ""));
  if (from === null) return s3Error(404, "NoSuchKey");
  const outcome = objects.put(key, from.bytes, from.metadata, conditionsOf(headers));
  return written(outcome, (etag) =>
    xmlReply(
      200,
      `<CopyObjectResult><ETag>${etag}</ETag><LastModified>${new Date().toISOString()}</LastModified></CopyObjectResult>`,
    ),
  );
}

function post(objects: S3Objects, { key, query, headers, body }: S3Request): Reply {
  if (query.has("delete")) return removeMany(objects, body);
  if (query.has("uploads")) {
    const id = objects.beginUpload(key, metadataOf(headers));
    return xmlReply(
      200,
      `<InitiateMultipartUploadResult><Key>${escapeXml(key)}</Key><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    );
  }
  const numbers = [...body.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map((each) =>
    Number(each[1]),
  );
  const outcome = objects.completeUpload(query.get("uploadId") ?? "", numbers, conditionsOf(headers));
  return written(outcome, (etag) =>
    xmlReply(
      200,
      `<CompleteMultipartUploadResult><Key>${escapeXml(key)}</Key><ETag>${etag}</ETag></CompleteMultipartUploadResult>`,
    ),
  );
}

function answer(buckets: Map<string, S3Objects>, request: S3Request): Reply {
  const { method, bucket, key, query, headers } = request;
  if (key === "" && method === "PUT") {
    if (!buckets.has(bucket)) buckets.set(bucket, new S3Objects());
    return empty(200);
  }
  const objects = buckets.get(bucket);
  if (objects === undefined) return method === "HEAD" ? empty(404) : s3Error(404, "NoSuchBucket");
  if (key === "" && method === "DELETE") {
    buckets.delete(bucket);
    return empty(204);
  }
  if (method === "POST") return post(objects, request);
  if (key === "") return method === "HEAD" ? empty(200) : list(objects, bucket, query);
  if (method === "PUT") return put(objects, request);
  if (method === "GET" || method === "HEAD") return read(objects, request);
  if (method !== "DELETE") return s3Error(405, "MethodNotAllowed");
  if (query.has("uploadId")) {
    objects.abortUpload(query.get("uploadId") ?? "");
    return empty(204);
  }
  return written(objects.remove(key, conditionsOf(headers)), () => empty(204));
}

/** Starts an S3 that holds no bucket yet and lets links pass that were signed with `secret`. */
export async function startS3(secret: string): Promise<Listening> {
  const buckets = new Map<string, S3Objects>();
  return listen(async (incoming, response) => {
    const url = new URL(incoming.url ?? "/", "http://s3");
    const [bucket = "", ...parts] = url.pathname.slice(1).split("/");
    const body = await bodyOf(incoming);
    const { method = "GET", headers } = incoming;
    const refusal = refusalOfLink({ method, url, headers, now_ms: Date.now() }, secret);
    if (refusal !== null) return send(response, s3Error(403, refusal));
    const request: S3Request = {
      method,
      bucket,
      key: parts.map(decodeURIComponent).join("/"),
      query: url.searchParams,
      headers,
      body,
    };
    send(response, answer(buckets, request));
  });
}
