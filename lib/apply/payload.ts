/**
 * Payloads: the catalog blobs of queries and policies, content-addressed below `__cluster/resources/` (spec/cluster
 * 5.1). A blob is written before the ledger names it. An existing one is trusted only after its content was checked;
 * a corrupt one is replaced (W2).
 */
import { sha256 } from "../digest/digest.ts";
import type { ObjectStore, StoreKey } from "../ports/object-store.ts";

export interface Payload {
  readonly key: StoreKey;
  readonly bytes: Uint8Array;
}

export type PayloadWritten =
  | { readonly tag: "written" | "present" | "healed" }
  | { readonly tag: "failed"; readonly reason: string };

/** After anything but `failed`, the blob under the key has exactly these bytes. */
export async function writePayload(store: ObjectStore, payload: Payload): Promise<PayloadWritten> {
  const put = await store.putIfAbsent(payload.key, payload.bytes);
  switch (put.tag) {
    case "done":
      return { tag: "written" };
    case "refused":
    case "conflict":
    case "ambiguous":
      return verifyOrHeal(store, payload);
    case "unavailable":
      return { tag: "failed", reason: put.reason };
  }
}

async function verifyOrHeal(store: ObjectStore, payload: Payload): Promise<PayloadWritten> {
  const wanted = sha256(payload.bytes);
  const present = await store.get(payload.key);
  if (present.tag === "unavailable") return { tag: "failed", reason: present.reason };
  if (present.tag === "absent") return { tag: "failed", reason: "it vanished while it was written" };
  if (sha256(present.bytes) === wanted) return { tag: "present" };
  const replaced = await store.replace(payload.key, payload.bytes, present.version);
  if (replaced.tag === "unavailable") return { tag: "failed", reason: replaced.reason };
  const after = await store.get(payload.key);
  const healed = after.tag === "found" && sha256(after.bytes) === wanted;
  return healed
    ? { tag: "healed" }
    : { tag: "failed", reason: "its content is corrupt and could not be replaced" };
}
