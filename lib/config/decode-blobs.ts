/** `graphs.<id>.external_blobs.allow[]` (spec/cluster 1.1): which foreign files a graph may point to. */
import type { BlobBaseDeclaration, BlobScope } from "./cluster-config.ts";
import type { Decoder } from "./decoder.ts";
import { BLOB_BASES_MAX } from "./limits.ts";
import type { YamlEntry, YamlValue } from "./yaml-value.ts";

const SCOPES: ReadonlySet<string> = new Set<BlobScope>(["server_safe", "embedded_only"]);

/** Decodes the field; absent and empty mean that external blobs are denied. */
export function decodeBlobs(
  decoder: Decoder,
  entry: YamlEntry | undefined,
  path: string,
): readonly BlobBaseDeclaration[] {
  if (entry === undefined) return [];
  const allow = decoder.fields(entry.value, path, ["allow"]).get("allow");
  if (allow === undefined) return [];
  const items = decoder.list(allow.value, `${path}.allow`);
  if (items.length > BLOB_BASES_MAX) {
    decoder.complain(
      `\`${path}.allow\` has ${items.length} items; at most ${BLOB_BASES_MAX} are allowed.`,
      allow.key_at,
    );
    return [];
  }
  return items
    .map((item, index) => decodeBase(decoder, item, `${path}.allow[${index}]`))
    .filter((each) => each !== null);
}

function decodeBase(decoder: Decoder, value: YamlValue, path: string): BlobBaseDeclaration | null {
  const fields = decoder.fields(value, path, ["base", "scope"]);
  const baseValue = decoder.required(fields, "base", path, value.at);
  const scopeValue = decoder.required(fields, "scope", path, value.at);
  const base = baseValue === null ? null : decoder.text(baseValue, `${path}.base`);
  const scope = scopeValue === null ? null : decoder.text(scopeValue, `${path}.scope`);
  if (base === null || scope === null) return null;
  if (!isScope(scope.value)) {
    return decoder.complain(
      `\`${path}.scope\` must be server_safe or embedded_only, not \`${scope.value}\`.`,
      scope.at,
    );
  }
  return { base, scope: scope.value };
}

function isScope(text: string): text is BlobScope {
  return SCOPES.has(text);
}
