/**
 * ExternalBlobPolicy: where blobs outside a graph may lie (spec/cluster 1.8, 3.3).
 *
 * Guarantees: pure. Bases are canonical, sorted by URI and then by scope, and disjoint. Deny is null and is never
 * hashed, so that a graph without the key keeps the digest it always had.
 */
import type { BlobBaseDeclaration, BlobScope, GraphDeclaration } from "../config/cluster-config.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { compareBytes } from "../digest/digest.ts";
import { normaliseBlobBase } from "./blob-base.ts";

export interface BlobBase {
  readonly uri: string;
  readonly scope: BlobScope;
}

export interface ExternalBlobPolicy {
  readonly mode: "allow";
  readonly bases: readonly BlobBase[];
}

export interface LoadedBlobPolicy {
  /** Null means Deny, or that the declaration is wrong. */
  readonly policy: ExternalBlobPolicy | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** The canonical JSON of a policy, as the composite covers it. */
export function blobPolicyJson({ mode, bases }: ExternalBlobPolicy): string {
  return JSON.stringify({ mode, bases: bases.map(({ uri, scope }) => ({ uri, scope })) });
}

/** The normalised policy of a graph. */
export function loadBlobPolicy(graph: GraphDeclaration): LoadedBlobPolicy {
  const path = `graphs.${graph.id}.external_blobs.allow`;
  const diagnostics: Diagnostic[] = [];
  const bases: BlobBase[] = [];
  for (const [index, declaration] of graph.external_blobs.entries()) {
    const base = loadBase(declaration);
    if (base.tag === "base") bases.push(base.base);
    else {
      const at = `${path}[${index}].base`;
      const message = `\`${at}\` is not valid: ${base.reason}.`;
      diagnostics.push(
        diagnostic("invalid_external_blob_base", { path: at, message, source: declaration.base.at }),
      );
    }
  }
  bases.sort(compareBases);
  for (const [outer, inner] of overlaps(bases)) {
    const message = `The bases \`${outer.uri}\` and \`${inner.uri}\` of graph \`${graph.id}\` overlap.`;
    const source = graph.external_blobs[0]?.base.at;
    diagnostics.push(diagnostic("invalid_external_blob_policy", { path, message, source }));
  }
  return { policy: bases.length === 0 ? null : { mode: "allow", bases }, diagnostics };
}

type LoadedBase =
  | { readonly tag: "base"; readonly base: BlobBase }
  | { readonly tag: "invalid"; readonly reason: string };

function loadBase({ base, scope }: BlobBaseDeclaration): LoadedBase {
  const normalised = normaliseBlobBase(base.value);
  if (normalised.tag === "invalid") return normalised;
  if (normalised.scheme === "file" && scope === "server_safe") {
    return {
      tag: "invalid",
      reason: "a file base cannot be server_safe, because a server must not read its disk",
    };
  }
  return { tag: "base", base: { uri: normalised.uri, scope } };
}

const SCOPE_ORDER: Readonly<Record<BlobScope, number>> = { server_safe: 0, embedded_only: 1 };

function compareBases(a: BlobBase, b: BlobBase): number {
  return compareBytes(a.uri, b.uri) || SCOPE_ORDER[a.scope] - SCOPE_ORDER[b.scope];
}

/**
 * Neighbours of which the first contains the second. A base that contains any other also contains its neighbour,
 * because everything that sorts between the two begins with the same text.
 */
function overlaps(sorted: readonly BlobBase[]): readonly (readonly [BlobBase, BlobBase])[] {
  return sorted.flatMap((outer, index) => {
    const inner = sorted[index + 1];
    return inner?.uri.startsWith(outer.uri) ? [[outer, inner] as const] : [];
  });
}
