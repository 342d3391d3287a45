/**
 * MovedContent: how an object of a cluster is moved to a place for backups and back, and what that holds in memory.
 *
 * A file with rows that is the same below every root is moved in parts if it is long. Everything else is held whole: a file
 * that names addresses because they are replaced, a record because the policy of a bucket lets no part of one be put.
 */
import type { RowFiles } from "../engine/row-files.ts";
import { isRowFile } from "./cluster-keys.ts";
import type { CopyLimits } from "./limits.ts";
import { heldInParts, isLong } from "./long-content.ts";
import type { ScannedObject } from "./scan-cluster.ts";
import { done, type Held, type Step, stopped } from "./step.ts";

function movesInParts(rows: RowFiles, limits: CopyLimits, { key, bytes }: ScannedObject): boolean {
  return isLong(bytes, limits) && isRowFile(key) && !rows.namesAddresses(key);
}

/** The way that the object takes; there is none for one that must be held and is too long for that. */
export function moves(rows: RowFiles, limits: CopyLimits, object: ScannedObject): Step<"in parts" | "whole"> {
  if (movesInParts(rows, limits, object)) return done("in parts");
  const { key, bytes } = object;
  if (bytes <= limits.whole_bytes_max) return done("whole");
  const message = `${key} has ${bytes} bytes; at most ${limits.whole_bytes_max} of an object of this kind can be held.`;
  return stopped("backup_object_too_long", key, message);
}

export function heldOf(rows: RowFiles, limits: CopyLimits): Held<ScannedObject> {
  return {
    bytesOf: (object) =>
      movesInParts(rows, limits, object) ? heldInParts(object.bytes, limits) : object.bytes,
    bytes_max: limits.held_bytes_max,
  };
}
