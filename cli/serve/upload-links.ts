/**
 * Links for one upload to a server on this machine: what they allow is written in them and signed, so that nothing has
 * to be remembered. The key of the signature lives as long as the server's folder.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";

export const UPLOAD_LINK_PATH = "/v1/local-uploads";
/** How long a link holds: a quarter of an hour. */
export const UPLOAD_LINK_MS = 15 * 60 * 1000;

const shape = z.strictObject({
  key: z.string(),
  bytes_max: z.int().positive(),
  metadata: z.record(z.string(), z.string()),
  expires_at_ms: z.int().positive(),
});

export type UploadGrant = z.output<typeof shape>;

/** The path of the link. */
export function linkOf(grant: UploadGrant, secret: Uint8Array): string {
  const text = Buffer.from(JSON.stringify(grant), "utf8").toString("base64url");
  return `${UPLOAD_LINK_PATH}/${text}/${signature(text, secret)}`;
}

/** What the path allows now, or null if it is no link of this server or its time is over. */
export function grantIn(path: string, secret: Uint8Array, nowMs: number): UploadGrant | null {
  const match = /^\/v1\/local-uploads\/([A-Za-z0-9_-]+)\/([A-Za-z0-9_-]+)$/.exec(path);
  const [, text = "", sent = ""] = match ?? [];
  const own = Buffer.from(signature(text, secret));
  const other = Buffer.from(sent);
  if (match === null || own.length !== other.length || !timingSafeEqual(own, other)) return null;
  const grant = shape.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  return grant.expires_at_ms > nowMs ? grant : null;
}

function signature(text: string, secret: Uint8Array): string {
  return createHmac("sha256", secret).update(text).digest("base64url");
}
