/** Every key below a prefix, page by page. A page that failed makes the whole listing fail: it is never "empty". */
import type { ObjectStore, StoreKey } from "../ports/object-store.ts";
import { LIST_KEYS_MAX } from "./limits.ts";

export type KeyListing =
  | { readonly tag: "listed"; readonly keys: readonly StoreKey[] }
  | { readonly tag: "unavailable"; readonly reason: string };

/** At most `keysMax` keys; a longer listing is `unavailable`, because a part of it would be a lie. */
export async function listAll(
  store: ObjectStore,
  prefix: string,
  keysMax: number,
  shallow: boolean,
): Promise<KeyListing> {
  const keys: StoreKey[] = [];
  let after: string | undefined;
  while (keys.length <= keysMax) {
    const page = await store.list({ prefix, limit: LIST_KEYS_MAX, after, shallow });
    if (page.tag === "unavailable") return page;
    keys.push(...page.keys);
    if (page.next === null) return { tag: "listed", keys };
    after = page.next;
  }
  return { tag: "unavailable", reason: `more than ${keysMax} objects below ${prefix}` };
}
