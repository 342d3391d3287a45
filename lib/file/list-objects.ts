/**
 * Listing of a folder as keys.
 *
 * Guarantees: keys in ascending byte order; a folder that cannot be read makes the whole listing `unavailable`, never
 * shorter (W4); a missing folder is an empty one; the folders of the adapter itself are not shown; keys with a
 * generation chain are shown as the chain says, whatever the mirror looks like.
 */
import { join } from "node:path";
import { compareBytes } from "../digest/digest.ts";
import type { ListOptions, ListOutcome, StoreKey } from "../ports/object-store.ts";
import { isRemoved, readChained } from "./chained-objects.ts";
import { attempt } from "./file-calls.ts";
import { LIST_KEYS_MAX } from "./limits.ts";
import { internalPath, isInternal, isLegalKey, OWN_PREFIX } from "./root-folder.ts";
import type { FileContext } from "./staging.ts";

type Walked =
  | { readonly tag: "keys"; readonly keys: readonly string[] }
  | { readonly tag: "unavailable"; readonly reason: string };

interface Walk {
  /** Folder that the empty key names. */
  readonly base: string;
  readonly prefix: string;
  readonly shallow: boolean;
  /** Report the folders directly below the prefix and look into none. */
  readonly folders: boolean;
  /** Only keys above this one; folders that can hold none are not looked into. */
  readonly after: string | undefined;
  /** The walk goes in the order of keys and ends when it has so many. */
  readonly enough: number;
  /** The key to report for a file, given its key and the key of its folder. */
  readonly keyOf: (key: string, folderKey: string) => string;
}

/** A file, or a folder with `/` at the end of its key, so that both sort as the keys that they stand for. */
interface Step {
  readonly key: string;
  readonly folderKey: string;
  readonly folder: boolean;
}

async function walk(context: FileContext, request: Walk): Promise<Walked> {
  const keys = new Set<string>();
  const start = request.prefix.slice(0, request.prefix.lastIndexOf("/") + 1);
  const pending: Step[] = [{ key: start, folderKey: "", folder: true }];
  for (let step = pending.pop(); step !== undefined && keys.size < request.enough; step = pending.pop()) {
    const shown = request.folders && step.key.length > request.prefix.length;
    if (!step.folder || shown) {
      if (step.folder === request.folders) keys.add(request.keyOf(step.key, step.folderKey));
      continue;
    }
    const folderKey = step.key;
    const found = await attempt(() => context.calls.entries(join(request.base, ...folderKey.split("/"))));
    if (found.tag === "failed" && found.code === "ENOENT") continue;
    if (found.tag === "failed") return { tag: "unavailable", reason: found.reason };
    const steps = found.value
      .map(({ name, folder }) => ({ key: `${folderKey}${name}${folder ? "/" : ""}`, folderKey, folder }))
      .filter((each) => isWanted(each, request))
      .sort((a, b) => compareBytes(b.key, a.key));
    for (const each of steps) pending.push(each);
  }
  return { tag: "keys", keys: [...keys] };
}

function isWanted({ key, folder }: Step, { prefix, shallow, after }: Walk): boolean {
  const name = folder ? key.slice(0, -1) : key;
  if (isInternal(name) || !isLegalKey(name) || (folder && shallow && !prefix.startsWith(key))) return false;
  if (!name.startsWith(prefix) && !(folder && prefix.startsWith(key))) return false;
  if (after === undefined || compareBytes(key, after) > 0) return true;
  return folder && after.startsWith(key);
}

/** Chains change which of these keys there are, so that a page cannot be cut before they were asked. */
function mayHaveChains(prefix: string): boolean {
  return prefix.startsWith(OWN_PREFIX) || OWN_PREFIX.startsWith(prefix);
}

/** Applies what the chains below `__graphform/versions/` say to the plain keys. */
async function withChains(
  context: FileContext,
  options: ListOptions,
  plain: readonly string[],
): Promise<Walked> {
  const { prefix } = options;
  if (!mayHaveChains(prefix)) return { tag: "keys", keys: plain };
  const chained = await walk(context, {
    base: internalPath(context.root, "versions"),
    prefix,
    shallow: false,
    folders: false,
    after: undefined,
    enough: Number.POSITIVE_INFINITY,
    keyOf: (_key, folderKey) => folderKey.slice(0, -1),
  });
  if (chained.tag === "unavailable") return chained;
  const keys = new Set(plain);
  for (const key of options.folders === true ? [] : chained.keys) {
    if (options.shallow === true && key.slice(prefix.length).includes("/")) continue;
    const state = await isRemoved(context, key);
    if (state.tag === "unavailable") return state;
    if (state.removed) keys.delete(key);
    else keys.add(key);
  }
  return { tag: "keys", keys: [...keys] };
}

/** Lists keys below the root. */
export async function listObjects(context: FileContext, options: ListOptions): Promise<ListOutcome> {
  const parts = options.prefix.split("/").slice(0, -1);
  if (parts.length > 0 && !isLegalKey(parts.join("/"))) {
    return { tag: "unavailable", reason: `${options.prefix} is not a legal prefix` };
  }
  const limit = Math.min(options.limit, LIST_KEYS_MAX);
  const plain = await walk(context, {
    base: context.root.path,
    prefix: options.prefix,
    shallow: options.shallow === true,
    folders: options.folders === true,
    after: options.after,
    // One more tells that there is a next page.
    enough: mayHaveChains(options.prefix) ? Number.POSITIVE_INFINITY : limit + 1,
    keyOf: (key) => key,
  });
  if (plain.tag === "unavailable") return plain;
  const all = await withChains(context, options, plain.keys);
  if (all.tag === "unavailable") return all;
  const { after } = options;
  const wanted = all.keys.filter(
    (key) => key.startsWith(options.prefix) && (after === undefined || compareBytes(key, after) > 0),
  );
  wanted.sort(compareBytes);
  const page = wanted.slice(0, limit);
  const next = page.length < wanted.length ? (page.at(-1) ?? after ?? "") : null;
  return options.sizes === true
    ? withSizes(context, page, next)
    : { tag: "listed", keys: page as StoreKey[], next };
}

/** Leaves out what was removed since. The mirror of a key with a chain may be older than the chain. */
async function withSizes(
  context: FileContext,
  page: readonly string[],
  next: string | null,
): Promise<ListOutcome> {
  const keys: StoreKey[] = [];
  const sizes: (number | null)[] = [];
  for (const key of page) {
    const path = join(context.root.path, ...key.split("/"));
    const seen = await attempt(() => context.calls.fileSize(path));
    if (seen.tag === "failed" && seen.code !== "ENOENT") return { tag: "unavailable", reason: seen.reason };
    let size = seen.tag === "ok" ? seen.value : undefined;
    if (key.startsWith(OWN_PREFIX) && size !== null) {
      const read = await readChained(context, { key, path });
      if (read.tag === "unavailable") return read;
      size = read.tag === "found" ? read.bytes.length : undefined;
    }
    if (size === undefined) continue;
    keys.push(key as StoreKey);
    sizes.push(size);
  }
  return { tag: "listed", keys, next, sizes };
}
