/**
 * Who of those whom the deployment knows brought a kept bundle first: one of the authors of every change that is made
 * from it (spec/policy 5.7). Put once and never changed. Whoever is not known leaves no record, so that nobody can make
 * what others hand in nobody's by being faster; a bundle without one has no known author.
 */
import { z } from "zod";
import type { Digest } from "../digest/digest.ts";
import { parseJsonBytes } from "../ledger/json-text.ts";
import { putOnce, readObjectRetrying, type StorePorts } from "../ledger/retry.ts";
import { timestamp } from "../ports/clock.ts";
import { bundleOriginKey } from "./bundle-key.ts";

export const BUNDLE_ORIGIN_FORMAT_VERSION = 1;

export interface BundleOrigin {
  readonly format_version: typeof BUNDLE_ORIGIN_FORMAT_VERSION;
  readonly bundle_digest: string;
  readonly actor: string;
  /** RFC 3339 UTC. */
  readonly at: string;
}

const shape = z.strictObject({
  format_version: z.literal(BUNDLE_ORIGIN_FORMAT_VERSION),
  bundle_digest: z.string(),
  actor: z.string().min(1),
  at: z.iso.datetime(),
});

export function encodeBundleOrigin(origin: BundleOrigin): Uint8Array {
  const { format_version, bundle_digest, actor, at } = origin;
  return Buffer.from(`${JSON.stringify({ format_version, bundle_digest, actor, at }, null, 2)}\n`, "utf8");
}

export function decodeBundleOrigin(bytes: Uint8Array): BundleOrigin | null {
  const document = parseJsonBytes(bytes);
  const parsed = document.tag === "parsed" ? shape.safeParse(document.value) : null;
  return parsed?.success === true ? parsed.data : null;
}

/** Null if it is on record now, by this call or an earlier one, or `actor` is nobody who is known; else why it may not be. */
export async function noteBundleOrigin(
  ports: StorePorts,
  digest: Digest,
  actor: string | null,
): Promise<string | null> {
  if (actor === null) return null;
  const format_version = BUNDLE_ORIGIN_FORMAT_VERSION;
  const origin = { format_version, bundle_digest: digest, actor, at: timestamp(ports.clock) } as const;
  const put = await putOnce(ports, bundleOriginKey(digest), encodeBundleOrigin(origin));
  return put.tag === "present" || put.tag === "other" ? null : put.reason;
}

export type OriginRead =
  | { readonly tag: "known"; readonly actor: string | null }
  | { readonly tag: "unavailable"; readonly reason: string };

/** `actor` null: nobody knows who brought it. */
export async function readBundleOrigin(ports: StorePorts, digest: Digest): Promise<OriginRead> {
  const read = await readObjectRetrying(ports, bundleOriginKey(digest));
  if (read.tag === "unavailable") return read;
  const origin = read.tag === "found" ? decodeBundleOrigin(read.bytes) : null;
  return { tag: "known", actor: origin?.actor ?? null };
}
