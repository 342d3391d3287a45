/**
 * KnownCompilations: what earlier runs have already compiled, so that an unchanged pair of schema and query file is
 * neither parsed nor checked again (design 12).
 *
 * Guarantees: only what compiled without a single diagnostic is ever offered for keeping, so a warm run reports exactly
 * what a cold one would. Everything is keyed by content digests; who keeps entries keeps them per version of the
 * compiler, because another version may judge the same text otherwise.
 */
import type { Digest } from "../digest/digest.ts";
import type { QueryFacts } from "../query/facts.ts";

/** One declaration of a query file that was checked against one schema. */
export interface KnownDeclaration {
  readonly name: string;
  readonly facts: QueryFacts;
  /** Digest of the declaration alone: a change elsewhere in its file leaves it alone (W37). */
  readonly declaration_digest: Digest;
}

export interface KnownCompilations {
  /** All declarations of the file, in file order; undefined if the pair is not known. */
  queryFile(schema: Digest, file: Digest): readonly KnownDeclaration[] | undefined;
  /** True if the schema is known to compile without any diagnostic. */
  schema?(digest: Digest): boolean;
}

/** What this run compiled and did not know before. */
export interface Compiled {
  readonly schemas: readonly Digest[];
  readonly query_files: readonly {
    readonly schema: Digest;
    readonly file: Digest;
    readonly declarations: readonly KnownDeclaration[];
  }[];
}

/** The default: every file is compiled. */
export const KNOWS_NOTHING: KnownCompilations = { queryFile: () => undefined, schema: () => false };
