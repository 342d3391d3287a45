/**
 * AuthenticationCode: proof that a text was made by whoever holds a key (HMAC with SHA-256), and comparison of secrets
 * in a time that says nothing about where they differ.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { sha256 } from "./digest.ts";

/** The code of `text` under `key`, 64 lower-case hex characters. */
export function authenticationCode(key: string, text: string): string {
  return createHmac("sha256", key).update(text).digest("hex");
}

/** Do the texts agree? They are hashed first, so that neither length nor content shows in the time it takes. */
export function equalSecrets(a: string, b: string): boolean {
  return timingSafeEqual(Buffer.from(sha256(a), "hex"), Buffer.from(sha256(b), "hex"));
}
