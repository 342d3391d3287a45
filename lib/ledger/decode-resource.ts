/** Decoding of one resource entry and one status record of the ledger, strictly (spec/cluster 4.1, 4.2). */
import {
  type Complaints,
  complain,
  type JsonPath,
  member,
  readObject,
  readOneOf,
  readOptionalText,
  readText,
  readTexts,
} from "./decode-shape.ts";
import {
  type BlobBase,
  type EmbeddingProfile,
  type ExternalBlobPolicy,
  type JsonValue,
  type LedgerResource,
  RESOURCE_STATUSES,
  type StatusRecord,
} from "./state.ts";

const RESOURCE_FIELDS = [
  "digest",
  "applies_to",
  "embedding_provider",
  "embedding_profile",
  "external_blob_policy",
];
const PROFILE_FIELDS = ["kind", "provider", "base_url", "model", "api_key"];

export function decodeResource(complaints: Complaints, path: JsonPath, value: JsonValue): LedgerResource {
  const fields = readObject(complaints, path, value, RESOURCE_FIELDS) ?? {};
  const at = (key: string): JsonPath => member(path, key);
  const provider = readOptionalText(complaints, at("embedding_provider"), fields["embedding_provider"]);
  const policy = decodeBlobPolicy(complaints, at("external_blob_policy"), fields["external_blob_policy"]);
  const appliesTo = fields["applies_to"] ?? undefined;
  const profile = fields["embedding_profile"] ?? undefined;
  return {
    digest: readText(complaints, at("digest"), fields["digest"]),
    ...(appliesTo === undefined ? {} : { applies_to: readTexts(complaints, at("applies_to"), appliesTo) }),
    ...(provider === undefined ? {} : { embedding_provider: provider }),
    ...(profile === undefined
      ? {}
      : { embedding_profile: decodeProfile(complaints, at("embedding_profile"), profile) }),
    ...(policy === undefined ? {} : { external_blob_policy: policy }),
  };
}

/** `provider` is an old name of `kind`; both at once contradict each other. */
function decodeProfile(complaints: Complaints, path: JsonPath, value: JsonValue): EmbeddingProfile {
  const fields = readObject(complaints, path, value, PROFILE_FIELDS) ?? {};
  if (fields["kind"] !== undefined && fields["provider"] !== undefined) {
    complain(complaints, `${path} gives both kind and provider, which are the same field`);
  }
  const kind = readOptionalText(complaints, member(path, "kind"), fields["kind"] ?? fields["provider"]);
  const baseUrl = readOptionalText(complaints, member(path, "base_url"), fields["base_url"]);
  const model = readOptionalText(complaints, member(path, "model"), fields["model"]);
  const apiKey = readOptionalText(complaints, member(path, "api_key"), fields["api_key"]);
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(baseUrl === undefined ? {} : { base_url: baseUrl }),
    ...(model === undefined ? {} : { model }),
    ...(apiKey === undefined ? {} : { api_key: apiKey }),
  };
}

/** Deny is the same as absence (spec/cluster 4.1). */
function decodeBlobPolicy(
  complaints: Complaints,
  path: JsonPath,
  value: JsonValue | undefined,
): ExternalBlobPolicy | undefined {
  if (value === undefined || value === null) return undefined;
  const fields = readObject(complaints, path, value, ["mode", "bases"]) ?? {};
  const mode = readOneOf(complaints, member(path, "mode"), fields["mode"], ["allow", "deny"]);
  if (mode === "deny" && fields["bases"] !== undefined) {
    complain(complaints, `${path} denies and gives bases at once`);
  }
  if (mode !== "allow") return undefined;
  const bases = fields["bases"];
  if (!Array.isArray(bases)) {
    complain(complaints, `${member(path, "bases")} must be a list`);
    return undefined;
  }
  const items: readonly JsonValue[] = bases;
  return {
    mode,
    bases: items.map((item, index) => decodeBase(complaints, `${member(path, "bases")}[${index}]`, item)),
  };
}

function decodeBase(complaints: Complaints, path: JsonPath, value: JsonValue): BlobBase {
  const fields = readObject(complaints, path, value, ["uri", "scope"]) ?? {};
  const scopes = ["server_safe", "embedded_only"] as const;
  return {
    uri: readText(complaints, member(path, "uri"), fields["uri"]),
    scope: readOneOf(complaints, member(path, "scope"), fields["scope"], scopes) ?? "server_safe",
  };
}

export function decodeStatus(complaints: Complaints, path: JsonPath, value: JsonValue): StatusRecord {
  const fields = readObject(complaints, path, value, ["status", "conditions", "message"]) ?? {};
  const conditions =
    fields["conditions"] === undefined
      ? []
      : readTexts(complaints, member(path, "conditions"), fields["conditions"]);
  const message = readOptionalText(complaints, member(path, "message"), fields["message"]);
  return {
    status: readOneOf(complaints, member(path, "status"), fields["status"], RESOURCE_STATUSES) ?? "pending",
    ...(conditions.length === 0 ? {} : { conditions }),
    ...(message === undefined ? {} : { message }),
  };
}
