/** References between resources: what they may name and how they are normalised (spec/cluster 1.3). */
import type { Located } from "../config/cluster-config.ts";
import { didYouMean } from "../config/suggestion.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";

const GRAPH_PREFIX = "graph.";
const PROVIDER_PREFIX = "provider.embedding.";
export const CLUSTER_TARGET = "cluster";

export type Reference =
  /** `name` is declared or was reported as dangling. */
  | {
      readonly tag: "named";
      readonly name: string;
      readonly declared: boolean;
      readonly found: readonly Diagnostic[];
    }
  | { readonly tag: "cluster" }
  | { readonly tag: "wrong_kind"; readonly found: readonly Diagnostic[] };

/** One entry of `applies_to`: `cluster`, `graph.<id>` or a bare graph id. */
export function resolveTarget(target: Located<string>, path: string, graphs: ReadonlySet<string>): Reference {
  if (target.value === CLUSTER_TARGET) return { tag: "cluster" };
  const name = bareName(target.value, GRAPH_PREFIX);
  if (name === null) return wrongKind(target, path, "`cluster`, `graph.<id>` or a graph's id");
  if (graphs.has(name)) return { tag: "named", name, declared: true, found: [] };
  const message = `The graph \`${name}\` is not declared.${didYouMean(name, graphs)}`;
  const found = [diagnostic("dangling_graph_reference", { path, message, source: target.at })];
  return { tag: "named", name, declared: false, found };
}

/** A graph's `embedding_provider`: `provider.embedding.<name>` or a bare name. */
export function resolveProvider(
  reference: Located<string>,
  path: string,
  providers: ReadonlySet<string>,
): Exclude<Reference, { readonly tag: "cluster" }> {
  const name = bareName(reference.value, PROVIDER_PREFIX);
  if (name === null) return wrongKind(reference, path, "`provider.embedding.<name>` or a provider's name");
  if (providers.has(name)) return { tag: "named", name, declared: true, found: [] };
  const message = `The embedding provider \`${name}\` is not declared.${didYouMean(name, providers)}`;
  const found = [
    diagnostic("dangling_embedding_provider_reference", { path, message, source: reference.at }),
  ];
  return { tag: "named", name, declared: false, found };
}

/** The name in `text`; null if it has a dot without the prefix of the kind that is meant. */
function bareName(text: string, prefix: string): string | null {
  if (text.startsWith(prefix)) return text.slice(prefix.length);
  return text.includes(".") ? null : text;
}

function wrongKind(
  { value, at }: Located<string>,
  path: string,
  wanted: string,
): { readonly tag: "wrong_kind"; readonly found: readonly Diagnostic[] } {
  const message = `\`${value}\` names another kind of resource; ${wanted} is expected here.`;
  return { tag: "wrong_kind", found: [diagnostic("wrong_kind_reference", { path, message, source: at })] };
}
