/** Findings of the linter and errors of parameter values (spec/query 8.1, 10, W-27). */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const QUERY_LINT_CODES = {
  Q000: {
    severity: "error",
    summary: "A query file does not parse.",
    why: "Nothing in the file can be checked.",
    fix: "Correct the text at the given line and column.",
  },
  L201: {
    severity: "warning",
    summary: "No update assigns a nullable property.",
    why: "A value that no query can change may be one that was forgotten.",
    fix: "Assign the property in an update, or leave it if it never changes.",
  },
  query_hardcoded_mutation: {
    severity: "warning",
    summary: "A mutation declares no parameters.",
    why: "It writes the same values each time it runs, which is easy to overlook.",
    fix: "Declare parameters, or load the values as data.",
  },
  query_duplicate_name: {
    severity: "warning",
    summary: "Two queries of one file have the same name.",
    why: "Only one of them can be served.",
    fix: "Rename one of them.",
  },
  query_no_limit: {
    severity: "warning",
    summary: "A read returns all rows that match.",
    why: "Its answer grows with the graph.",
    fix: "Add a limit, or match a key.",
  },
  query_hops_many: {
    severity: "warning",
    summary: "A traversal may take many hops.",
    why: "The rows it visits grow quickly with each hop.",
    fix: "Lower the upper bound.",
  },
  query_cross_product: {
    severity: "warning",
    summary: "A match block holds variables that nothing links.",
    why: "Every row of one is combined with every row of the other.",
    fix: "Link them by a traversal or a filter, or write two queries.",
  },
  query_write_without_key: {
    severity: "warning",
    summary: "A write is not limited to one node by its key.",
    why: "An insert without a key adds a node each time; an update or delete by another property may reach many nodes.",
    fix: "Give the type a key and use it, if that is not intended.",
  },
  query_unindexed_search: {
    severity: "warning",
    summary: "A search or ranking uses a property without an index.",
    why: "It reads every row of the type.",
    fix: "Add an index to the property.",
  },
  query_enum_parameter: {
    severity: "warning",
    summary: "A String parameter is compared with an enum.",
    why: "Parameters cannot have an enum type, so that a value the enum does not have finds nothing.",
    fix: "Name the allowed values in the description of the query.",
  },
  query_parameters_not_object: {
    severity: "error",
    summary: "The parameters are not a JSON object.",
    why: "Parameters are given by name.",
    fix: "Send one JSON object with a member for each parameter.",
  },
  query_parameters_too_large: {
    severity: "error",
    summary: "The parameters are too large.",
    why: "Requests are read whole, so that their size is bounded.",
    fix: "Send less at once.",
  },
  query_parameter_undeclared: {
    severity: "error",
    summary: "A value is given for a parameter that the query does not declare.",
    why: "A misspelt name would otherwise be overlooked and the query run without its value.",
    fix: "Correct the name, or leave the value out.",
  },
  query_parameter_missing: {
    severity: "error",
    summary: "A required parameter has no value.",
    why: "A query never runs without a condition that it states.",
    fix: "Give the value.",
  },
  query_parameter_value: {
    severity: "error",
    summary: "The value of a parameter does not have its type.",
    why: "Values are converted only where nothing can be lost.",
    fix: "Send a value of the declared type.",
  },
} as const satisfies Record<string, CatalogueEntry>;
