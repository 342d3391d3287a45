/**
 * What a property means apart from its name and place: its stored annotations, bare constraints and embedding
 * (spec/schema 2.2, 6.1). Rename hints and order are no part of it.
 */
import { compareBytes } from "../digest/digest.ts";
import { compactJson } from "./compact-json.ts";
import {
  type DeclaredAnnotation,
  type DeclaredProperty,
  hasAnnotation,
  isTypedAnnotation,
} from "./declaration.ts";
import type { Annotation, BareConstraint } from "./ir.ts";

export interface EmbedBinding {
  readonly property_name: string;
  readonly model: string | null;
}

const BARE_CONSTRAINTS: readonly BareConstraint[] = ["key", "unique", "index"];

/** The annotations that are stored as they stand, sorted by their JSON, exact duplicates removed. */
export function opaqueAnnotations(annotations: readonly DeclaredAnnotation[]): readonly Annotation[] {
  const byText = new Map<string, Annotation>();
  for (const each of annotations) {
    if (isTypedAnnotation(each.name)) continue;
    const bare = { name: each.name, value: each.value };
    const stored = Object.keys(each.options).length === 0 ? bare : { ...bare, kwargs: each.options };
    byText.set(compactJson(stored), stored);
  }
  return [...byText].sort(([a], [b]) => compareBytes(a, b)).map(([, annotation]) => annotation);
}

/** The bare constraints of a property, always in the order key, unique, index. */
export function bareConstraints(property: DeclaredProperty): readonly BareConstraint[] {
  return BARE_CONSTRAINTS.filter((each) => hasAnnotation(property, each));
}

export function embedBinding(property: DeclaredProperty): EmbedBinding | null {
  const embed = property.annotations.find((each) => each.name === "embed");
  if (embed?.value == null) return null;
  return { property_name: embed.value, model: embed.options["model"] ?? null };
}

/** A text that is equal for two properties exactly when they mean the same. */
export function propertySemantics(property: DeclaredProperty): string {
  return compactJson({
    type: property.type,
    annotations: opaqueAnnotations(property.annotations),
    constraints: bareConstraints(property),
    embed: embedBinding(property),
  });
}
