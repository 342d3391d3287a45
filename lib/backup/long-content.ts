/**
 * LongContent: contents that are too long to hold. Read a part at a time, each time from the same version, and held to
 * their digest; copied so that nobody sees a part of one, or one of another digest.
 */
import { assertNever } from "../digest/assert.ts";
import type { Digest } from "../digest/digest.ts";
import { createRunningDigest } from "../digest/running-digest.ts";
import { ATTEMPTS_MAX } from "../ledger/limits.ts";
import { pauseBefore, retryRead, type StorePorts } from "../ledger/retry.ts";
import type { ObjectParts, PartsWriting } from "../ports/object-parts.ts";
import type { StoreKey, Version } from "../ports/object-store.ts";
import { type CopyLimits, OBJECT_PARTS_MAX } from "./limits.ts";

/** A store with the means for what is too long to hold. */
export interface ContentPorts extends StorePorts {
  readonly parts: ObjectParts;
}

/** True for what is moved in parts wherever it can be. */
export function isLong(bytes: number, { part_bytes_min }: CopyLimits): boolean {
  return bytes > part_bytes_min;
}

/** What is held of a content that is moved in parts: a part, or all of one that is no longer than that. */
export function heldInParts(bytes: number, { part_bytes_min }: CopyLimits): number {
  return Math.min(bytes, Math.max(part_bytes_min, Math.ceil(bytes / OBJECT_PARTS_MAX)));
}

/** `refused`: whoever was given the parts takes no more. */
export type LongRead =
  | { readonly tag: "read"; readonly digest: Digest; readonly bytes: number; readonly version: Version }
  | { readonly tag: "absent" }
  | { readonly tag: "refused"; readonly reason: string }
  | { readonly tag: "unavailable"; readonly reason: string };

/** Given each part once, in order; null: go on. */
type TakePart = (part: Uint8Array) => Promise<string | null>;

const READ_ONLY: TakePart = async () => null;

/** Reads an object from its beginning to its end. */
export async function readLong(
  { parts, clock }: ContentPorts,
  key: StoreKey,
  partBytes: number,
  take: TakePart = READ_ONLY,
): Promise<LongRead> {
  const digest = createRunningDigest();
  let version: Version | null = null;
  for (let from = 0; ; ) {
    const range = { from, bytes: partBytes };
    const part = await retryRead(clock, () => parts.read(key, range, version));
    if (part.tag === "absent" || part.tag === "unavailable") return part;
    if (part.tag === "changed" || (part.bytes.length === 0 && part.size > 0)) {
      return { tag: "unavailable", reason: "it was changed while it was read" };
    }
    digest.add(part.bytes);
    const refusal = await take(part.bytes);
    if (refusal !== null) return { tag: "refused", reason: refusal };
    version = part.version;
    from += part.bytes.length;
    if (from >= part.size) return { tag: "read", digest: digest.finish(), bytes: from, version };
  }
}

export interface LongObject {
  readonly ports: ContentPorts;
  readonly key: StoreKey;
}

export interface LongCopy {
  readonly from: LongObject;
  readonly to: LongObject;
  readonly digest: Digest;
  readonly bytes: number;
  /** Another content under the name is damaged and may be replaced. */
  readonly replaces: boolean;
}

/**
 * `present`: exactly this content is there, and was read there. `other`: another one is. `gone`: nothing is any more where
 * the content should come from. `not_read`: it is not known to be there. `not_written`: it may be there, now or later.
 */
export type LongCopied =
  | { readonly tag: "present"; readonly written: boolean; readonly repaired: boolean }
  | { readonly tag: "other" }
  | { readonly tag: "gone" }
  | { readonly tag: "not_read"; readonly reason: string }
  | { readonly tag: "not_written"; readonly reason: string };

/** Looks what is there, writes, and looks again, until what is there is the content. */
export async function copyLong(copy: LongCopy, limits: CopyLimits): Promise<LongCopied> {
  const partBytes = heldInParts(copy.bytes, limits);
  const { ports, key } = copy.to;
  let reason = "the store decided nothing";
  let over: Version | null = null;
  let written = false;
  // After the last write it only looks.
  for (let attempt = 0; attempt <= ATTEMPTS_MAX; attempt += 1) {
    if (!written) await pauseBefore(ports.clock, attempt);
    const there = await readLong(ports, key, partBytes);
    if (there.tag === "unavailable" || there.tag === "refused") {
      reason = there.reason;
      continue;
    }
    const isWhole = there.tag === "read" && there.digest === copy.digest;
    if (isWhole) return { tag: "present", written, repaired: over !== null };
    if (there.tag === "read" && !copy.replaces) return { tag: "other" };
    if (attempt === ATTEMPTS_MAX) break;
    over = there.tag === "read" ? there.version : null;
    const sent = await sendLong(copy, partBytes, over);
    if (sent.tag === "gone" || sent.tag === "not_read") return sent;
    written = sent.tag === "sent";
    if (sent.tag === "not_written") reason = sent.reason;
  }
  return { tag: "not_written", reason };
}

type Sent =
  | { readonly tag: "sent" }
  | Extract<LongCopied, { readonly tag: "gone" | "not_read" | "not_written" }>;

const notWritten = (reason: string): Sent => ({ tag: "not_written", reason });

async function sendLong(copy: LongCopy, partBytes: number, over: Version | null): Promise<Sent> {
  const { ports, key } = copy.to;
  const began = await retryRead(ports.clock, () => ports.parts.begin(key));
  if (began.tag === "unavailable") return notWritten(began.reason);
  const { writing } = began;
  const sent = await sendParts(copy, partBytes, writing);
  const ended = sent.tag === "sent" ? await finish(writing, over) : sent;
  if (ended.tag !== "sent") await writing.abandon();
  return ended;
}

async function sendParts(
  { from, to, digest }: LongCopy,
  partBytes: number,
  writing: PartsWriting,
): Promise<Sent> {
  const read = await readLong(from.ports, from.key, partBytes, async (part) => {
    // Like a read, it may be repeated: the same part is in the object once.
    const added = await retryRead(to.ports.clock, () => writing.add(part));
    return added.tag === "added" ? null : added.reason;
  });
  switch (read.tag) {
    case "read":
      if (read.digest === digest) return { tag: "sent" };
      return { tag: "not_read", reason: "its content has another digest" };
    case "absent":
      return { tag: "gone" };
    case "unavailable":
      return { tag: "not_read", reason: read.reason };
    case "refused":
      return notWritten(read.reason);
    default:
      return assertNever(read);
  }
}

async function finish(writing: PartsWriting, over: Version | null): Promise<Sent> {
  const finished = await writing.finish(over);
  switch (finished.tag) {
    case "done":
      return { tag: "sent" };
    case "refused":
      return notWritten("another client wrote it meanwhile");
    case "conflict":
      return notWritten("the store decided nothing");
    case "ambiguous":
    case "unavailable":
      return notWritten(finished.reason);
    default:
      return assertNever(finished);
  }
}
