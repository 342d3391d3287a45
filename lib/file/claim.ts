/**
 * Claim: giving staged bytes their name by `link()`, which fails if the name is taken. It is the one exclusive
 * operation that every POSIX file system offers between processes, and the base of everything conditional here.
 *
 * - `claimed`: the name is ours and durable. `taken`: the name had another owner. `unavailable`: nothing happened.
 * - `ambiguous`: the system's answer does not say, or the name could not be made durable.
 */
import { dirname } from "node:path";
import { attempt } from "./file-calls.ts";
import { type FileContext, stage, unstage } from "./staging.ts";

export type Claim =
  | { readonly tag: "claimed" }
  | { readonly tag: "taken" }
  | { readonly tag: "ambiguous"; readonly reason: string }
  | { readonly tag: "unavailable"; readonly reason: string };

/** Errors after which the link or rename is known not to have happened. */
const NOT_DONE = new Set([
  "ENOENT",
  "EACCES",
  "EPERM",
  "EROFS",
  "ENOSPC",
  "EDQUOT",
  "EMLINK",
  "EXDEV",
  "ENOTDIR",
  "ENAMETOOLONG",
  "ENOTSUP",
  "EOPNOTSUPP",
  "ENOSYS",
  "ELOOP",
]);

const NO_LINKS = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EXDEV"]);

function explain(code: string, reason: string): string {
  if (!NO_LINKS.has(code)) return reason;
  return `${reason}; the storage root must lie on one file system that supports hard links`;
}

async function linkStaged(context: FileContext, staged: string, target: string): Promise<Claim> {
  const linked = await attempt(() => context.calls.link(staged, target));
  if (linked.tag === "ok") return { tag: "claimed" };
  if (linked.code === "EEXIST") {
    // A network file system may repeat a link whose answer was lost; the second name of our file tells (W10).
    const names = await attempt(() => context.calls.linkCount(staged));
    return names.tag === "ok" && names.value > 1 ? { tag: "claimed" } : { tag: "taken" };
  }
  const reason = explain(linked.code, linked.reason);
  return NOT_DONE.has(linked.code) ? { tag: "unavailable", reason } : { tag: "ambiguous", reason };
}

/** Puts `bytes` at `target` if nothing is there. Of many processes exactly one is `claimed`. */
export async function claim(context: FileContext, target: string, bytes: Uint8Array): Promise<Claim> {
  const folder = dirname(target);
  const made = await attempt(() => context.calls.makeFolder(folder));
  if (made.tag === "failed") return { tag: "unavailable", reason: made.reason };
  const staged = await stage(context, bytes);
  if (staged.tag === "failed") return { tag: "unavailable", reason: staged.reason };
  return claimStaged(context, target, staged.value);
}

/** The same with a staged file, whose name is gone then; the folder of the target must be there. */
export async function claimStaged(context: FileContext, target: string, staged: string): Promise<Claim> {
  const outcome = await linkStaged(context, staged, target);
  await unstage(context, staged);
  if (outcome.tag !== "claimed") return outcome;
  const synced = await attempt(() => context.calls.syncFolder(dirname(target)));
  return synced.tag === "ok" ? outcome : { tag: "ambiguous", reason: synced.reason };
}

export type Overwrite =
  | { readonly tag: "done" }
  | { readonly tag: "ambiguous"; readonly reason: string }
  | { readonly tag: "unavailable"; readonly reason: string };

/** Renames complete bytes over `target`, whatever is there. Not conditional: callers say why that is safe. */
export async function overwrite(context: FileContext, target: string, bytes: Uint8Array): Promise<Overwrite> {
  const folder = dirname(target);
  const made = await attempt(() => context.calls.makeFolder(folder));
  if (made.tag === "failed") return { tag: "unavailable", reason: made.reason };
  const staged = await stage(context, bytes);
  if (staged.tag === "failed") return { tag: "unavailable", reason: staged.reason };
  return overwriteStaged(context, target, staged.value);
}

/** The same with a staged file, whose name is gone then; the folder of the target must be there. */
export async function overwriteStaged(
  context: FileContext,
  target: string,
  staged: string,
): Promise<Overwrite> {
  const moved = await attempt(() => context.calls.rename(staged, target));
  if (moved.tag === "failed") {
    await unstage(context, staged);
    return { tag: NOT_DONE.has(moved.code) ? "unavailable" : "ambiguous", reason: moved.reason };
  }
  const synced = await attempt(() => context.calls.syncFolder(dirname(target)));
  return synced.tag === "ok" ? { tag: "done" } : { tag: "ambiguous", reason: synced.reason };
}
