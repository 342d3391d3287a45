/** Valid ledgers for tests, and arbitrary ones for laws. */
import fc from "fast-check";
import type { Address } from "../../lib/desired/address.ts";
import { graphComposite } from "../../lib/desired/composite.ts";
import { sha256 } from "../../lib/digest/digest.ts";
import type { RunId } from "../../lib/digest/ids.ts";
import type { CommitFacts } from "../../lib/ledger/commit-facts.ts";
import {
  type JsonValue,
  type LedgerResource,
  type LedgerState,
  RESOURCE_STATUSES,
  type StatusRecord,
} from "../../lib/ledger/state.ts";

export const EMPTY_LEDGER: LedgerState = {
  version: 1,
  state_revision: 0,
  applied_revision: { config_digest: null, resources: {} },
  resource_statuses: {},
  approval_records: {},
  recovery_records: {},
  observations: {},
};

/** The state with every graph entry's digest recomputed. */
export function composed(state: LedgerState): LedgerState {
  const { resources } = state.applied_revision;
  const next: Record<string, LedgerResource> = { ...resources };
  for (const [address, entry] of Object.entries(resources)) {
    if (!address.startsWith("graph.")) continue;
    const graph = address.slice("graph.".length);
    const prefix = `query.${graph}.`;
    const provider = entry.embedding_provider ?? null;
    const digest = graphComposite({
      graph_id: graph,
      schema_digest: resources[`schema.${graph}`]?.digest ?? null,
      queries: Object.entries(resources)
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, query]) => ({ name: key.slice(prefix.length), digest: query.digest })),
      provider:
        provider === null
          ? null
          : { address: provider as Address, digest: resources[provider]?.digest ?? null },
      blob_policy: entry.external_blob_policy ?? null,
    });
    next[address] = { ...entry, digest };
  }
  return { ...state, applied_revision: { ...state.applied_revision, resources: next } };
}

/** A ledger with one graph of every feature. */
export function sampleLedger(note = "first"): LedgerState {
  return composed({
    ...EMPTY_LEDGER,
    applied_revision: {
      config_digest: sha256(`config ${note}`),
      resources: {
        "schema.shop": { digest: sha256(`schema ${note}`) },
        "query.shop.by_name": { digest: sha256("query") },
        "policy.staff": { digest: sha256("policy"), applies_to: ["cluster"] },
        "provider.embedding.small": {
          digest: sha256("provider"),
          embedding_profile: { kind: "mock", model: "m", api_key: "$".concat("{KEY}") },
        },
        "graph.shop": {
          digest: "",
          embedding_provider: "provider.embedding.small",
          external_blob_policy: { mode: "allow", bases: [{ uri: "s3://b/p/", scope: "server_safe" }] },
        },
      },
    },
    resource_statuses: {
      "query.shop.by_name": { status: "applied" },
      "graph.shop": { status: "drifted", conditions: ["graph_missing"], message: "gone" },
    },
  });
}

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_-]{0,6}$/);
const digest = fc.string({ maxLength: 8 }).map((text) => sha256(text));
const json: fc.Arbitrary<JsonValue> = fc.jsonValue({ maxDepth: 3 }).map((value) => value as JsonValue);
const record = fc.dictionary(fc.string({ maxLength: 6, unit: "grapheme" }), json, { maxKeys: 4 });

const status: fc.Arbitrary<StatusRecord> = fc.record(
  {
    status: fc.constantFrom(...RESOURCE_STATUSES),
    conditions: fc.array(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 2 }),
    message: fc.string({ unit: "grapheme" }),
  },
  { requiredKeys: ["status"] },
);

const resources = fc
  .array(fc.tuple(name, fc.array(name, { maxLength: 3 }), digest, name), { maxLength: 4 })
  .map((graphs) => {
    const entries: Record<string, LedgerResource> = {};
    for (const [graph, queries, hash, provider] of graphs) {
      entries[`schema.${graph}`] = { digest: hash };
      for (const query of queries) entries[`query.${graph}.${query}`] = { digest: sha256(query) };
      entries[`policy.${provider}`] = { digest: hash, applies_to: [`graph.${graph}`, "cluster"] };
      entries[`graph.${graph}`] = { digest: "", embedding_provider: `provider.embedding.${provider}` };
    }
    return entries;
  });

/** Any valid ledger without a marker. */
export const anyLedger: fc.Arbitrary<LedgerState> = fc
  .record({
    version: fc.constant(1 as const),
    state_revision: fc.nat(),
    applied_revision: fc.record({ config_digest: fc.option(digest), resources }),
    resource_statuses: fc.dictionary(
      name.map((graph) => `graph.${graph}`),
      status,
      { maxKeys: 4 },
    ),
    approval_records: record,
    recovery_records: record,
    observations: fc.dictionary(
      name.map((graph) => `graph.${graph}`),
      json,
      { maxKeys: 4 },
    ),
  })
  .map((state) => composed(state));

/** Facts of an ordinary commit. */
export function sampleFacts(overrides: Partial<CommitFacts> = {}): CommitFacts {
  return {
    kind: "final",
    run_id: "01JZZZZZZZZZZZZZZZZZZZZZZZ" as RunId,
    token: 1,
    plan_id: null,
    actor: "user:ada",
    trigger: "cli",
    git: null,
    bundle_digest: null,
    config_digest: null,
    changes: [],
    approvals_consumed: [],
    recovered: [],
    graphs: {},
    protected: [],
    ...overrides,
  };
}
