/**
 * Catalog: a compiled schema as the query checker and the editor see it (spec/query 4): names, types, keys, embed
 * sources, without identities. Properties keep their order of declaration.
 */
import type { Annotation, Cardinality } from "./ir.ts";
import type { PropType } from "./prop-type.ts";

export interface CatalogProperty {
  readonly name: string;
  readonly type: PropType;
  readonly annotations: readonly Annotation[];
}

export interface EmbedSource {
  readonly source: string;
  readonly model: string | null;
}

export interface CatalogNode {
  readonly name: string;
  readonly properties: ReadonlyMap<string, CatalogProperty>;
  /** Property names of the key, null if the node has none. */
  readonly key: readonly string[] | null;
  /** Column lists that carry an index declaration, the key's included. */
  readonly indexes: readonly (readonly string[])[];
  /** By name of the vector property. */
  readonly embedSources: ReadonlyMap<string, EmbedSource>;
  readonly implements: readonly string[];
}

export interface CatalogEdge {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly cardinality: Cardinality;
  readonly properties: ReadonlyMap<string, CatalogProperty>;
}

export interface Catalog {
  readonly nodes: ReadonlyMap<string, CatalogNode>;
  readonly edges: ReadonlyMap<string, CatalogEdge>;
}

/** The edge a traversal word means: the exact name first, else the name that equals it in lower case. */
export function edgeByWord(catalog: Catalog, word: string): CatalogEdge | undefined {
  const exact = catalog.edges.get(word);
  if (exact) return exact;
  const wanted = word.toLowerCase();
  for (const edge of catalog.edges.values()) if (edge.name.toLowerCase() === wanted) return edge;
  return undefined;
}
