/**
 * Object store: bytes under keys below one storage root.
 *
 * Keys are `/`-separated UTF-8 names relative to the root, without empty, `.` or `..` parts. Reads are strongly
 * consistent per key; nothing is atomic across keys. There is no unconditional write and no unconditional delete.
 * A `Version` is opaque and changes whenever the content of the key changes; two different contents of one key never
 * share a version, equal contents may (so a body that is replaced carries an id of its own, reliability 3.1 ABA).
 *
 * Every call answers; none throws for anything the outside world can do. Bodies are copied or frozen at the call.
 */
import type { Brand } from "../digest/digest.ts";
import type { Outcome } from "./outcome.ts";

/** Opaque version token of one object (an ETag on S3). */
export type Version = Brand<"Version">;
/** A key relative to the storage root. */
export type StoreKey = Brand<"StoreKey">;

export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly version: Version;
}

/** `absent` is proven absence; a failed or timed out read is `unavailable`, never `absent` (design 4.7, W4). */
export type ReadOutcome =
  | ({ readonly tag: "found" } & StoredObject)
  | { readonly tag: "absent" }
  | { readonly tag: "unavailable"; readonly reason: string };

/** What a refused write met: the object that is there (version only, read it for its bytes), or nothing. */
export type WriteCurrent =
  | { readonly tag: "found"; readonly version: Version | null }
  | { readonly tag: "absent" };

export type WriteOutcome = Outcome<Version, WriteCurrent>;
/** `done` covers "removed now"; an absent key is `refused` with `absent`. */
export type RemoveOutcome = Outcome<null, WriteCurrent>;

/** Keys in ascending byte order. `next` continues a listing that was cut; a list that failed is not an empty list. */
export type ListOutcome =
  | {
      readonly tag: "listed";
      readonly keys: readonly StoreKey[];
      readonly next: string | null;
      /** Bytes of each key, only if they were asked for. Null: a link on a disk, or another thing with no content. */
      readonly sizes?: readonly (number | null)[] | undefined;
    }
  | { readonly tag: "unavailable"; readonly reason: string };

export interface ListOptions {
  /** Only keys that begin with this text. Ends with `/` or is a whole-name prefix. */
  readonly prefix: string;
  /** At most this many keys; the adapter may return fewer (1,000 at the most). */
  readonly limit: number;
  /** Only keys that sort after this text: the `next` of the page before, or any key (to skip a folder). */
  readonly after?: string | undefined;
  /** Only direct children (objects, no deeper keys) of the prefix. */
  readonly shallow?: boolean | undefined;
  /**
   * Only the direct child folders of a prefix that ends with `/`, each once as its key with `/` at its end. An adapter
   * on a disk may name a folder that holds nothing any more.
   */
  readonly folders?: boolean | undefined;
  /** Also the size of each object; not together with `folders`. */
  readonly sizes?: boolean | undefined;
}

export interface ObjectStore {
  /** The bytes and version under `key`. */
  get(key: StoreKey): Promise<ReadOutcome>;
  /** Puts `bytes` if nothing is there. Exclusive among all clients: of many, exactly one is `done`. */
  putIfAbsent(key: StoreKey, bytes: Uint8Array): Promise<WriteOutcome>;
  /** Replaces the object if it still has `version`. A missing object is `refused` with `absent`. */
  replace(key: StoreKey, bytes: Uint8Array, version: Version): Promise<WriteOutcome>;
  /** Removes the object if it still has `version`. */
  remove(key: StoreKey, version: Version): Promise<RemoveOutcome>;
  /** Lists keys in ascending byte order. */
  list(options: ListOptions): Promise<ListOutcome>;
}

/** A key from parts that are known to be legal; asserts nothing about the outside world. */
export function storeKey(text: string): StoreKey {
  return text as StoreKey;
}
