/** Diagnostic codes of stable identities, rename hints and stored schemas (spec/schema 5 R, 6.4). */
import type { CatalogueEntry } from "../catalogue-entry.ts";

export const SCHEMA_IDENTITY_CODES = {
  schema_rename_target_unknown: {
    severity: "error",
    summary: "A @rename_from names something that the accepted schema does not have.",
    why: "The data to keep cannot be found.",
    fix: "Correct the old name, or remove the hint if this is new.",
  },
  schema_rename_across_kinds: {
    severity: "error",
    summary: "A @rename_from crosses kinds of declarations.",
    why: "A node cannot become an edge or an interface.",
    fix: "Remove the hint, and add the type as a new one.",
  },
  schema_rename_claimed_twice: {
    severity: "error",
    summary: "Two declarations claim one accepted name.",
    why: "Its data can continue in one place only.",
    fix: "Rename in one apply, and add the new declaration of the old name in the next one.",
  },
  schema_rename_new_owner: {
    severity: "error",
    summary: "A property of a new type has a @rename_from.",
    why: "A new type has no accepted properties.",
    fix: "Remove the hint, or add a hint to the type.",
  },
  schema_rename_shadowed: {
    severity: "error",
    summary:
      "A @rename_from is shadowed by an accepted declaration of the same name while the named one would be dropped.",
    why: "The hint would be ignored and the data that it means to keep would be lost.",
    fix: "Drop or rename the present one in an earlier apply, or remove the hint if the old one shall be dropped.",
  },
  schema_identity_exhausted: {
    severity: "error",
    summary: "The space of identifiers is used up.",
    why: "Identifiers are never reused.",
    fix: "Export the data and load it into a new graph.",
  },
  schema_identity_domain: {
    severity: "error",
    summary: "The identity domain is not a canonical ULID.",
    why: "Identities of two graphs must never be mistaken for each other.",
    fix: "Give an upper-case ULID.",
  },
  schema_ir_invalid: {
    severity: "error",
    summary: "A stored schema contradicts itself.",
    why: "Migrations planned from it could lose data.",
    fix: "Restore the stored schema from its receipt or a backup; do not edit it by hand.",
  },
  ignored_exact_match_rename_hint: {
    severity: "warning",
    summary: "A @rename_from is ignored because the declaration exists already.",
    why: "The rename has been applied before, or never was one.",
    fix: "Remove the hint. To swap two names, rename one to a third name and use two applies.",
  },
  inert_initialization_rename_hint: {
    severity: "warning",
    summary: "A @rename_from has no effect on a new graph.",
    why: "There is nothing to rename.",
    fix: "Remove the hint, or keep it for graphs that are still to be migrated.",
  },
  inert_inherited_rename_hint: {
    severity: "warning",
    summary: "A @rename_from of an interface property has no effect on a type that is new.",
    why: "The new type has no earlier property to continue.",
    fix: "Remove the hint once all graphs are migrated.",
  },
} as const satisfies Record<string, CatalogueEntry>;
