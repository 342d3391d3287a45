/**
 * The typed reading of cluster.yaml: every key of spec/cluster 1.1, unknown keys refused at every level.
 *
 * Guarantees: all complaints of one document at once, each with its position.
 */
import { type Diagnostic, hasErrors, type SourcePosition } from "../diagnostic/diagnostic.ts";
import { compareBytes } from "../digest/digest.ts";
import type {
  ClusterConfig,
  GraphDeclaration,
  Located,
  PolicyDeclaration,
  ProviderDeclaration,
} from "./cluster-config.ts";
import { decodeBlobs } from "./decode-blobs.ts";
import { decodeQueries } from "./decode-queries.ts";
import { Decoder } from "./decoder.ts";
import { REMOVED_KEY, RESERVED_KEYS } from "./reserved-keys.ts";
import type { YamlValue } from "./yaml-value.ts";

const TOP_LEVEL = ["version", "metadata", "storage", "state", "providers", "graphs", "policies"] as const;
const PROFILE = ["kind", "provider", "base_url", "model", "api_key"] as const;
const GRAPH = ["schema", "queries", "embedding_provider", "external_blobs"] as const;

export interface DecodedCluster {
  /** Null if anything is wrong. */
  readonly config: ClusterConfig | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Decodes `root`; reserved and removed keys are left to reserved-keys.ts, which reports them. */
export function decodeCluster(root: YamlValue): DecodedCluster {
  const decoder = new Decoder();
  const fields = decoder.fields(withoutReserved(root), "", TOP_LEVEL);
  const versionValue = decoder.required(fields, "version", "", root.at);
  const version = versionValue === null ? null : decoder.unsignedInteger(versionValue, "version");
  const empty: YamlValue = { tag: "empty", at: root.at, size: 1 };
  const metadata = decoder.fields(fields.get("metadata")?.value ?? empty, "metadata", ["name"]);
  const state = decoder.fields(fields.get("state")?.value ?? empty, "state", ["backend", "lock"]);
  const providers = decoder.fields(fields.get("providers")?.value ?? empty, "providers", ["embedding"]);
  const config = {
    metadata: { name: decoder.nullableText(metadata.get("name"), "metadata.name") },
    storage: decoder.nullableText(fields.get("storage"), "storage"),
    state: {
      backend: decoder.nullableText(state.get("backend"), "state.backend"),
      lock: decoder.nullableBoolean(state.get("lock"), "state.lock"),
    },
    providers: decodeEach(decoder, providers.get("embedding")?.value ?? empty, PROVIDER_PATH, decodeProvider),
    graphs: decodeEach(decoder, fields.get("graphs")?.value ?? empty, "graphs", decodeGraph),
    policies: decodeEach(decoder, fields.get("policies")?.value ?? empty, "policies", decodePolicy),
  };
  const diagnostics = decoder.diagnostics();
  return { config: version === null || hasErrors(diagnostics) ? null : { version, ...config }, diagnostics };
}

const PROVIDER_PATH = "providers.embedding";

function withoutReserved(root: YamlValue): YamlValue {
  if (root.tag !== "map") return root;
  return { ...root, entries: root.entries.filter((entry) => !RESERVED_KEYS.has(entry.key)) };
}

/** What stands under a name: the name, where it stands, and what it holds. */
interface Named {
  readonly name: string;
  readonly at: SourcePosition;
  readonly path: string;
  readonly value: YamlValue;
}

function decodeEach<Declaration extends object>(
  decoder: Decoder,
  value: YamlValue,
  path: string,
  decode: (decoder: Decoder, named: Named) => Declaration | null,
): readonly Declaration[] {
  return [...decoder.entries(value, path)]
    .sort((a, b) => compareBytes(a.key, b.key))
    .map((entry) => ({ name: entry.key, at: entry.key_at, path: `${path}.${entry.key}`, value: entry.value }))
    .map((named) => decode(decoder, named))
    .filter((each) => each !== null);
}

function decodeProvider(decoder: Decoder, { name, at, path, value }: Named): ProviderDeclaration {
  const fields = decoder.fields(value, path, PROFILE);
  const spelling = fields.get("kind") ?? fields.get("provider");
  const alias = fields.get("provider");
  if (fields.has("kind") && alias !== undefined) {
    decoder.complain(
      `\`${path}\` gives both \`kind\` and \`provider\`, which mean the same: a duplicate field.`,
      alias.key_at,
    );
  }
  const kind = decoder.nullableText(spelling, `${path}.${spelling?.key ?? "kind"}`);
  const baseUrl = decoder.nullableText(fields.get("base_url"), `${path}.base_url`);
  const model = decoder.nullableText(fields.get("model"), `${path}.model`);
  const apiKey = decoder.nullableText(fields.get("api_key"), `${path}.api_key`);
  const profile = {
    ...(kind === null ? {} : { kind: kind.value }),
    ...(baseUrl === null ? {} : { base_url: baseUrl.value }),
    ...(model === null ? {} : { model: model.value }),
    ...(apiKey === null ? {} : { api_key: apiKey.value }),
  };
  return { name, at, profile, kind_at: kind?.at ?? at, api_key_at: apiKey?.at ?? at };
}

function decodeGraph(decoder: Decoder, { name, at, path, value }: Named): GraphDeclaration | null {
  const fields = decoder.fields(withoutStreaming(value), path, GRAPH);
  const schemaValue = decoder.required(fields, "schema", path, at);
  const schema = schemaValue === null ? null : decoder.text(schemaValue, `${path}.schema`);
  const queries = fields.get("queries");
  const declaration = {
    queries: decodeQueries(decoder, queries, `${path}.queries`),
    queries_at: queries?.key_at ?? at,
    embedding_provider: decoder.nullableText(fields.get("embedding_provider"), `${path}.embedding_provider`),
    external_blobs: decodeBlobs(decoder, fields.get("external_blobs"), `${path}.external_blobs`),
  };
  return schema === null ? null : { id: name, at, schema, ...declaration };
}

function withoutStreaming(value: YamlValue): YamlValue {
  if (value.tag !== "map") return value;
  return { ...value, entries: value.entries.filter((entry) => entry.key !== REMOVED_KEY) };
}

function decodePolicy(decoder: Decoder, { name, at, path, value }: Named): PolicyDeclaration | null {
  const fields = decoder.fields(value, path, ["file", "applies_to"]);
  const fileValue = decoder.required(fields, "file", path, at);
  const targetsValue = decoder.required(fields, "applies_to", path, at);
  const file = fileValue === null ? null : decoder.text(fileValue, `${path}.file`);
  const items = targetsValue === null ? [] : decoder.list(targetsValue, `${path}.applies_to`);
  const targets = items.map((item, index) => decoder.text(item, `${path}.applies_to[${index}]`));
  if (file === null) return null;
  const appliesTo = targets.filter((target): target is Located<string> => target !== null);
  return { name, at, file, applies_to: appliesTo, applies_to_at: fields.get("applies_to")?.key_at ?? at };
}
