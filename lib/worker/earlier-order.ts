/**
 * EarlierOrder: the run that this very order has made before, as it was then. Reads only: unlike the same order given
 * again, it stores nothing, prompts nobody, and does not say how the run stands.
 */
import type { RunRecord } from "../apply/runs/run-record.ts";
import { readRun } from "../apply/runs/run-store.ts";
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { StorePorts } from "../ledger/retry.ts";
import { orderUnknown } from "./order-run.ts";
import { readKeyedRequest, requestKey } from "./request-key.ts";
import { orderDigest, type RunOrdering } from "./run-ordering.ts";

export type EarlierOrder =
  /** `record`: its first version, which is what was answered. */
  | { readonly tag: "ordered"; readonly record: RunRecord }
  | { readonly tag: "none" }
  | { readonly tag: "unknown"; readonly diagnostics: readonly Diagnostic[] };

/** By the same key, of the same actor by the same credential, for the same thing. */
export async function earlierOrder(ports: StorePorts, ordering: RunOrdering): Promise<EarlierOrder> {
  const { actor, idempotency_key, caller = null } = ordering;
  if (idempotency_key === null || caller === null) return { tag: "none" };
  const key = requestKey(actor, idempotency_key);
  const keyed = await readKeyedRequest(ports, key);
  switch (keyed.tag) {
    case "absent":
      return { tag: "none" };
    case "unknown":
      return { tag: "unknown", diagnostics: [orderUnknown(key, keyed.reason)] };
    case "found": {
      const { record, order_digest } = keyed.request;
      const same = order_digest === orderDigest(ordering) && record.caller?.canonical === caller.canonical;
      return same ? ifStored(ports, record) : { tag: "none" };
    }
    default:
      return assertNever(keyed);
  }
}

/** An order whose process died before the run had a record was never answered. */
async function ifStored(ports: StorePorts, record: RunRecord): Promise<EarlierOrder> {
  const read = await readRun(ports, record.run_id);
  switch (read.tag) {
    case "found":
      return { tag: "ordered", record };
    case "absent":
      return { tag: "none" };
    case "invalid":
      return { tag: "unknown", diagnostics: [orderUnknown(record.run_id, read.detail)] };
    case "unavailable":
      return { tag: "unknown", diagnostics: [orderUnknown(record.run_id, read.reason)] };
    default:
      return assertNever(read);
  }
}
