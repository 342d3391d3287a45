/**
 * The config digest: what a person declared and what it came to (spec/cluster 3.5).
 *
 * Guarantees: pure; comments and formatting of cluster.yaml do not matter, every value and every resource does.
 */
import type { ClusterConfig } from "../config/cluster-config.ts";
import { documentJson } from "../config/document-json.ts";
import { type Digest, sha256 } from "../digest/digest.ts";
import type { Address } from "./address.ts";

/** The digest of `config` and of the resources' digests, which come in address order. */
export function configDigest(
  config: ClusterConfig,
  resources: Iterable<{ readonly address: Address; readonly digest: Digest }>,
): Digest {
  return sha256(configDigestText(config, resources));
}

/** The text that the config digest covers. */
export function configDigestText(
  config: ClusterConfig,
  resources: Iterable<{ readonly address: Address; readonly digest: Digest }>,
): string {
  const parts = ["cluster-config", documentJson(config)];
  for (const resource of resources) parts.push(resource.address, resource.digest);
  return `${parts.join("\0")}\0`;
}
