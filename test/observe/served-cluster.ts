/** A cluster in memory as servers see it: two graphs, a query and a policy each, and an embedding provider. */

import type { Address } from "../../lib/desired/address.ts";
import { graphComposite } from "../../lib/desired/composite.ts";
import { profileDigest } from "../../lib/desired/embedding-provider.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import type { LedgerResource } from "../../lib/ledger/state.ts";
import { createMemoryBackend } from "../../lib/memory/backend.ts";
import { createManualClock } from "../../lib/memory/clock.ts";
import { openMemoryRoot } from "../../lib/memory/open-root.ts";
import { type ServingOutcome, servingSnapshot } from "../../lib/observe/serving-snapshot.ts";
import type { ObjectStore } from "../../lib/ports/object-store.ts";

export const ROOT = "/srv/zoo";
export const FEEDING = "query feeding() { match { $a: Animal } return { $a.name } }\n";
export const KEEPERS = "version: 1\nrules: []\n";
export const MAKER = "provider.embedding.maker" as Address;
export const PROFILE = { kind: "mock", model: "tiny" } as const;
const STATE = "__cluster/state.json";

export type Resources = Record<string, LedgerResource>;

/** `birds` is bound to the provider; the policy binds both graphs. */
export function zooResources(): Resources {
  const schema = sha256("schema");
  const query = sha256(FEEDING);
  const policy = sha256(KEEPERS);
  const maker = profileDigest(PROFILE);
  const composite = (graph_id: string, provider: { address: Address; digest: string } | null) =>
    graphComposite({
      graph_id: graph_id as never,
      schema_digest: schema,
      queries: [{ name: "feeding", digest: query }],
      provider,
      blob_policy: null,
    });
  return {
    "graph.birds": {
      digest: composite("birds", { address: MAKER, digest: maker }),
      embedding_provider: MAKER,
    },
    "graph.fish": { digest: composite("fish", null) },
    "policy.keepers": { digest: policy, applies_to: ["graph.birds", "graph.fish"] },
    [MAKER]: { digest: maker, embedding_profile: PROFILE },
    "query.birds.feeding": { digest: query },
    "query.fish.feeding": { digest: query },
    "schema.birds": { digest: schema },
    "schema.fish": { digest: schema },
  };
}

export function stateOf(resources: Resources) {
  return {
    version: 1,
    state_revision: 3,
    applied_revision: { config_digest: null, resources },
    resource_statuses: {},
    approval_records: {},
    recovery_records: {},
    observations: {},
  } as const;
}

/** Every object of the zoo by key. */
export function zooObjects(resources: Resources = zooResources()): Map<string, string> {
  return new Map([
    [STATE, `${JSON.stringify(stateOf(resources), null, 2)}\n`],
    [`__cluster/resources/query/birds/feeding/${sha256(FEEDING)}.gq`, FEEDING],
    [`__cluster/resources/query/fish/feeding/${sha256(FEEDING)}.gq`, FEEDING],
    [`__cluster/resources/policy/keepers/${sha256(KEEPERS)}.yaml`, KEEPERS],
  ]);
}

export function sidecarOf(graph_id: string): string {
  return JSON.stringify({
    schema_version: 1,
    operation_id: "01OPEN",
    started_at: "2026-02-03T04:05:06Z",
    kind: "schema_apply",
    graph_id,
    graph_uri: "/somewhere/else/graphs/birds.omni",
    desired_schema_digest: sha256("schema"),
  });
}

/** What a server may serve of the objects; `store` may spoil some calls. */
export function served(
  objects: ReadonlyMap<string, string>,
  spoil: (store: ObjectStore) => ObjectStore = (store) => store,
): Promise<ServingOutcome> {
  const backend = createMemoryBackend();
  const encoder = new TextEncoder();
  for (const [key, text] of objects) backend.objects.set(key, encoder.encode(text));
  const clock = createManualClock(Date.UTC(2026, 1, 3));
  const { store, ledger } = openMemoryRoot(backend, clock);
  return servingSnapshot({ store: spoil(store), ledger, clock, root: ROOT });
}
