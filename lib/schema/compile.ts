/**
 * compileSchema: one schema text to what it means, or to everything that is wrong with it (spec/schema 5).
 *
 * All stages run (P, S, O/K and the physical one), so nothing compiles here that apply would refuse later. Stage
 * `parse` means that the reference's parser would refuse the text as well; `catalog` covers every later stage and
 * what only Graphform refuses. Diagnostics carry file, line and column and an empty path: the caller knows the
 * address. Pure: equal texts give equal results.
 */
import type { Diagnostic, SourcePosition } from "../diagnostic/diagnostic.ts";
import { buildCatalog } from "./build-catalog.ts";
import type { Catalog } from "./catalog.ts";
import { checkPropertyAnnotations, checkTypeAnnotations } from "./check-annotations.ts";
import { checkCatalog } from "./check-catalog.ts";
import { checkRules, type RuleLeniency } from "./check-rules.ts";
import { checkStrict } from "./check-strict.ts";
import type { Declarations } from "./declaration.ts";
import { declare } from "./declare.ts";
import { parseSyntax } from "./parse-syntax.ts";
import { propertyKey, type RenameHints, renameHintsOf, typeKey } from "./rename-hints.ts";
import { createReporter, type Reporter } from "./reporter.ts";
import { resolveInterfaces } from "./resolve-interfaces.ts";
import { type SchemaShape, shapeOf } from "./shape.ts";

export interface CompiledSchema {
  readonly tag: "compiled";
  readonly file: string;
  readonly shape: SchemaShape;
  /** Types and properties in the order of their declaration. */
  readonly catalog: Catalog;
  readonly hints: RenameHints;
  /** Where each type and property is declared, by `node:Person` and `node:Person.age`. */
  readonly positions: ReadonlyMap<string, SourcePosition>;
  readonly warnings: readonly Diagnostic[];
}

export type SchemaCompiled =
  | CompiledSchema
  | {
      readonly tag: "invalid";
      readonly stage: "parse" | "catalog";
      /** Errors and warnings, by place. */
      readonly diagnostics: readonly Diagnostic[];
    };

export type SchemaParsed =
  | { readonly tag: "parsed"; readonly declarations: Declarations }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

const STRICT: RuleLeniency = { uniqueBlobs: false };

/** Stage P alone: the grammar, and what is wrong without looking beyond single declarations and interfaces. */
export function parseSchema(source: string, file: string, leniency: RuleLeniency = STRICT): SchemaParsed {
  const reporter = createReporter(file);
  const declarations = readDeclarations(source, leniency, reporter);
  return reporter.failed()
    ? { tag: "invalid", diagnostics: reporter.diagnostics() }
    : { tag: "parsed", declarations };
}

/** All stages. `file` names the text in diagnostics. */
export function compileSchema(source: string, file: string): SchemaCompiled {
  const reporter = createReporter(file);
  const declarations = readDeclarations(source, STRICT, reporter);
  const stage = reporter.failed() ? "parse" : "catalog";
  if (!brokenSyntax(reporter)) {
    checkCatalog(declarations, reporter);
    checkStrict(declarations, reporter);
  }
  const diagnostics = reporter.diagnostics();
  if (reporter.failed()) return { tag: "invalid", stage, diagnostics };
  return {
    tag: "compiled",
    file,
    shape: shapeOf(declarations),
    catalog: buildCatalog(declarations),
    hints: renameHintsOf(declarations),
    positions: positionsOf(declarations, file),
    warnings: diagnostics,
  };
}

/** With a syntax error whole declarations are missing, so nothing that looks across them is asked. */
function readDeclarations(source: string, leniency: RuleLeniency, reporter: Reporter): Declarations {
  const syntax = parseSyntax(source, reporter);
  const broken = reporter.failed();
  const declared = declare(syntax, reporter);
  if (broken) return declared;
  const declarations = resolveInterfaces(declared, reporter);
  for (const owner of [...declarations.nodes, ...declarations.edges]) {
    checkTypeAnnotations(owner, reporter);
    checkPropertyAnnotations(owner, reporter);
    checkRules(owner, leniency, reporter);
  }
  return declarations;
}

function brokenSyntax(reporter: Reporter): boolean {
  return reporter
    .diagnostics()
    .some((each) => each.code === "schema_syntax" || each.code === "schema_too_large");
}

function positionsOf(declarations: Declarations, file: string): ReadonlyMap<string, SourcePosition> {
  const positions = new Map<string, SourcePosition>();
  const { interfaces, nodes, edges } = declarations;
  for (const { kind, name, at, properties } of [...interfaces, ...nodes, ...edges]) {
    positions.set(typeKey(kind, name), { file, line: at.line, column: at.column });
    for (const property of properties) {
      const { line, column } = property.at;
      positions.set(propertyKey(kind, name, property.name), { file, line, column });
    }
  }
  return positions;
}
