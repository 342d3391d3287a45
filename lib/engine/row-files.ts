/**
 * Row files: what must be known of the files below a graph's root to copy rows from one storage root to another without
 * opening them. The engine that wrote them knows it; copying and checking need no native module.
 */
import type { StoreKey } from "../ports/object-store.ts";
import type { TablePosition } from "./tables.ts";

/** `unknown`: the file is none that this version knows to move; where it lies it may be whole. */
export type Relocation =
  | { readonly tag: "bytes"; readonly bytes: Uint8Array }
  | { readonly tag: "unknown"; readonly detail: string };

export type PinnedFiles =
  | { readonly tag: "files"; readonly keys: readonly StoreKey[] }
  | { readonly tag: "broken"; readonly detail: string }
  | { readonly tag: "unavailable"; readonly reason: string };

export type FileRead =
  | { readonly tag: "found"; readonly bytes: Uint8Array }
  | { readonly tag: "absent" }
  | { readonly tag: "unavailable"; readonly reason: string };

export interface RowFiles {
  /** False for a file that is the same below every root, so that nobody has to look into it to move it. */
  namesAddresses(key: StoreKey): boolean;
  /** The content that the file under `key` must have below `root` (a folder or `s3://bucket/prefix`). */
  relocate(key: StoreKey, bytes: Uint8Array, root: string): Relocation;
  /** Every file that a reader of the position opens, the one that names the others included. */
  pinned(position: TablePosition, read: (key: StoreKey) => Promise<FileRead>): Promise<PinnedFiles>;
}
