/**
 * Node identity (spec/schema 4.1): the canonical text of the key, several columns as a JSON array ordered by stable
 * property id. A node without a key, and an edge, is known by the id that its line gives, or by a new ULID.
 *
 * Guarantees: pure. An id that a line gives beside a key must be the key's: it is compared as text and as a value of
 * the key's type, so `42`, `"42"` and a date in its own spelling all do. Endpoints of edges read in the same way.
 */
import type { Cell } from "../tables.ts";
import { canonicalText, canonicalTuple } from "./canonical-text.ts";
import { isJsonArray, type JsonValue } from "./json-value.ts";
import type { NodeShape } from "./row-shape.ts";

/** The id that a key gives; null if one of its cells is null. `cells` are in the order of the shape's properties. */
export function keyIdentity(shape: NodeShape, cells: readonly Cell[]): string | null {
  if (shape.key === null) return null;
  const texts: string[] = [];
  for (const index of shape.key) {
    const cell = cells[index] ?? null;
    const kind = shape.properties[index]?.column.type.kind;
    if (cell === null || kind === undefined) return null;
    texts.push(canonicalText(cell, kind));
  }
  return canonicalTuple(texts);
}

/**
 * The id of a node of the type that a line means by `written`; null if it can mean none. Text that is not a spelling
 * of the key's type is taken as the id itself: that is how exports write it.
 */
export function writtenIdentity(shape: NodeShape, written: JsonValue): string | null {
  const typed = typedIdentity(shape, written);
  if (typed !== null) return typed;
  return typeof written === "string" ? written : null;
}

/** True if `written` means the node whose id is `derived`. */
export function meansIdentity(shape: NodeShape, written: JsonValue, derived: string): boolean {
  return written === derived || typedIdentity(shape, written) === derived;
}

function typedIdentity(shape: NodeShape, written: JsonValue): string | null {
  const { key } = shape;
  if (key === null) return null;
  const parts = key.length === 1 ? [written] : isJsonArray(written) ? written : null;
  if (parts === null || parts.length !== key.length) return null;
  const texts: string[] = [];
  for (const [at, part] of parts.entries()) {
    const property = shape.properties[key[at] ?? -1];
    if (property === undefined || part === null) return null;
    const outcome = property.decode(property.label, part);
    if (outcome.tag === "fault") return null;
    texts.push(canonicalText(outcome.cell, property.column.type.kind));
  }
  return canonicalTuple(texts);
}
