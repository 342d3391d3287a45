/**
 * PlainObjects: objects that are just files, for keys that OmniGraph reads and writes too (`__cluster/`) and for keys
 * that are put once and never changed (`graphs/`).
 *
 * - `putIfAbsent` is exclusive between processes, OmniGraph included (claim.ts).
 * - `replace` compares and then renames; `remove` compares, moves the file aside, looks again at what it moved, and
 *   puts it back if it was another's. A file system offers no conditional rename, so a process that is stopped
 *   between its comparison and its rename, and continued after another has written, undoes that write (W11). The
 *   protocol allows for it: these keys are written under the lease, a lock id that comes back is recognised (design
 *   4.2), a sidecar or approval that comes back is judged by chain and ledger, and the ledger itself is not written
 *   this way (ledger-store.ts).
 */
import { sha256 } from "../digest/digest.ts";
import type { ReadOutcome, RemoveOutcome, Version, WriteOutcome } from "../ports/object-store.ts";
import { claim, overwrite } from "./claim.ts";
import { attempt } from "./file-calls.ts";
import { type FileContext, stage, unstage } from "./staging.ts";

/** Versions are content hashes: they change exactly when the content does. */
export function versionOf(bytes: Uint8Array): Version {
  return sha256(bytes) as string as Version;
}

/** The file's content. Only a missing name is absence; every other failure is not knowing (design 4.7, W4). */
export async function readPlain(context: FileContext, path: string): Promise<ReadOutcome> {
  const content = await attempt(() => context.calls.read(path));
  if (content.tag === "ok") {
    return { tag: "found", bytes: content.value, version: versionOf(content.value) };
  }
  return content.code === "ENOENT" ? { tag: "absent" } : { tag: "unavailable", reason: content.reason };
}

/** Puts the file if nothing has its name. */
export async function putPlain(context: FileContext, path: string, bytes: Uint8Array): Promise<WriteOutcome> {
  const outcome = await claim(context, path, bytes);
  switch (outcome.tag) {
    case "claimed":
      return { tag: "done", value: versionOf(bytes) };
    case "taken": {
      const present = await readPlain(context, path);
      // The name was taken and is free again: nothing is decided, whoever asks may ask again.
      if (present.tag === "absent") return { tag: "conflict" };
      const version = present.tag === "found" ? present.version : null;
      return { tag: "refused", current: { tag: "found", version } };
    }
    case "ambiguous":
    case "unavailable":
      return outcome;
  }
}

type Comparison = { readonly tag: "same" } | Exclude<RemoveOutcome, { tag: "done" }>;

async function compare(context: FileContext, path: string, version: Version): Promise<Comparison> {
  const present = await readPlain(context, path);
  if (present.tag === "unavailable") return present;
  if (present.tag === "absent") return { tag: "refused", current: present };
  if (present.version === version) return { tag: "same" };
  return { tag: "refused", current: { tag: "found", version: present.version } };
}

/** Replaces the file if it still has `version`; see above for what that is worth. */
export async function replacePlain(
  context: FileContext,
  path: string,
  bytes: Uint8Array,
  version: Version,
): Promise<WriteOutcome> {
  const comparison = await compare(context, path, version);
  if (comparison.tag !== "same") return comparison;
  const written = await overwrite(context, path, bytes);
  return written.tag === "done" ? { tag: "done", value: versionOf(bytes) } : written;
}

/** Removes the file if it still has `version`; see above for what that is worth. */
export async function removePlain(
  context: FileContext,
  path: string,
  version: Version,
): Promise<RemoveOutcome> {
  const comparison = await compare(context, path, version);
  if (comparison.tag !== "same") return comparison;
  const aside = await stage(context, new Uint8Array());
  if (aside.tag === "failed") return { tag: "unavailable", reason: aside.reason };
  const moved = await attempt(() => context.calls.rename(path, aside.value));
  if (moved.tag === "failed") {
    await unstage(context, aside.value);
    if (moved.code === "ENOENT") return { tag: "refused", current: { tag: "absent" } };
    return { tag: "ambiguous", reason: moved.reason };
  }
  const outcome = await settleRemoval(context, path, aside.value, version);
  await unstage(context, aside.value);
  return outcome;
}

async function settleRemoval(
  context: FileContext,
  path: string,
  aside: string,
  version: Version,
): Promise<RemoveOutcome> {
  const seen = await readPlain(context, aside);
  if (seen.tag === "found" && seen.version !== version) {
    const back = await attempt(() => context.calls.link(aside, path));
    if (back.tag === "failed" && back.code !== "EEXIST") return { tag: "ambiguous", reason: back.reason };
    return { tag: "refused", current: { tag: "found", version: seen.version } };
  }
  return { tag: "done", value: null };
}
