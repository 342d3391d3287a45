/** Every fault that a later stage finds or that only Graphform refuses or warns of (spec/schema 5 rows 40 to 57, 10). */
import { describe, it } from "vitest";
import { expectFault, type FaultySchema } from "./faulty-schema.ts";

const PERSON = "node Person { name: String }\n";

const CATALOG_FAULTS: readonly FaultySchema[] = [
  ["10.6", "schema_key_nullable", "catalog", "interface I { a: I32? @key }", "1:15", "I.a"],
  [
    "10.6",
    "schema_key_repeated",
    "catalog",
    "interface I { a: I32 @key b: I32 @key }",
    "1:27",
    "interface I",
  ],
  ["40", "schema_type_repeated", "catalog", "interface I {} interface I {}", "1:26", "duplicate interface"],
  [
    "41",
    "schema_property_repeated",
    "catalog",
    `${PERSON}edge Owes: Person -> Person { a: I32 a: I64 }`,
    "2:38",
    "duplicate property",
  ],
  [
    "42",
    "schema_endpoint_unknown",
    "catalog",
    "interface I {} node P {} edge Owes: P -> I",
    "1:42",
    "not a node type",
  ],
  [
    "43",
    "schema_interface_semantics",
    "catalog",
    'interface I { a: I32 @description("x") } interface J { a: I32 } node P implements I, J {}',
    "1:86",
    "incompatible property semantics",
  ],
  ["44", "schema_property_repeated", "catalog", "node P { a: I32 a: I32 }", "1:17", "duplicate property"],
  [
    "45",
    "schema_embed_source_unknown",
    "catalog",
    "interface I { v: Vector(2) @embed(a) } node P implements I { a: String }",
    "1:29",
    "I.a",
  ],
  [
    "54",
    "schema_edge_case_collision",
    "catalog",
    `${PERSON}edge Owes: Person -> Person edge OWES: Person -> Person`,
    "2:34",
    "case folding",
  ],
  ["55", "schema_key_system_field", "catalog", "node P { a: I32 @key(a, a) }", "1:25", "repeats"],
  ["56", "schema_property_system", "catalog", "node P { id: String }", "1:10", "system field"],
  [
    "56",
    "schema_property_system",
    "catalog",
    `${PERSON}edge Owes: Person -> Person { to: I32 }`,
    "2:31",
    "system field",
  ],
  [
    "10.2",
    "schema_card_misplaced",
    "catalog",
    `${PERSON}edge Owes: Person -> Person @card`,
    "2:30",
    "@card(min..max)",
  ],
  [
    "10.3",
    "schema_range_order",
    "catalog",
    "node P { a: I32 @range(a, 2..-2) }",
    "1:18",
    "above its maximum",
  ],
  ["10.3", "schema_range_fraction", "catalog", "node P { a: U64 @range(a, 0.5..) }", "1:18", "fraction"],
  ["10.3", "schema_range_list", "catalog", "node P { a: [F32] @range(a, 0..) }", "1:26", "list"],
  ["10.4", "schema_check_pattern", "catalog", 'node P { a: String @check(a, "(?=x)") }', "1:30", "invalid"],
  ["10.4", "schema_check_list", "catalog", 'node P { a: [String] @check(a, "x") }', "1:29", "list"],
  ["10.5", "schema_unique_incomparable", "catalog", "node P { a: Vector(2) @unique(a) }", "1:31", "vector"],
  ["10.5", "schema_rule_bare", "catalog", "node P { a: I32 @range }", "1:18", "never be enforced"],
  [
    "10.5",
    "schema_rule_extra_argument",
    "catalog",
    "node P { a: I32 @range(a, 0..1, 5) }",
    "1:33",
    "two arguments",
  ],
  ["10.6", "schema_blob_property", "catalog", "interface I { a: Blob @key }", "1:24", "I.a"],
  ["10.7", "schema_annotation_unknown", "warning", "node P { a: I32 @indx }", "1:18", "@indx"],
  ["10.5", "schema_annotation_keyword", "warning", 'node P @description("x", lang="en") {}', "1:9", "lang"],
  ["10.5", "schema_index_list", "warning", "node P { a: [I32] @index(a) }", "1:26", "list"],
  [
    "10.9",
    "schema_redeclared_constraints",
    "warning",
    "interface I { a: I32 @key } node P implements I { a: I32 }",
    "1:51",
    "@key",
  ],
];

describe("a fault beyond the parse stage", () => {
  it.each(CATALOG_FAULTS.map((each) => [each[0], each[1], each[3], each] as const))(
    "is found with its place and leaves the text parseable: row %s, %s, in %j",
    (_, __, ___, fault) => {
      expectFault(fault);
    },
  );
});
