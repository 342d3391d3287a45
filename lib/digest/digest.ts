/**
 * Digests: SHA-256 as 64 lower-case hex characters (spec/cluster 3), and the branded text types that keep one
 * kind of digest from being passed for another.
 *
 * Guarantees: pure and total; equal bytes give equal digests on every machine (invariant I3).
 */
import { createHash } from "node:crypto";

declare const brand: unique symbol;
/** A nominal text type: a `Brand<"GraphId">` is not a `Brand<"RunId">` although both are text. */
export type Brand<Name extends string> = string & { readonly [brand]: Name };

/** SHA-256, 64 lower-case hex characters, no prefix. */
export type Digest = Brand<"Digest">;
/** `sha256:` followed by a digest: the compare-and-set value of `state.json` (spec/cluster 3.8). */
export type StateCas = Brand<"StateCas">;

/** Digest of text (as UTF-8) or bytes. */
export function sha256(content: string | Uint8Array): Digest {
  return createHash("sha256").update(content).digest("hex") as Digest;
}

/** The CAS of a ledger document exactly as stored. */
export function stateCas(content: string | Uint8Array): StateCas {
  return `sha256:${sha256(content)}` as StateCas;
}

/**
 * Compares two texts by their UTF-8 bytes, the order of every sorted map and list in the formats we write. Code units
 * order like bytes except where a surrogate pair is involved; only that case pays for encoding.
 */
export function compareBytes(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let index = 0; index < shared; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left === right) continue;
    if (left < SURROGATES_BEGIN || right < SURROGATES_BEGIN) return left - right;
    return Buffer.compare(Buffer.from(a, "utf8"), Buffer.from(b, "utf8"));
  }
  return a.length - b.length;
}

const SURROGATES_BEGIN = 0xd800;
