/** Diagnostic codes of the schema text: syntax, names, types, declarations (spec/schema 1 to 3, 5). */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const SCHEMA_TEXT_CODES = {
  schema_syntax: {
    severity: "error",
    summary: "The schema text breaks the grammar.",
    why: "A schema that cannot be read whole is never applied in part.",
    fix: "Correct the text at this place; the message says what was expected.",
  },
  schema_too_large: {
    severity: "error",
    summary: "The schema file is larger than the limit.",
    why: "The limit keeps one file from exhausting the memory of a run.",
    fix: "Split the graph, or remove what is not a declaration.",
  },
  schema_signed_literal: {
    severity: "error",
    summary: "An annotation value carries a sign.",
    why: "The language knows negative numbers only as bounds of a range.",
    fix: 'Write the value as a string, for example "-1".',
  },
  schema_string_escape: {
    severity: "error",
    summary: "A string holds an escape sequence that the language does not know.",
    why: 'Only \\", \\\\, \\n, \\r and \\t are escapes, so a regular expression needs its backslashes doubled.',
    fix: "Double the backslash, or use one of the five escapes.",
  },
  schema_type_unknown: {
    severity: "error",
    summary: "A property has a type that does not exist.",
    why: "Every property needs a type that storage knows.",
    fix: "Use one of String, Blob, Bool, I32, I64, U32, U64, F32, F64, DateTime, Date, Vector(n), enum(...), or a list of a base type.",
  },
  schema_vector_dimension: {
    severity: "error",
    summary: "A vector has an impossible length.",
    why: "The length of a vector is fixed when its table is made.",
    fix: "Give a whole number from 1 to 2147483647.",
  },
  schema_list_of_blob: {
    severity: "error",
    summary: "A list holds blobs.",
    why: "Blobs are stored apart and cannot be items of a list.",
    fix: "Use a node per blob and an edge, or a list of strings with their locations.",
  },
  schema_enum_duplicate: {
    severity: "error",
    summary: "An enum names one value twice.",
    why: "The values of an enum are a set.",
    fix: "Remove the repeated value.",
  },
  schema_property_reserved: {
    severity: "error",
    summary: "A property has a reserved name.",
    why: "Storage and exports add a column of that name of their own.",
    fix: "Choose another property name.",
  },
  schema_interface_unknown: {
    severity: "error",
    summary: "A node implements an interface that does not exist.",
    why: "Its properties cannot be known.",
    fix: "Declare the interface, or remove it from the list.",
  },
  schema_interface_type: {
    severity: "error",
    summary: "A property has another type than the interface asks for.",
    why: "Whoever reads through the interface relies on one type, nullability and enum values included.",
    fix: "Give the property exactly the type of the interface.",
  },
  schema_interface_semantics: {
    severity: "error",
    summary: "Two interfaces give one property different meanings.",
    why: "The node would have to choose one silently.",
    fix: "Make both interfaces agree, or declare the property in the node itself.",
  },
  schema_type_repeated: {
    severity: "error",
    summary: "Two declarations of one kind share a name.",
    why: "A name must mean one type.",
    fix: "Rename or remove one of them.",
  },
  schema_property_repeated: {
    severity: "error",
    summary: "A type has two properties of one name.",
    why: "A name must mean one property.",
    fix: "Rename or remove one of them.",
  },
  schema_property_system: {
    severity: "error",
    summary: "A property has the name of a system field.",
    why: "The table has a column of that name already, or mutations mean the ends of the edge by it.",
    fix: "Choose another property name.",
  },
  schema_endpoint_unknown: {
    severity: "error",
    summary: "An edge ends at something that is not a node type.",
    why: "An edge connects nodes.",
    fix: "Declare the node type, or correct the name.",
  },
  schema_edge_case_collision: {
    severity: "error",
    summary: "Two edge names differ only in case.",
    why: "Queries find edges without regard to case.",
    fix: "Rename one of the edges.",
  },
} as const satisfies Record<string, CatalogueEntry>;
