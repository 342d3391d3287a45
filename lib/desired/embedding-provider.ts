/**
 * Embedding providers (spec/cluster 1.7, 3.2).
 *
 * Guarantees: pure. The variable that `api_key` names is never read here, and a key that was written in full never
 * appears in a message. Defaults are not filled into the profile, because its digest covers what was written.
 */
import type { EmbeddingProfile, ProviderDeclaration } from "../config/cluster-config.ts";
import { profileJson } from "../config/document-json.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { type Digest, sha256 } from "../digest/digest.ts";

const KINDS: ReadonlySet<string> = new Set(["openai-compatible", "openai", "gemini", "mock"]);
const DEFAULT_KIND = "openai-compatible";
const KEYLESS_KIND = "mock";

/** The digest of a profile. */
export function profileDigest(profile: EmbeddingProfile): Digest {
  return sha256(`embedding-provider\0${profileJson(profile)}`);
}

/** Everything that is wrong with a provider, its name aside. */
export function checkProvider(provider: ProviderDeclaration): readonly Diagnostic[] {
  const path = `providers.embedding.${provider.name}`;
  const { kind = DEFAULT_KIND, api_key } = provider.profile;
  const found: Diagnostic[] = [];
  if (!KINDS.has(kind)) {
    const message = `The embedding provider \`${provider.name}\` has the unknown kind \`${kind}\`.`;
    found.push(diagnostic("invalid_embedding_provider", { path, message, source: provider.kind_at }));
  }
  const source = provider.api_key_at;
  const keyPath = `${path}.api_key`;
  if (api_key !== undefined && !isEnvironmentReference(api_key)) {
    const message = `The api_key of the embedding provider \`${provider.name}\` is not a reference to an environment variable.`;
    found.push(diagnostic("embedding_api_key_inline", { path: keyPath, message, source }));
  } else if (api_key === undefined && kind !== KEYLESS_KIND) {
    const message = `The embedding provider \`${provider.name}\` has no api_key.`;
    found.push(diagnostic("embedding_api_key_required", { path: keyPath, message, source }));
  }
  return found;
}

/** A dollar sign and a non-blank name in braces. */
function isEnvironmentReference(text: string): boolean {
  const trimmed = text.trim();
  return trimmed.startsWith("${") && trimmed.endsWith("}") && trimmed.slice(2, -1).trim() !== "";
}
