/** The worked examples of the digests, byte for byte (spec/cluster 3.6 to 3.8). */
import { describe, expect, it } from "vitest";
import { documentJson, profileJson } from "../../lib/config/document-json.ts";
import { parseClusterYaml } from "../../lib/config/parse.ts";
import { providerAddress } from "../../lib/desired/address.ts";
import { blobPolicyJson, type ExternalBlobPolicy } from "../../lib/desired/blob-policy.ts";
import { type CompositeInputs, compositeText, graphComposite } from "../../lib/desired/composite.ts";
import { configDigest, configDigestText } from "../../lib/desired/config-digest.ts";
import { loadDesired } from "../../lib/desired/desired.ts";
import { profileDigest } from "../../lib/desired/embedding-provider.ts";
import { sha256, stateCas } from "../../lib/digest/digest.ts";
import type { GraphId } from "../../lib/digest/ids.ts";
import { EXAMPLE_A, EXAMPLE_B, sampleBundle } from "./sample-bundle.ts";

/** Digests are facts of the format: they never change (spec/cluster 3.6 to 3.8). */
const SCHEMA = "3dc78563c26fd207793d549d050ab51123a6609b9bada73c7864a73c5d17856e";
const QUERY = "fce5cb9af8c8c3615b3a188d1fe626319283f7d4fc5f55b678d81765aed88950";
const POLICY = "7f2c43106364d8112fcc3060e4ab8b20f5d1a17d9cbf3c2540529663004adff8";
const PROVIDER = "c6a5a6d1e6e6c5dbeb8acb4c18b747db8430aa3576100e7d7c1a5c1c594ddde7";
const GRAPH_A = "cd23cf0245d1231f4434edb2049355e45452070f93037f2fc871613362a854f6";
const GRAPH_B = "86be9500bffd1182fa5a74f296aeab1f0559dd506ba9a56fb4caed66aa72a100";

const composite = (more: Partial<CompositeInputs>): CompositeInputs => ({
  graph_id: "knowledge" as GraphId,
  schema_digest: SCHEMA,
  queries: [{ name: "find_person", digest: QUERY }],
  provider: null,
  blob_policy: null,
  ...more,
});

const parse = (text: string) => {
  const parsed = parseClusterYaml(Buffer.from(text, "utf8"));
  if (parsed.tag === "invalid") throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.config;
};

describe("the worked example of a minimal cluster (spec/cluster 3.6)", () => {
  it("gives the digests of every resource and of the config", () => {
    const desired = loadDesired(sampleBundle(EXAMPLE_A));
    expect(desired.diagnostics).toEqual([]);
    expect(desired.resource_digests).toEqual({
      "graph.knowledge": GRAPH_A,
      "policy.base": POLICY,
      "query.knowledge.find_person": QUERY,
      "schema.knowledge": SCHEMA,
    });
    expect(desired.config_digest).toBe("280c3774965e0ef2e18e534fb4428332b624e2f7100f5c3fba48669563e3cd88");
  });

  it("hashes the composite of a graph without applied queries over 88 bytes", () => {
    const inputs = composite({ queries: [] });
    expect(Buffer.byteLength(compositeText(inputs))).toBe(88);
    expect(graphComposite(inputs)).toBe("5b6862416d41092cc002c4ce54594a541e5f6dcedc07a663c986f8fde8891687");
  });

  it("hashes the composite of a graph with its query over 171 bytes", () => {
    expect(Buffer.byteLength(compositeText(composite({})))).toBe(171);
    expect(graphComposite(composite({}))).toBe(GRAPH_A);
  });

  it("hashes the config over 664 bytes that begin with the canonical document", () => {
    const config = parse(EXAMPLE_A["cluster.yaml"]);
    const resources = [...loadDesired(sampleBundle(EXAMPLE_A)).resources.values()];
    expect(Buffer.byteLength(configDigestText(config, resources))).toBe(664);
    expect(documentJson(config)).toBe(
      '{"version":1,"metadata":{"name":"demo"},"storage":null,"state":{"backend":null,"lock":null},"providers":{"embedding":{}},"graphs":{"knowledge":{"schema":"people.pg","queries":{"find_person":{"file":"people.gq"}},"embedding_provider":null}},"policies":{"base":{"file":"base.policy.yaml","applies_to":["knowledge"]}}}',
    );
  });
});

describe("the worked example with a provider and external blobs (spec/cluster 3.7)", () => {
  const policy: ExternalBlobPolicy = {
    mode: "allow",
    bases: [{ uri: "s3://assets-bucket/knowledge/", scope: "server_safe" }],
  };
  const provider = { address: providerAddress("default"), digest: PROVIDER };

  it("gives the digests of every resource and of the config", () => {
    const desired = loadDesired(sampleBundle(EXAMPLE_B));
    expect(desired.diagnostics).toEqual([]);
    expect(desired.resource_digests).toMatchObject({
      "graph.knowledge": GRAPH_B,
      "provider.embedding.default": PROVIDER,
    });
    expect(desired.config_digest).toBe("9be0877c1f3d27f19dd409c8f62cc201d4394b8ae8c0891a260126765688c16f");
  });

  it("hashes the profile with its fields in order and absent ones left out", () => {
    expect(profileJson({ model: "cluster-mock", kind: "mock" })).toBe(
      '{"kind":"mock","model":"cluster-mock"}',
    );
    const full = {
      api_key: `$${"{OPENROUTER_API_KEY}"}`,
      model: "openai/text-embedding-3-large",
      base_url: "https://openrouter.ai/api/v1",
      kind: "openai-compatible",
    };
    expect(profileDigest(full)).toBe("cc5bbcf3999f2de707fb7782413f1a64fbfc804b229b55d183ef8bbc7b051730");
  });

  it("hashes the composite with a provider over 282 bytes and with a blob policy over 392", () => {
    const bound = composite({ provider });
    expect(Buffer.byteLength(compositeText(bound))).toBe(282);
    expect(graphComposite(bound)).toBe("2e86126ccbd7299e264335c34d7ea4ea9a01589c1f56f44ffc32fcf8b8c7a2e6");
    const both = composite({ provider, blob_policy: policy });
    expect(Buffer.byteLength(compositeText(both))).toBe(392);
    expect(graphComposite(both)).toBe(GRAPH_B);
    expect(blobPolicyJson(policy)).toBe(
      '{"mode":"allow","bases":[{"uri":"s3://assets-bucket/knowledge/","scope":"server_safe"}]}',
    );
  });

  it("hashes the config over 874 bytes that keep every spelling of the document", () => {
    const config = parse(EXAMPLE_B["cluster.yaml"]);
    const resources = [...loadDesired(sampleBundle(EXAMPLE_B)).resources.values()];
    expect(Buffer.byteLength(configDigestText(config, resources))).toBe(874);
    expect(documentJson(config)).toContain(
      '"queries":"queries/","embedding_provider":"default","external_blobs":{"allow":[{"base":"S3://Assets-Bucket/knowledge","scope":"server_safe"}]}',
    );
  });

  it("hashes an empty document over 161 bytes", () => {
    const config = parse("version: 1\n");
    expect(Buffer.byteLength(configDigestText(config, []))).toBe(161);
    expect(configDigest(config, [])).toBe("00596c0ba33c57e264030957f7a82a9f5407338547350892669dc91b4bde8e5d");
  });
});

describe("the worked example of a ledger's compare-and-set value (spec/cluster 3.8)", () => {
  it("hashes the stored bytes, indented by two spaces and ended by one line feed", () => {
    const ledger = {
      version: 1,
      state_revision: 2,
      applied_revision: {
        config_digest: "280c3774965e0ef2e18e534fb4428332b624e2f7100f5c3fba48669563e3cd88",
        resources: {
          "graph.knowledge": { digest: GRAPH_A },
          "policy.base": { digest: POLICY, applies_to: ["graph.knowledge"] },
          "query.knowledge.find_person": { digest: QUERY },
          "schema.knowledge": { digest: SCHEMA },
        },
      },
      resource_statuses: {
        "policy.base": { status: "applied" },
        "query.knowledge.find_person": { status: "applied" },
      },
      approval_records: {},
      recovery_records: {},
      observations: {},
    };
    const stored = `${JSON.stringify(ledger, null, 2)}\n`;
    expect(Buffer.byteLength(stored)).toBe(967);
    expect(stateCas(stored)).toBe("sha256:2cf130901872152c441dd65acf1eb8c012a24e2e9a61110a1a1ec6a7d2059905");
  });

  it("names a digest without a prefix and without capitals", () => {
    expect(sha256("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });
});
