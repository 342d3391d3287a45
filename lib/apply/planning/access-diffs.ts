/**
 * Who gains and who loses access by the policy changes of a plan (design 5). The bundle before is the applied payload
 * of the catalog, the one after is the desired file; a payload that cannot be read is said, not guessed.
 */
import { type Address, parseAddress } from "../../desired/address.ts";
import type { Desired } from "../../desired/desired.ts";
import { type Diagnostic, diagnostic } from "../../diagnostic/diagnostic.ts";
import { sha256 } from "../../digest/digest.ts";
import { payloadKey } from "../../ledger/payload-key.ts";
import type { LedgerState } from "../../ledger/state.ts";
import type { RawChange } from "../../plan/change.ts";
import { type AccessDiff, type BoundBundle, diffAccess } from "../../policy/diff.ts";
import { parsePolicy } from "../../policy/parse.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import { inWaves } from "../wave.ts";

export interface AccessDiffs {
  readonly diffs: ReadonlyMap<Address, AccessDiff>;
  readonly diagnostics: readonly Diagnostic[];
}

type Before =
  | { readonly tag: "known"; readonly bound: BoundBundle | null }
  | { readonly tag: "unknown"; readonly diagnostic: Diagnostic };

export async function accessDiffs(
  store: ObjectStore,
  changes: readonly RawChange[],
  desired: Desired,
  state: LedgerState | null,
): Promise<AccessDiffs> {
  const policies = changes.filter((change) => parseAddress(change.resource)?.kind === "policy");
  const before = await inWaves(policies, (change) => boundBefore(store, change, state));
  const diffs = new Map<Address, AccessDiff>();
  const diagnostics: Diagnostic[] = [];
  for (const [index, change] of policies.entries()) {
    const known = before[index]!;
    if (known.tag === "unknown") diagnostics.push(known.diagnostic);
    else diffs.set(change.resource, diffAccess(known.bound, boundAfter(change.resource, desired)));
  }
  return { diffs, diagnostics };
}

function boundAfter(address: Address, desired: Desired): BoundBundle | null {
  const resource = desired.resources.get(address);
  if (resource?.kind !== "policy" || resource.bundle === null) return null;
  return { bundle: resource.bundle, applies_to: resource.applies_to };
}

async function boundBefore(
  store: ObjectStore,
  change: RawChange,
  state: LedgerState | null,
): Promise<Before> {
  const entry = state?.applied_revision.resources[change.resource];
  const address = parseAddress(change.resource);
  if (entry === undefined || address?.kind !== "policy") return { tag: "known", bound: null };
  const key = payloadKey(change.resource, entry.digest);
  const read = key === null ? null : await store.get(key);
  if (read?.tag !== "found") return unknown(change.resource, "its applied payload cannot be read");
  if (sha256(read.bytes) !== entry.digest) return unknown(change.resource, "its applied payload is corrupt");
  const parsed = parsePolicy(new TextDecoder().decode(read.bytes), change.resource);
  if (parsed.tag === "invalid") return unknown(change.resource, "its applied payload is not a valid bundle");
  return { tag: "known", bound: { bundle: parsed.bundle, applies_to: entry.applies_to ?? [] } };
}

function unknown(address: Address, detail: string): Before {
  const message = `Who gains and loses access by ${address} cannot be shown: ${detail}.`;
  return { tag: "unknown", diagnostic: diagnostic("policy_access_unknown", { path: address, message }) };
}
