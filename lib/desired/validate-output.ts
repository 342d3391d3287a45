/**
 * The output of `validate` (spec/cluster 11.5): the key order of the reference, after our `format_version`.
 *
 * Guarantees: pure. A valid config whose graphs deny external blobs is told so, once a graph, and only here (spec/
 * cluster 2.1).
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { Digest } from "../digest/digest.ts";
import type { Address, ResourceKind } from "./address.ts";
import type { Desired, DesiredResource } from "./desired.ts";
import type { Dependency } from "./edges.ts";

export const VALIDATE_FORMAT_VERSION = 1;

export interface ResourceLine {
  readonly address: Address;
  readonly kind: ResourceKind;
  readonly digest: Digest;
  /** The file that the resource comes from; graphs and embedding providers have none. */
  readonly path?: string;
}

export interface ValidateOutput {
  readonly format_version: typeof VALIDATE_FORMAT_VERSION;
  readonly ok: boolean;
  readonly config_dir: string;
  readonly config_file: string;
  readonly resource_digests: Readonly<Record<string, Digest>>;
  readonly resources: readonly ResourceLine[];
  readonly dependencies: readonly Dependency[];
  readonly diagnostics: readonly Diagnostic[];
}

/** What `validate` says about `desired`. */
export function validateOutput(desired: Desired): ValidateOutput {
  const { ok, config_dir, config_file, resource_digests, dependencies } = desired;
  const resources = [...desired.resources.values()];
  return {
    format_version: VALIDATE_FORMAT_VERSION,
    ok,
    config_dir,
    config_file,
    resource_digests,
    resources: resources.map(resourceLine),
    dependencies,
    diagnostics: ok ? [...desired.diagnostics, ...resources.flatMap(deniedBlobs)] : desired.diagnostics,
  };
}

function resourceLine(resource: DesiredResource): ResourceLine {
  const { address, kind, digest } = resource;
  return "path" in resource ? { address, kind, digest, path: resource.path } : { address, kind, digest };
}

function deniedBlobs(resource: DesiredResource): readonly Diagnostic[] {
  if (resource.kind !== "graph" || resource.external_blob_policy !== null) return [];
  const path = `graphs.${resource.graph}.external_blobs`;
  const message = `The graph \`${resource.graph}\` accepts no external blobs.`;
  return [diagnostic("external_blob_ingress_default_deny", { path, message })];
}
