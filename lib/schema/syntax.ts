/**
 * The syntax of one schema text as read: words with their places, nothing interpreted (spec/schema 1.2).
 *
 * Guarantees: pure data in the order of the source.
 */

/** A piece of source text and where it begins. Lines and columns count from 1. */
export interface Word {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

export interface LiteralSyntax {
  readonly kind: "string" | "float" | "integer" | "bool" | "identifier";
  readonly word: Word;
}

/** `min..max` with at least one end; `word` is where it begins. */
export interface BoundsSyntax {
  readonly kind: "bounds";
  readonly min: Word | null;
  readonly max: Word | null;
  readonly word: Word;
}

export type ArgumentSyntax = LiteralSyntax | BoundsSyntax;

export interface AnnotationSyntax {
  readonly name: Word;
  readonly value: LiteralSyntax | null;
  readonly options: readonly { readonly name: Word; readonly value: LiteralSyntax }[];
}

/** A rule in a body: `@key(a, b)`, `@range(a, 0..9)`. */
export interface RuleSyntax {
  readonly name: Word;
  readonly arguments: readonly ArgumentSyntax[];
}

export type CoreSyntax =
  | { readonly kind: "base" | "list"; readonly name: Word }
  | { readonly kind: "enum"; readonly values: readonly Word[] }
  | { readonly kind: "vector"; readonly dimension: Word };

export interface PropertySyntax {
  readonly name: Word;
  readonly core: CoreSyntax;
  readonly nullable: boolean;
  readonly annotations: readonly AnnotationSyntax[];
}

export interface BodySyntax {
  readonly properties: readonly PropertySyntax[];
  readonly rules: readonly RuleSyntax[];
}

export interface InterfaceSyntax {
  readonly kind: "interface";
  readonly name: Word;
  readonly properties: readonly PropertySyntax[];
}

export interface NodeSyntax {
  readonly kind: "node";
  readonly name: Word;
  readonly annotations: readonly AnnotationSyntax[];
  readonly implements: readonly Word[];
  readonly body: BodySyntax;
}

export interface EdgeSyntax {
  readonly kind: "edge";
  readonly name: Word;
  readonly from: Word;
  readonly to: Word;
  readonly cardinality: { readonly min: Word; readonly max: Word | null } | null;
  readonly annotations: readonly AnnotationSyntax[];
  readonly body: BodySyntax;
}

export type DeclarationSyntax = InterfaceSyntax | NodeSyntax | EdgeSyntax;
