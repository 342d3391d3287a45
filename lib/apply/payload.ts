/**
 * Payloads: the catalog blobs of queries and policies, content-addressed below `__cluster/resources/` (spec/cluster
 * 5.1). A blob is written before the ledger names it. An existing one is trusted only after its content was checked;
 * a corrupt one is replaced (W2).
 */
import { assertNever } from "../digest/assert.ts";
import { sha256 } from "../digest/digest.ts";
import { putOnce, type StorePorts } from "../ledger/retry.ts";
import type { StoreKey, Version } from "../ports/object-store.ts";

export interface Payload {
  readonly key: StoreKey;
  readonly bytes: Uint8Array;
}

export type PayloadWritten =
  | { readonly tag: "present" | "healed" }
  | { readonly tag: "failed"; readonly reason: string };

/** After anything but `failed`, the blob under the key has exactly these bytes. */
export async function writePayload(ports: StorePorts, payload: Payload): Promise<PayloadWritten> {
  const put = await putOnce(ports, payload.key, payload.bytes);
  switch (put.tag) {
    case "present":
      return { tag: "present" };
    case "other":
      return heal(ports, payload, put.version);
    case "unavailable":
    case "ambiguous":
      return { tag: "failed", reason: put.reason };
    default:
      return assertNever(put);
  }
}

async function heal({ store }: StorePorts, payload: Payload, corrupt: Version): Promise<PayloadWritten> {
  const replaced = await store.replace(payload.key, payload.bytes, corrupt);
  if (replaced.tag === "unavailable") return { tag: "failed", reason: replaced.reason };
  const after = await store.get(payload.key);
  const healed = after.tag === "found" && sha256(after.bytes) === sha256(payload.bytes);
  return healed
    ? { tag: "healed" }
    : { tag: "failed", reason: "its content is corrupt and could not be replaced" };
}
