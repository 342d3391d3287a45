/** Diagnostic codes of the query language (spec/query 2.4, 3.2, 5 to 8, 10, 12), joined from their areas. */
import type { CatalogueEntry } from "../catalogue-entry.ts";
import { QUERY_LINT_CODES } from "./query-lint.ts";
import { QUERY_RULE_CODES } from "./query-rule.ts";
import { QUERY_TYPE_CODES } from "./query-type.ts";

const SYNTAX_CODES = {
  query_syntax: {
    severity: "error",
    summary: "A query file does not follow the grammar of the query language.",
    why: "A file that cannot be read holds no query that could be checked or served.",
    fix: "Correct the text at the given line and column.",
  },
  query_file_too_large: {
    severity: "error",
    summary: "A query file is too large.",
    why: "Files are read whole, so that their size is bounded.",
    fix: "Split the file.",
  },
  query_duplicate_annotation: {
    severity: "error",
    summary: "A query carries the same annotation twice.",
    why: "A query has one description and one instruction; which of two would be shown is not defined.",
    fix: "Keep one of the two annotations.",
  },
  query_string_escape: {
    severity: "error",
    summary: "A string holds an escape that means nothing.",
    why: "Only a quote, a backslash, n, r and t may follow a backslash in a string.",
    fix: "Write the character itself, or double the backslash.",
  },
  query_integer_range: {
    severity: "error",
    summary: "An integer does not fit in 64 bits.",
    why: "Integers are stored and compared as signed 64-bit numbers.",
    fix: "Write a smaller number.",
  },
  query_limit_range: {
    severity: "error",
    summary: "A limit does not fit in 64 bits.",
    why: "A limit is an unsigned 64-bit number of rows.",
    fix: "Write a smaller limit, or leave it out.",
  },
  query_hop_bound_range: {
    severity: "error",
    summary: "A hop bound does not fit in 32 bits.",
    why: "A hop bound is an unsigned 32-bit number.",
    fix: "Write a smaller bound.",
  },
} as const satisfies Record<string, CatalogueEntry>;

export const QUERY_CODES = {
  ...SYNTAX_CODES,
  ...QUERY_TYPE_CODES,
  ...QUERY_RULE_CODES,
  ...QUERY_LINT_CODES,
} as const satisfies Record<string, CatalogueEntry>;
