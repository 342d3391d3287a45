/**
 * Whether a presigned request may pass, by AWS Signature Version 4 in the query: signed with our secret, not expired,
 * and sent with every header that the link was signed for. Written from AWS's description, not with the SDK that signs.
 */
import { createHash, createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

export interface PresignedRequest {
  readonly method: string;
  /** As it came, with its query. */
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly now_ms: number;
}

/** The code of S3's refusal, or null if the request passes or is not presigned at all. */
export function refusalOfLink(request: PresignedRequest, secret: string): string | null {
  const { searchParams: query } = request.url;
  const signature = query.get("X-Amz-Signature");
  if (signature === null) return null;
  const at = query.get("X-Amz-Date") ?? "";
  const signedAtMs = Date.parse(
    at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"),
  );
  const expiresMs = Number(query.get("X-Amz-Expires")) * 1000;
  if (!(request.now_ms <= signedAtMs + expiresMs)) return "AccessDenied";
  return signatureOf(request, secret) === signature ? null : "SignatureDoesNotMatch";
}

function signatureOf({ method, url, headers }: PresignedRequest, secret: string): string {
  const query = url.searchParams;
  const [, date = "", region = "", service = ""] = (query.get("X-Amz-Credential") ?? "").split("/");
  const names = (query.get("X-Amz-SignedHeaders") ?? "").split(";");
  const canonicalQuery = [...query]
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join("&");
  const canonical = [
    method,
    url.pathname
      .split("/")
      .map((part) => encode(decodeURIComponent(part)))
      .join("/"),
    canonicalQuery,
    ...names.map((name) => `${name}:${String(headers[name] ?? "").trim()}`),
    "",
    names.join(";"),
    "UNSIGNED-PAYLOAD",
  ].join("\n");
  const scope = `${date}/${region}/${service}/aws4_request`;
  const hash = createHash("sha256").update(canonical).digest("hex");
  const text = ["AWS4-HMAC-SHA256", query.get("X-Amz-Date"), scope, hash].join("\n");
  const key = [date, region, service, "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${secret}`);
  return hmac(key, text).toString("hex");
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
