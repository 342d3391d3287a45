/**
 * Told drift: of which drifted addresses people have been told, `__graphform/told-drift.json`, so that each drift is told
 * once, whoever has found it. An address stays in the list until its drift is over.
 *
 * It is written after the notice was sent: a worker that dies in between tells again, and none keeps a drift to itself.
 * Losing the file tells once more of what is drifted.
 */
import { z } from "zod";
import { isUlid } from "../digest/ids.ts";
import { moveOnce, putOnce, readObjectRetrying, type StorePorts } from "../ledger/retry.ts";
import { readDocument } from "../ledger/typed-document.ts";
import type { Ids } from "../ports/ids.ts";
import { storeKey, type Version } from "../ports/object-store.ts";
import { TOLD_DRIFT_BYTES_MAX } from "./limits.ts";

export const TOLD_DRIFT_FORMAT_VERSION = 1;
const KEY = storeKey("__graphform/told-drift.json");

const shape = z.strictObject({
  format_version: z.literal(TOLD_DRIFT_FORMAT_VERSION),
  addresses: z.array(z.string()),
  change_id: z.string().refine(isUlid, "is not a ULID"),
});

/** `addresses`: sorted. `change_id`: ULID of the write that made this version. */
export function encodeToldDrift(addresses: readonly string[], change_id: string): Uint8Array {
  const document = { format_version: TOLD_DRIFT_FORMAT_VERSION, addresses, change_id };
  return Buffer.from(`${JSON.stringify(document, null, 2)}\n`, "utf8");
}

export type ToldDriftDecoding =
  | { readonly tag: "decoded"; readonly addresses: readonly string[]; readonly change_id: string }
  | { readonly tag: "invalid"; readonly detail: string };

export function decodeToldDrift(bytes: Uint8Array): ToldDriftDecoding {
  const read = readDocument(bytes, shape, TOLD_DRIFT_BYTES_MAX);
  if (read.tag === "invalid") return read;
  const { addresses, change_id } = read.value;
  return { tag: "decoded", addresses, change_id };
}

export type ToldDriftRead =
  /** `version` null: there is no list yet. One that cannot be read names nothing, and is replaced. */
  | { readonly tag: "told"; readonly addresses: readonly string[]; readonly version: Version | null }
  | { readonly tag: "unavailable" };

export async function readToldDrift(ports: StorePorts): Promise<ToldDriftRead> {
  const read = await readObjectRetrying(ports, KEY);
  if (read.tag === "unavailable") return { tag: "unavailable" };
  if (read.tag === "absent") return { tag: "told", addresses: [], version: null };
  const decoded = decodeToldDrift(read.bytes);
  const addresses = decoded.tag === "decoded" ? decoded.addresses : [];
  return { tag: "told", addresses, version: read.version };
}

/** Replaces the list that was read. Best effort: what is not kept is told again. */
export async function keepToldDrift(
  ports: StorePorts & { readonly ids: Ids },
  from: Version | null,
  addresses: readonly string[],
): Promise<void> {
  const change_id = ports.ids.next();
  const bytes = encodeToldDrift(addresses, change_id);
  if (from === null) {
    await putOnce(ports, KEY, bytes);
    return;
  }
  const isOurs = (there: Uint8Array) => {
    const decoded = decodeToldDrift(there);
    return decoded.tag === "decoded" && decoded.change_id === change_id;
  };
  await moveOnce(ports, { key: KEY, from, bytes, isOurs });
}
