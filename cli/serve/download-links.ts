/** Links that read one export of a server on this machine: what they allow is written in them and signed. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";

export const DOWNLOAD_LINK_PATH = "/v1/local-downloads";
export const DOWNLOAD_LINK_MS = 5 * 60 * 1000;

const shape = z.strictObject({ key: z.string(), expires_at_ms: z.int().positive() });

export type DownloadGrant = z.output<typeof shape>;

/** The path of the link. */
export function downloadLinkOf(grant: DownloadGrant, secret: Uint8Array): string {
  const text = Buffer.from(JSON.stringify(grant), "utf8").toString("base64url");
  return `${DOWNLOAD_LINK_PATH}/${text}/${signature(text, secret)}`;
}

/** What the path allows now, or null if it is no link of this server or its time is over. */
export function downloadGrantIn(path: string, secret: Uint8Array, nowMs: number): DownloadGrant | null {
  const match = /^\/v1\/local-downloads\/([A-Za-z0-9_-]+)\/([A-Za-z0-9_-]+)$/.exec(path);
  const [, text = "", sent = ""] = match ?? [];
  const own = Buffer.from(signature(text, secret));
  const other = Buffer.from(sent);
  if (match === null || own.length !== other.length || !timingSafeEqual(own, other)) return null;
  const grant = shape.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  return grant.expires_at_ms > nowMs ? grant : null;
}

/** Another text than that of an upload, so that no link is good for both. */
function signature(text: string, secret: Uint8Array): string {
  return createHmac("sha256", secret).update(`download:${text}`).digest("base64url");
}
