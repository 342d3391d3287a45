/**
 * Binding: what an entry of the ledger says beside its digest: which graphs a policy applies to, the profile of a
 * provider, the provider and the blob policy of a graph (spec/cluster 4.1). Receipts keep them by address, so that a
 * ledger that was lost can be made again.
 *
 * Guarantees: pure. `withBinding({ digest }, bindingOf(entry)) = entry`.
 */
import { z } from "zod";
import { compareBytes } from "../digest/digest.ts";
import type { LedgerResource, LedgerState } from "./state.ts";

export type Binding = Omit<LedgerResource, "digest">;
export type Bindings = Readonly<Record<string, Binding>>;

/** Strict: a field that is not known would be lost in silence. */
export const bindingShape = z.strictObject({
  applies_to: z.array(z.string()).exactOptional(),
  embedding_provider: z.string().exactOptional(),
  embedding_profile: z
    .strictObject({
      kind: z.string().exactOptional(),
      base_url: z.string().exactOptional(),
      model: z.string().exactOptional(),
      api_key: z.string().exactOptional(),
    })
    .exactOptional(),
  external_blob_policy: z
    .strictObject({
      mode: z.literal("allow"),
      bases: z.array(z.strictObject({ uri: z.string(), scope: z.enum(["server_safe", "embedded_only"]) })),
    })
    .exactOptional(),
});

/** What `entry` says beside its digest, or null if it says nothing more. */
export function bindingOf(entry: LedgerResource): Binding | null {
  const { digest, ...binding } = entry;
  return Object.keys(binding).length === 0 ? null : binding;
}

/** By address, of the entries that have one. */
export function bindingsOf(state: LedgerState): Bindings {
  const entries = Object.entries(state.applied_revision.resources).flatMap(([address, entry]) => {
    const binding = bindingOf(entry);
    return binding === null ? [] : [[address, binding] as const];
  });
  return Object.fromEntries(entries);
}

/** The entry of the ledger again; fields in the order of the ledger. */
export function withBinding(digest: string, binding: Binding | undefined): LedgerResource {
  return { digest, ...(binding === undefined ? {} : ordered(binding)) };
}

/** For the bytes of a receipt: by address, and the fields of each as the ledger orders them. */
export function sortedBindings(bindings: Bindings): Bindings {
  const entries = Object.entries(bindings).sort(([a], [b]) => compareBytes(a, b));
  return Object.fromEntries(entries.map(([address, binding]) => [address, ordered(binding)]));
}

function ordered(binding: Binding): Binding {
  const { applies_to, embedding_provider, embedding_profile, external_blob_policy } = binding;
  return {
    ...(applies_to === undefined ? {} : { applies_to }),
    ...(embedding_provider === undefined ? {} : { embedding_provider }),
    ...(embedding_profile === undefined ? {} : { embedding_profile: orderedProfile(embedding_profile) }),
    ...(external_blob_policy === undefined ? {} : { external_blob_policy }),
  };
}

function orderedProfile(profile: NonNullable<Binding["embedding_profile"]>): typeof profile {
  const { kind, base_url, model, api_key } = profile;
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(base_url === undefined ? {} : { base_url }),
    ...(model === undefined ? {} : { model }),
    ...(api_key === undefined ? {} : { api_key }),
  };
}
