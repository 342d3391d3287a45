/**
 * Declarations: what one schema text declares, with types, annotations and rules understood, and every place kept
 * (spec/schema 2 to 4). Interfaces are not yet resolved into nodes until resolve-interfaces.ts has run.
 *
 * Guarantees: pure data in the order of the source. Texts of string literals are decoded.
 */
import type { Bound, Cardinality } from "./ir.ts";
import type { PropType } from "./prop-type.ts";
import type { Place } from "./reporter.ts";

export interface DeclaredName extends Place {
  readonly text: string;
}

export interface DeclaredAnnotation {
  readonly name: string;
  readonly value: string | null;
  readonly options: Readonly<Record<string, string>>;
  readonly at: Place;
}

export interface InterfaceOrigin {
  readonly owner_name: string;
  readonly property_name: string;
}

export interface DeclaredProperty {
  readonly name: string;
  readonly type: PropType;
  readonly annotations: readonly DeclaredAnnotation[];
  readonly at: Place;
  /** False for a property that the node has from its interfaces alone. */
  readonly declaredDirectly: boolean;
  /** The interface properties that this one satisfies, in the order of `implements`. */
  readonly origins: readonly InterfaceOrigin[];
}

export type DeclaredRule =
  | {
      readonly kind: "key" | "unique" | "index";
      readonly columns: readonly DeclaredName[];
      readonly at: Place;
    }
  | {
      readonly kind: "range";
      readonly property: DeclaredName;
      readonly min: Bound | null;
      readonly max: Bound | null;
      readonly surplus: Place | null;
      readonly at: Place;
    }
  | {
      readonly kind: "check";
      readonly property: DeclaredName;
      readonly pattern: string;
      readonly patternAt: Place;
      readonly surplus: Place | null;
      readonly at: Place;
    };

export interface DeclaredInterface {
  readonly kind: "interface";
  readonly name: string;
  readonly at: Place;
  readonly properties: readonly DeclaredProperty[];
}

export interface DeclaredNode {
  readonly kind: "node";
  readonly name: string;
  readonly at: Place;
  readonly annotations: readonly DeclaredAnnotation[];
  readonly implements: readonly DeclaredName[];
  readonly properties: readonly DeclaredProperty[];
  readonly rules: readonly DeclaredRule[];
}

export interface DeclaredEdge {
  readonly kind: "edge";
  readonly name: string;
  readonly at: Place;
  readonly annotations: readonly DeclaredAnnotation[];
  readonly from: DeclaredName;
  readonly to: DeclaredName;
  readonly cardinality: Cardinality;
  readonly properties: readonly DeclaredProperty[];
  readonly rules: readonly DeclaredRule[];
}

export interface Declarations {
  readonly interfaces: readonly DeclaredInterface[];
  readonly nodes: readonly DeclaredNode[];
  readonly edges: readonly DeclaredEdge[];
}

/** The annotations that carry typed meaning and are never stored as they stand (spec/schema 6.1). */
const TYPED = new Set(["rename_from", "embed", "key", "unique", "index"]);

export function isTypedAnnotation(name: string): boolean {
  return TYPED.has(name);
}

/** The property of that name as rules see it: the first one, should the text declare two. */
export function findProperty(
  properties: readonly DeclaredProperty[],
  name: string,
): DeclaredProperty | undefined {
  return properties.find((each) => each.name === name);
}

export function hasAnnotation(property: DeclaredProperty, name: string): boolean {
  return property.annotations.some((each) => each.name === name);
}
