/**
 * ContentMd5: the MD5 of a body as `Content-MD5` carries it. It proves to the receiver that nothing was lost on the way,
 * and protects against nobody; whatever has to be trusted is held to a `Digest`.
 */
import { createHash } from "node:crypto";

export function contentMd5(body: Uint8Array): string {
  return createHash("md5").update(body).digest("base64");
}
