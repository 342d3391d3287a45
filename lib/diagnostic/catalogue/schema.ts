/** Diagnostic codes of the schema language and migrations (spec/schema 5, 6.4, 7.4, 10); three files hold the rows. */
import type { CatalogueEntry } from "../catalogue-entry.ts";
import { SCHEMA_IDENTITY_CODES } from "./schema-identity.ts";
import { SCHEMA_RULES_CODES } from "./schema-rules.ts";
import { SCHEMA_TEXT_CODES } from "./schema-text.ts";

export const SCHEMA_CODES = {
  ...SCHEMA_TEXT_CODES,
  ...SCHEMA_RULES_CODES,
  ...SCHEMA_IDENTITY_CODES,
} as const satisfies Record<string, CatalogueEntry>;
