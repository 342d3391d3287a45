/** Where a cluster keeps config folders (design 3), and what they are called in outputs. */
import type { Digest } from "../digest/digest.ts";
import { type StoreKey, storeKey } from "../ports/object-store.ts";

const SHOWN_CHARACTERS = 12;

export function bundleKey(digest: Digest): StoreKey {
  return storeKey(`__graphform/bundles/${digest}.zip`);
}

/** Who brought the bundle first. */
export function bundleOriginKey(digest: Digest): StoreKey {
  return storeKey(`__graphform/bundles/${digest}-brought.json`);
}

/** In place of the name of a folder: paths in outputs begin with it. */
export function bundleName(digest: Digest): string {
  return `bundle:${digest.slice(0, SHOWN_CHARACTERS)}`;
}
