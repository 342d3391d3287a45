/**
 * The JSON form of a SchemaIr, member by member in the order of the format (spec/schema 6.2). Unknown members are
 * refused: what this program does not know it must not drop silently.
 *
 * Integers of bounds arrive here as decimal texts, because JSON numbers are not exact beyond 2^53 (ir-codec.ts).
 */
import { z } from "zod";
import type { SchemaIr } from "./ir.ts";
import { BOUND_INTEGER_MAX, BOUND_INTEGER_MIN } from "./limits.ts";
import { BASE_SCALARS } from "./prop-type.ts";

const id = z.int().positive();

const annotation = z.strictObject({
  name: z.string(),
  value: z.string().nullable(),
  kwargs: z.record(z.string(), z.string()).exactOptional(),
});

const propType = z.strictObject({
  scalar: z.union([z.enum(BASE_SCALARS), z.strictObject({ Vector: z.int().positive() })]),
  nullable: z.boolean(),
  list: z.boolean(),
  enum_values: z.array(z.string()).nullable(),
});

const typeRef = z.strictObject({ type_id: id, type_name: z.string() });

const propertyRefMembers = {
  owner_type_id: id,
  owner_type_name: z.string(),
  property_id: id,
  property_name: z.string(),
};
const propertyRef = z.strictObject(propertyRefMembers);

const field = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("property"), ...propertyRefMembers }),
  z.strictObject({
    kind: z.literal("system"),
    stable_table_id: id,
    table_type_name: z.string(),
    table_incarnation_id: id,
    role: z.enum(["id", "src", "dst"]),
  }),
]);

const bound = z.union([
  z.strictObject({
    Integer: z
      .string()
      .transform((text) => BigInt(text))
      .refine((value) => value >= BOUND_INTEGER_MIN && value <= BOUND_INTEGER_MAX),
  }),
  z.strictObject({ Float: z.number() }),
]);

const constraint = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.enum(["key", "unique", "index"]), fields: z.array(field).min(1) }),
  z.strictObject({ kind: z.literal("range"), field, min: bound.nullable(), max: bound.nullable() }),
  z.strictObject({ kind: z.literal("check"), field, pattern: z.string() }),
]);

const property = z.strictObject({
  property_id: id,
  name: z.string(),
  prop_type: propType,
  annotations: z.array(annotation),
  property_constraints: z.array(z.enum(["key", "unique", "index"])),
  embed_source: z.strictObject({ source: propertyRef, model: z.string().nullable() }).nullable(),
  declared_directly: z.boolean(),
  satisfies_interface_properties: z.array(propertyRef),
});

const interfaceType = z.strictObject({ type_id: id, name: z.string(), properties: z.array(property) });

const node = z.strictObject({
  type_id: id,
  table_incarnation_id: id,
  name: z.string(),
  annotations: z.array(annotation),
  implements: z.array(typeRef),
  properties: z.array(property),
  constraints: z.array(constraint),
});

const edge = z.strictObject({
  type_id: id,
  table_incarnation_id: id,
  name: z.string(),
  from_type: typeRef,
  to_type: typeRef,
  cardinality: z.strictObject({ min: z.int().nonnegative(), max: z.int().nonnegative().nullable() }),
  annotations: z.array(annotation),
  properties: z.array(property),
  constraints: z.array(constraint),
});

export const IR_JSON: z.ZodType<SchemaIr> = z.strictObject({
  ir_version: z.literal(2),
  schema_identity_domain: z.string(),
  next_identity_id: id,
  interfaces: z.array(interfaceType),
  nodes: z.array(node),
  edges: z.array(edge),
});
