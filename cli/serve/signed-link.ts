/**
 * Signed links of a server on this machine: what one allows is written in it and signed, so that nothing has to be
 * remembered. The key of the signature lives as long as the server's folder.
 *
 * Guarantees: the signature is over the path of the kind too, so that no link is good for another kind; and a link whose
 * time is over allows nothing.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { z } from "zod";

interface Grant {
  readonly expires_at_ms: number;
}

/** What links of one kind look like. */
export interface LinkKind<Allowed extends Grant> {
  /** Where they begin: `/v1/...`. */
  readonly path: string;
  readonly shape: z.ZodType<Allowed>;
}

/** The path of the link. */
export function linkOf<Allowed extends Grant>(
  { path }: LinkKind<Allowed>,
  grant: Allowed,
  secret: Uint8Array,
): string {
  const text = Buffer.from(JSON.stringify(grant), "utf8").toString("base64url");
  return `${path}/${text}/${signature(path, text, secret)}`;
}

/** What the path allows now, or null if it is no link of this kind and server or its time is over. */
export function grantIn<Allowed extends Grant>(
  kind: LinkKind<Allowed>,
  path: string,
  secret: Uint8Array,
  nowMs: number,
): Allowed | null {
  if (!path.startsWith(`${kind.path}/`)) return null;
  const match = /^([A-Za-z0-9_-]+)\/([A-Za-z0-9_-]+)$/.exec(path.slice(kind.path.length + 1));
  const [, text = "", sent = ""] = match ?? [];
  const own = Buffer.from(signature(kind.path, text, secret));
  const other = Buffer.from(sent);
  if (match === null || own.length !== other.length || !timingSafeEqual(own, other)) return null;
  const grant = kind.shape.parse(JSON.parse(Buffer.from(text, "base64url").toString("utf8")));
  return grant.expires_at_ms > nowMs ? grant : null;
}

function signature(path: string, text: string, secret: Uint8Array): string {
  return createHmac("sha256", secret).update(`${path}/${text}`).digest("base64url");
}
