/** Diagnostic codes of loads: the file, its lines, and the rows against the schema and the graph (spec/schema 9). */
import type { CatalogueEntry } from "../catalogue-entry.ts";

const error = (summary: string, why: string, fix: string): CatalogueEntry => ({
  severity: "error",
  summary,
  why,
  fix,
});

const ALL_OR_NOTHING = "A load stores every row of its file or none, so nothing was stored.";

const LINE_CODES = {
  load_not_utf8: error(
    "A line is not valid UTF-8.",
    `Bytes that are not UTF-8 would change when they are read as text. ${ALL_OR_NOTHING}`,
    "Save the file as UTF-8 and load it again.",
  ),
  load_line_too_long: error(
    "A line is longer than the limit.",
    `Each line is held in memory as a whole, so its length is bounded. ${ALL_OR_NOTHING}`,
    "Make sure that every row stands on a line of its own, and keep large blobs outside the graph.",
  ),
  load_broken_json: error(
    "A line is not valid JSON.",
    `Every line of the file must be one JSON object. ${ALL_OR_NOTHING}`,
    "Correct the line at the column given. A row may not span several lines.",
  ),
  load_line_shape: error(
    "A line is neither a node nor an edge.",
    `A node line has type and data, an edge line has edge, from, to and data. ${ALL_OR_NOTHING}`,
    'Write nodes as {"type":"T","data":{...}} and edges as {"edge":"E","from":"id","to":"id","data":{...}}.',
  ),
  load_unknown_type: error(
    "A line names a type that the schema does not have.",
    `Rows are stored by type, so a row of an unknown type has no place. ${ALL_OR_NOTHING}`,
    "Correct the name, or add the type to the schema and apply it first.",
  ),
} as const satisfies Record<string, CatalogueEntry>;

const VALUE_CODES = {
  load_unknown_property: error(
    "A row has a property that its type does not have.",
    `Dropping a field silently would lose data. ${ALL_OR_NOTHING}`,
    "Correct the name, remove the field, or add the property to the schema and apply it first.",
  ),
  load_missing_property: error(
    "A required property is missing or null.",
    `A property without a question mark always has a value. ${ALL_OR_NOTHING}`,
    "Give the property a value, or make it nullable in the schema.",
  ),
  load_wrong_type: error(
    "A value does not have the type of its property.",
    `Values are stored exactly or not at all; nothing is converted by guessing. ${ALL_OR_NOTHING}`,
    "Write the value in the form that the message names.",
  ),
  load_number_out_of_range: error(
    "A number does not fit its type.",
    `A number outside the range of its type would be stored as another number. ${ALL_OR_NOTHING}`,
    "Correct the number, or give the property a wider type.",
  ),
  load_vector_length: error(
    "A vector has the wrong number of dimensions.",
    `Every vector of a property has the length that the schema states. ${ALL_OR_NOTHING}`,
    "Load vectors from the embedding model whose length the schema states.",
  ),
  load_enum_value: error(
    "A value is not one of the enum's values.",
    `An enum property holds one of its listed values. ${ALL_OR_NOTHING}`,
    "Use one of the listed values, or add the value to the enum in the schema.",
  ),
  load_external_blob: error(
    "A blob refers to a place outside the graph.",
    `A reference would let a file decide what the server reads, so only embedded blobs are stored. ${ALL_OR_NOTHING}`,
    "Embed the content as base64: followed by its padded standard Base64.",
  ),
  load_range_violation: error(
    "A value breaks a @range rule.",
    `The schema bounds this property. ${ALL_OR_NOTHING}`,
    "Correct the value, or widen the range in the schema.",
  ),
  load_check_violation: error(
    "A value breaks a @check rule.",
    `The schema gives a pattern for this property. ${ALL_OR_NOTHING}`,
    "Correct the value, or change the pattern in the schema.",
  ),
  load_id_mismatch: error(
    "An id differs from the id that the key gives.",
    `A node with a key is known by that key and by nothing else. ${ALL_OR_NOTHING}`,
    "Remove the id from the row, or make it equal to the key.",
  ),
} as const satisfies Record<string, CatalogueEntry>;

const GRAPH_CODES = {
  load_duplicate_id: error(
    "Two rows of the file have the same id.",
    `Which of the two is meant cannot be known. ${ALL_OR_NOTHING}`,
    "Keep one of the two rows.",
  ),
  load_key_conflict: error(
    "A row with this id is stored already.",
    `The mode append only adds rows. ${ALL_OR_NOTHING}`,
    "Load with the mode merge to replace stored rows, or remove the row from the file.",
  ),
  load_unique_violation: error(
    "Two rows have the same values under a @unique rule.",
    `The schema allows each value, or each combination, once. ${ALL_OR_NOTHING}`,
    "Change one of the two rows, or remove it.",
  ),
  load_missing_endpoint: error(
    "An edge begins or ends at a node that does not exist.",
    `Both ends of an edge must exist once the load is done; nodes may follow later in the file. ${ALL_OR_NOTHING}`,
    "Add the node to the file, or correct the id in from or to.",
  ),
  load_node_still_referenced: error(
    "The load would remove a node that a stored edge needs.",
    `The mode overwrite replaces every row of the types in the file; edges of other types stay. ${ALL_OR_NOTHING}`,
    "Keep the node in the file, or overwrite the edge type in the same file.",
  ),
  load_cardinality_violation: error(
    "A node has more or fewer edges of a type than @card allows.",
    `The schema bounds how many edges of this type begin at one node. ${ALL_OR_NOTHING}`,
    "Remove or add edges in the file, give each edge an id in its data so that a merge replaces it instead of adding another, or change @card in the schema.",
  ),
  load_more_errors: error(
    "The file has more errors than are listed.",
    "Only the first errors are listed, so that a broken file does not flood its reader.",
    "Correct the listed errors and load again.",
  ),
  load_source_changed: error(
    "The file changed while it was being loaded.",
    `The file is read more than once, and what was checked must be what is stored. ${ALL_OR_NOTHING}`,
    "Wait until nothing writes to the file any more and load it again.",
  ),
} as const satisfies Record<string, CatalogueEntry>;

export const LOAD_CODES = { ...LINE_CODES, ...VALUE_CODES, ...GRAPH_CODES } as const;
