/**
 * Object parts: objects of a storage root that are too long to hold, read a range at a time and written part after part.
 *
 * Keys are those of the object store, and its promises hold: reads are strongly consistent, and there is no
 * unconditional write. A `Version` changes whenever the content does, and is told without reading the content, so it is
 * compared with versions of this port only. Every call answers; none throws for anything the outside world can do.
 */
import type { StoreKey, Version, WriteOutcome } from "./object-store.ts";

export interface PartRange {
  readonly from: number;
  readonly bytes: number;
}

interface Unavailable {
  readonly tag: "unavailable";
  readonly reason: string;
}

/** `changed`: it has another version than the one that was asked for, or ends before the range begins. */
export type PartReadOutcome =
  | {
      readonly tag: "found";
      /** As many as were asked for, fewer only where the object ends; none only of an object that is empty. */
      readonly bytes: Uint8Array;
      readonly version: Version;
      /** Bytes of the whole object. */
      readonly size: number;
    }
  | { readonly tag: "absent" }
  | { readonly tag: "changed" }
  | Unavailable;

export type PartAddOutcome = { readonly tag: "added" } | Unavailable;

/** An object that is being written and that nobody sees yet. */
export interface PartsWriting {
  /**
   * Adds the next bytes: 5 MiB or more, but for the last. After `unavailable` the same bytes may be given again, and
   * are in the object once. They are not to be changed before the answer.
   */
  add(bytes: Uint8Array): Promise<PartAddOutcome>;
  /**
   * Makes it the object, if nothing is there (null) or what is there still has the version. Called once; whatever it
   * answers but `done`, a new attempt begins anew.
   */
  finish(over: Version | null): Promise<WriteOutcome>;
  /** Gives it up: what was written is removed, now or by the storage's own clean-up. */
  abandon(): Promise<void>;
}

export type PartsBeginOutcome = { readonly tag: "begun"; readonly writing: PartsWriting } | Unavailable;

export interface ObjectParts {
  /** The range of the object, if it still has `version`; null for whichever it has. */
  read(key: StoreKey, range: PartRange, version: Version | null): Promise<PartReadOutcome>;
  /** Begins to write an object. Nothing is there before it is finished. */
  begin(key: StoreKey): Promise<PartsBeginOutcome>;
}
