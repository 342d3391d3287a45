/**
 * Compiler: schemas and query files of one run, each compiled once however often it is declared.
 *
 * Guarantees: pure from outside; results depend on content alone. A schema is compiled only when it is not known to be
 * valid or when a query file must be checked against it (design 12).
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { assert } from "../digest/assert.ts";
import type { Digest } from "../digest/digest.ts";
import type { QueryAst } from "../query/ast.ts";
import { checkQuery } from "../query/check.ts";
import type { QueryFacts } from "../query/facts.ts";
import { parseQueryFile } from "../query/parse.ts";
import type { Catalog } from "../schema/catalog.ts";
import { compileSchema } from "../schema/compile.ts";
import { declarationDigest } from "./declaration-digest.ts";
import type { Compiled, KnownCompilations, KnownDeclaration } from "./known-compilations.ts";
import type { SourceFile } from "./source-file.ts";

export type SchemaVerdict =
  | { readonly tag: "valid"; readonly warnings: readonly Diagnostic[] }
  | {
      readonly tag: "invalid";
      readonly stage: "parse" | "catalog";
      readonly diagnostics: readonly Diagnostic[];
    };

/** One declaration of a query file. */
export interface CheckedDeclaration {
  readonly declaration_digest: Digest;
  /** Null if it was not checked or did not pass. */
  readonly facts: QueryFacts | null;
  /** Errors and warnings of the check. */
  readonly diagnostics: readonly Diagnostic[];
}

export type QueryFileVerdict =
  /** By name, in file order; the first of a name counts. `repeated` lists names that the file declares again. */
  | {
      readonly tag: "parsed";
      readonly declarations: ReadonlyMap<string, CheckedDeclaration>;
      readonly repeated: readonly string[];
    }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

type CompiledSchema =
  | { readonly tag: "compiled"; readonly catalog: Catalog; readonly warnings: readonly Diagnostic[] }
  | Extract<SchemaVerdict, { readonly tag: "invalid" }>;

export class Compiler {
  readonly #known: KnownCompilations;
  readonly #schemas = new Map<string, CompiledSchema>();
  readonly #queryFiles = new Map<string, QueryFileVerdict>();
  readonly #newSchemas = new Set<Digest>();
  readonly #newQueryFiles: Compiled["query_files"][number][] = [];

  constructor(known: KnownCompilations) {
    this.#known = known;
  }

  /** What was compiled without any diagnostic and was not known before. */
  compiled(): Compiled {
    return { schemas: [...this.#newSchemas].sort(), query_files: this.#newQueryFiles };
  }

  schema(source: SourceFile): SchemaVerdict {
    if (this.#known.schema?.(source.digest) === true) return { tag: "valid", warnings: [] };
    const compiled = this.#compile(source);
    return compiled.tag === "invalid" ? compiled : { tag: "valid", warnings: compiled.warnings };
  }

  #compile(source: SourceFile): CompiledSchema {
    const key = `${source.digest}\0${source.file}`;
    const before = this.#schemas.get(key);
    if (before !== undefined) return before;
    const result = compileSchema(source.text, source.file);
    const compiled: CompiledSchema =
      result.tag === "compiled"
        ? { tag: "compiled", catalog: result.catalog, warnings: result.warnings }
        : { tag: "invalid", stage: result.stage, diagnostics: result.diagnostics };
    if (compiled.tag === "compiled" && compiled.warnings.length === 0) this.#newSchemas.add(source.digest);
    this.#schemas.set(key, compiled);
    return compiled;
  }

  /** Parses `source` and checks it against `schema`, or only parses it if there is no valid schema. */
  queryFile(source: SourceFile, schema: SourceFile | null): QueryFileVerdict {
    const key = `${schema?.digest ?? ""}\0${source.digest}\0${source.file}`;
    const before = this.#queryFiles.get(key);
    if (before !== undefined) return before;
    const known = schema === null ? undefined : this.#known.queryFile(schema.digest, source.digest);
    const verdict = known === undefined ? this.#checkFile(source, schema) : fromKnown(known);
    this.#queryFiles.set(key, verdict);
    return verdict;
  }

  #checkFile(source: SourceFile, schema: SourceFile | null): QueryFileVerdict {
    const parsed = parseQueryFile(source.text, source.file);
    if (parsed.tag === "invalid") return parsed;
    const catalog = schema === null ? null : this.#catalogOf(schema);
    const declarations = new Map<string, CheckedDeclaration>();
    const repeated: string[] = [];
    for (const query of parsed.queries) {
      const name = query.name.text;
      if (declarations.has(name)) repeated.push(name);
      else declarations.set(name, checkDeclaration(query, catalog, source.file));
    }
    if (schema !== null && repeated.length === 0) this.#keep(schema.digest, source.digest, declarations);
    return { tag: "parsed", declarations, repeated };
  }

  #catalogOf(schema: SourceFile): Catalog {
    const compiled = this.#compile(schema);
    assert(compiled.tag === "compiled", "queries are only checked against a schema that compiles");
    return compiled.catalog;
  }

  #keep(schema: Digest, file: Digest, declarations: ReadonlyMap<string, CheckedDeclaration>): void {
    const known: KnownDeclaration[] = [];
    for (const [name, { facts, declaration_digest, diagnostics }] of declarations) {
      if (facts === null || diagnostics.length > 0) return;
      known.push({ name, facts, declaration_digest });
    }
    this.#newQueryFiles.push({ schema, file, declarations: known });
  }
}

function checkDeclaration(query: QueryAst, catalog: Catalog | null, file: string): CheckedDeclaration {
  const declaration_digest = declarationDigest(query);
  if (catalog === null) return { declaration_digest, facts: null, diagnostics: [] };
  const result = checkQuery(catalog, query, file);
  return result.tag === "checked"
    ? { declaration_digest, facts: result.facts, diagnostics: result.warnings }
    : { declaration_digest, facts: null, diagnostics: result.diagnostics };
}

function fromKnown(known: readonly KnownDeclaration[]): QueryFileVerdict {
  const declarations = new Map(
    known.map(({ name, facts, declaration_digest }) => [
      name,
      { declaration_digest, facts, diagnostics: [] },
    ]),
  );
  return { tag: "parsed", declarations, repeated: [] };
}
