/**
 * ChainedObjects: objects below `__graphform/`, which only this product writes, with an exclusive `replace` and
 * `remove` between processes.
 *
 * An object starts as a plain file, put by `link()`; most never change. The first replacement or removal starts a
 * generation chain below `__graphform/versions/<key>/`, and from then on the head of the chain is the truth: one tag
 * byte (`=` content, `-` removed) and the content. The plain file stays as a mirror for people, and readers mend it
 * when a stopped process has left it behind.
 *
 * The plain file counts as generation 0. It cannot change without a chain: a put fails where a file is, and whatever
 * takes the file away first claims generation 1. A put that was stopped before its `link()` and finds a chain
 * afterwards may have put into the past, and is `ambiguous`.
 */
import type { ReadOutcome, RemoveOutcome, Version, WriteOutcome } from "../ports/object-store.ts";
import { type Claim, overwrite } from "./claim.ts";
import { attempt } from "./file-calls.ts";
import { append, readHead } from "./generation-chain.ts";
import { putPlain, readPlain, versionOf } from "./plain-objects.ts";
import { versionsPath } from "./root-folder.ts";
import type { FileContext } from "./staging.ts";

const CONTENT_TAG = 0x3d;
const REMOVED_TAG = 0x2d;

/** A key and its plain file. */
export interface KeyFile {
  readonly key: string;
  readonly path: string;
}

interface Truth {
  readonly object: ReadOutcome;
  readonly generation: number;
}

function encode(bytes: Uint8Array | null): Uint8Array {
  if (bytes === null) return Uint8Array.of(REMOVED_TAG);
  const entry = new Uint8Array(bytes.length + 1);
  entry[0] = CONTENT_TAG;
  entry.set(bytes, 1);
  return entry;
}

async function readTruth(context: FileContext, file: KeyFile): Promise<Truth> {
  const head = await readHead(context, versionsPath(context.root, file.key));
  if (head.tag === "unavailable") return { object: head, generation: 0 };
  if (head.tag === "empty") return { object: await readPlain(context, file.path), generation: 0 };
  const { generation } = head;
  const tag = head.bytes[0];
  if (tag === REMOVED_TAG) return { object: { tag: "absent" }, generation };
  if (tag !== CONTENT_TAG) {
    return {
      object: { tag: "unavailable", reason: `${file.key}: its newest generation is damaged` },
      generation,
    };
  }
  const bytes = head.bytes.subarray(1);
  return { object: { tag: "found", bytes, version: versionOf(bytes) }, generation };
}

/** Brings the plain file in line with the truth; best effort, because no answer depends on it. */
async function mirror(context: FileContext, file: KeyFile, bytes: Uint8Array | null): Promise<void> {
  if (bytes === null) await attempt(() => context.calls.unlink(file.path));
  else await overwrite(context, file.path, bytes);
}

/** The object, mended where a writer was stopped half way. */
export async function readChained(context: FileContext, file: KeyFile): Promise<ReadOutcome> {
  const { object, generation } = await readTruth(context, file);
  if (generation === 0 || object.tag === "unavailable") return object;
  const plain = await readPlain(context, file.path);
  if (object.tag === "absent" && plain.tag === "found") await mirror(context, file, null);
  if (object.tag === "found" && (plain.tag !== "found" || plain.version !== object.version)) {
    await mirror(context, file, object.bytes);
  }
  return object;
}

/** True if the key's chain says that it is removed; only asked for keys that have a chain. */
export async function isRemoved(context: FileContext, key: string): Promise<CallAnswer> {
  const head = await readHead(context, versionsPath(context.root, key));
  if (head.tag === "unavailable") return head;
  return { tag: "answer", removed: head.tag === "empty" || head.bytes[0] === REMOVED_TAG };
}

export type CallAnswer =
  | { readonly tag: "answer"; readonly removed: boolean }
  | { readonly tag: "unavailable"; readonly reason: string };

/** What stands in the way of a claim that was taken: read again, because someone has just written. */
async function refusal(
  context: FileContext,
  file: KeyFile,
  expected: Version | null,
): Promise<Exclude<RemoveOutcome, { tag: "done" }>> {
  const { object } = await readTruth(context, file);
  if (object.tag === "unavailable") return { tag: "ambiguous", reason: object.reason };
  const version = object.tag === "found" ? object.version : null;
  // What is there looks like what was expected although it was written anew: nothing is decided.
  if (version === expected) return { tag: "conflict" };
  return { tag: "refused", current: object.tag === "absent" ? object : { tag: "found", version } };
}

/** Puts the object if it is absent. */
export async function putChained(
  context: FileContext,
  file: KeyFile,
  bytes: Uint8Array,
): Promise<WriteOutcome> {
  const { object, generation } = await readTruth(context, file);
  if (object.tag === "unavailable") return object;
  if (object.tag === "found") {
    return { tag: "refused", current: { tag: "found", version: object.version } };
  }
  if (generation > 0) {
    const claimed = await append(
      context,
      versionsPath(context.root, file.key),
      generation + 1,
      encode(bytes),
    );
    return settle(context, file, claimed, bytes, null);
  }
  const put = await putPlain(context, file.path, bytes);
  if (put.tag === "refused") return refusal(context, file, null);
  if (put.tag !== "done") return put;
  const after = await readHead(context, versionsPath(context.root, file.key));
  if (after.tag === "empty") return put;
  await readChained(context, file);
  return { tag: "ambiguous", reason: `${file.key} was changed while it was being put` };
}

async function settle(
  context: FileContext,
  file: KeyFile,
  claimed: Claim,
  bytes: Uint8Array,
  expected: Version | null,
): Promise<WriteOutcome> {
  if (claimed.tag === "taken") return refusal(context, file, expected);
  if (claimed.tag !== "claimed") return claimed;
  await mirror(context, file, bytes);
  return { tag: "done", value: versionOf(bytes) };
}

/** Replaces the object if it still has `version`. */
export async function replaceChained(
  context: FileContext,
  file: KeyFile,
  bytes: Uint8Array,
  version: Version,
): Promise<WriteOutcome> {
  const { object, generation } = await readTruth(context, file);
  if (object.tag === "unavailable") return object;
  if (object.tag === "absent") return { tag: "refused", current: object };
  if (object.version !== version) {
    return { tag: "refused", current: { tag: "found", version: object.version } };
  }
  const claimed = await append(context, versionsPath(context.root, file.key), generation + 1, encode(bytes));
  return settle(context, file, claimed, bytes, version);
}

/** Removes the object if it still has `version`. */
export async function removeChained(
  context: FileContext,
  file: KeyFile,
  version: Version,
): Promise<RemoveOutcome> {
  const { object, generation } = await readTruth(context, file);
  if (object.tag === "unavailable") return object;
  if (object.tag === "absent") return { tag: "refused", current: object };
  if (object.version !== version) {
    return { tag: "refused", current: { tag: "found", version: object.version } };
  }
  const claimed = await append(context, versionsPath(context.root, file.key), generation + 1, encode(null));
  if (claimed.tag === "taken") return refusal(context, file, version);
  if (claimed.tag !== "claimed") return claimed;
  await mirror(context, file, null);
  return { tag: "done", value: null };
}
