/**
 * Fingerprints: the first 128 bits of the SHA-256 of a text, for sets of texts that are too many to keep.
 *
 * Guarantees: pure but for the array that it fills. Nobody can make, and chance does not bring, two texts with one
 * fingerprint.
 */
import { hash } from "node:crypto";

/** 32-bit lanes of one fingerprint. */
export const FINGERPRINT_LANES = 4;

/** Fills the first lanes of `into`; a million calls make no million buffers. */
export function fingerprint(text: string, into: Int32Array): void {
  const digest = hash("sha256", text, "binary");
  for (let lane = 0; lane < FINGERPRINT_LANES; lane++) {
    const at = lane * 4;
    into[lane] =
      digest.charCodeAt(at) |
      (digest.charCodeAt(at + 1) << 8) |
      (digest.charCodeAt(at + 2) << 16) |
      (digest.charCodeAt(at + 3) << 24);
  }
}
