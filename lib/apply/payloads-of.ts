/** The payloads that a set of changes needs in the catalog before the ledger may name them (spec/cluster 5.1, 8.1). */
import type { Address } from "../desired/address.ts";
import type { Desired } from "../desired/desired.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assert } from "../digest/assert.ts";
import { payloadKey } from "../ledger/payload-key.ts";
import type { StorePorts } from "../ledger/retry.ts";
import type { Change } from "../plan/change.ts";
import { type Payload, writePayload } from "./payload.ts";
import { inWaves } from "./wave.ts";

export interface NamedPayload extends Payload {
  readonly address: Address;
}

export function payloadsOf(changes: readonly Change[], desired: Desired): readonly NamedPayload[] {
  return changes.flatMap((change) => {
    if (change.disposition !== "applied" || change.operation === "delete") return [];
    const payload = payloadOf(change.resource, desired);
    return payload === null ? [] : [payload];
  });
}

function payloadOf(address: Address, desired: Desired): NamedPayload | null {
  const resource = desired.resources.get(address);
  if (resource?.kind !== "query" && resource?.kind !== "policy") return null;
  const key = payloadKey(address, resource.digest);
  assert(key !== null, "a desired resource has a legal address and a digest of ours");
  return { address, key, bytes: bytesOf(resource.kind === "query" ? resource.source : resource.text) };
}

/** Sources are UTF-8 that was decoded without dropping anything, so these are the bytes that were hashed. */
function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export interface PayloadsWritten {
  readonly failed: ReadonlySet<Address>;
  readonly diagnostics: readonly Diagnostic[];
}

/** All are attempted; each failure blocks its own resource. */
export async function writePayloads(
  ports: StorePorts,
  payloads: readonly NamedPayload[],
): Promise<PayloadsWritten> {
  const failed = new Set<Address>();
  const diagnostics: Diagnostic[] = [];
  const answers = await inWaves(payloads, (payload) => writePayload(ports, payload));
  for (const [index, answer] of answers.entries()) {
    if (answer.tag !== "failed") continue;
    const { address, key } = payloads[index]!;
    failed.add(address);
    const message = `The payload of ${address} could not be written to ${key}: ${answer.reason}.`;
    diagnostics.push(diagnostic("resource_payload_write_error", { path: address, message }));
  }
  return { failed, diagnostics };
}
