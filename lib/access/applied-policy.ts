/**
 * AppliedPolicy: the bundles of the applied revision, read from payloads whose digest is the one that the ledger names
 * (spec/policy 5.1). What is proposed is never looked at.
 *
 * A ledger that is lost or older than its history still has the receipt of its newest commit, which names the same
 * payloads; so a cluster can be rescued by whom its newest policy allows to. Whatever cannot be read is `failed`: a
 * policy that is not known allows nothing and is not taken for none.
 */
import type { ClusterPorts } from "../apply/cluster-ports.ts";
import { type Address, parseAddress } from "../desired/address.ts";
import { assertNever } from "../digest/assert.ts";
import { type Digest, sha256 } from "../digest/digest.ts";
import { withBinding } from "../ledger/binding.ts";
import { payloadKey } from "../ledger/payload-key.ts";
import { readLedger } from "../ledger/read-ledger.ts";
import type { LedgerReading, ReadyLedger } from "../ledger/reading.ts";
import type { Receipt } from "../ledger/receipt.ts";
import { readObjectRetrying } from "../ledger/retry.ts";
import type { LedgerResource } from "../ledger/state.ts";
import type { PolicyBundle } from "../policy/bundle.ts";
import { ENGINES_KEPT_MAX, POLICY_PAYLOAD_BYTES_MAX } from "./limits.ts";

/** What is applied. */
export interface AppliedRevision {
  readonly resources: Readonly<Record<string, LedgerResource>>;
  readonly revision: number;
  /** The ledger, if it can be built on. */
  readonly ledger: ReadyLedger | null;
}

export type AppliedRead =
  | ({ readonly tag: "applied" } & AppliedRevision)
  /** Nothing was ever applied. */
  | { readonly tag: "nothing" }
  | { readonly tag: "failed"; readonly reason: string };

/** `held`: the ledger that a run has read under its lease; null: it is read now. */
export async function readApplied(ports: ClusterPorts, held: ReadyLedger | null): Promise<AppliedRead> {
  const reading: LedgerReading = held ?? (await readLedger(ports, { repair: false }));
  switch (reading.tag) {
    case "ready":
      return {
        tag: "applied",
        resources: reading.state.applied_revision.resources,
        revision: reading.state.state_revision,
        ledger: reading,
      };
    case "missing":
      return { tag: "nothing" };
    case "lost":
    case "rolled_back":
      if (reading.receipt === null) return failed("the receipt of the newest commit cannot be read");
      return { tag: "applied", ...resourcesOf(reading.receipt), ledger: null };
    case "forked":
    case "invalid":
    case "unavailable":
      return failed(reading.diagnostics.map(({ message }) => message).join(" "));
    default:
      return assertNever(reading);
  }
}

function failed(reason: string): { readonly tag: "failed"; readonly reason: string } {
  return { tag: "failed", reason };
}

function resourcesOf({ resources, bindings, revision }: Receipt): Omit<AppliedRevision, "ledger"> {
  const entries = Object.entries(resources).map(
    ([address, digest]) => [address, withBinding(digest, bindings[address])] as const,
  );
  return { resources: Object.fromEntries(entries), revision };
}

export type BoundPolicy =
  | { readonly tag: "bound"; readonly digest: string; readonly bundle: PolicyBundle }
  /** No bundle applies to the scope. */
  | { readonly tag: "unbound" }
  | { readonly tag: "failed"; readonly reason: string };

/** Bundles by the digest of their bytes: what is under a digest never changes. */
export type BundleCache = Map<string, PolicyBundle>;

/** The bundle that applies to `binding`: `cluster` or `graph.<id>`. */
export async function boundPolicy(
  ports: ClusterPorts,
  { resources }: Pick<AppliedRevision, "resources">,
  binding: string,
  cache: BundleCache,
): Promise<BoundPolicy> {
  const policies = Object.entries(resources).filter(([address]) => parseAddress(address)?.kind === "policy");
  const unknown = policies.find(([, { applies_to }]) => applies_to === undefined);
  if (unknown !== undefined) return failed(`the ledger does not say what ${unknown[0]} applies to`);
  const [only, ...others] = policies.filter(([, { applies_to }]) => applies_to?.includes(binding));
  if (only === undefined) return { tag: "unbound" };
  if (others.length > 0) return failed(`more than one policy applies to ${binding}`);
  const [address, { digest }] = only;
  const known = cache.get(digest);
  if (known !== undefined) return { tag: "bound", digest, bundle: known };
  const read = await readBundle(ports, address as Address, digest as Digest);
  if (read.tag === "bound") remember(cache, digest, read.bundle);
  return read;
}

async function readBundle(ports: ClusterPorts, address: Address, digest: Digest): Promise<BoundPolicy> {
  const key = payloadKey(address, digest);
  if (key === null) return failed(`${address} has no payload`);
  const read = await readObjectRetrying(ports, key);
  if (read.tag === "absent") return failed(`the payload of ${address} is missing`);
  if (read.tag === "unavailable") return failed(`the payload of ${address} cannot be read: ${read.reason}`);
  if (sha256(read.bytes) !== digest) return failed(`the payload of ${address} has another digest`);
  if (read.bytes.length > POLICY_PAYLOAD_BYTES_MAX) return failed(`the payload of ${address} is too long`);
  // YAML is read by the first decision about a policy, and not to start.
  const { parsePolicy } = await import("../policy/parse.ts");
  const parsed = parsePolicy(new TextDecoder("utf-8", { ignoreBOM: true }).decode(read.bytes), address);
  if (parsed.tag === "parsed") return { tag: "bound", digest, bundle: parsed.bundle };
  return failed(`${address} cannot be used: ${parsed.diagnostics.map(({ message }) => message).join(" ")}`);
}

/** Keeps the newest, so that a process that serves many clusters for long does not grow. */
export function remember<Value>(cache: Map<string, Value>, key: string, value: Value): void {
  if (cache.size >= ENGINES_KEPT_MAX) {
    const [oldest] = cache.keys();
    if (oldest !== undefined) cache.delete(oldest);
  }
  cache.set(key, value);
}
