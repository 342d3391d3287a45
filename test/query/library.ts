/** The schema that the tests of the query language speak about: members of a library who borrow and rate books. */
import type { Diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { assert } from "../../lib/digest/assert.ts";
import type { QueryAst } from "../../lib/query/ast.ts";
import { type CheckedQuery, checkQuery } from "../../lib/query/check.ts";
import type { QueryFacts } from "../../lib/query/facts.ts";
import { parseQueryFile } from "../../lib/query/parse.ts";
import type { Catalog } from "../../lib/schema/catalog.ts";
import { compileSchema } from "../../lib/schema/compile.ts";

const LIBRARY = `
node Member {
  email: String @key
  age: I32?
  score: F64?
  small: F32?
  points: U32?
  nicknames: [String]?
  marks: [I32]?
  joined: DateTime
}
node Book {
  isbn: String @key
  title: String @index
  blurb: String?
  shelf: enum(fiction, science, travel)
  printed: Date?
  taste: Vector(3)? @embed(blurb)
  cover: Blob?
}
node Branch { town: String @key }
node Visit { note: String }
node Poem { text: String  mood: Vector(2) @embed(text) }
edge Borrows: Member -> Book { since: Date?  remark: String?  scan: Blob? }
edge Follows: Member -> Member { closeness: F64? }
edge MemberOf: Member -> Branch
`;

/** The compiled schema. */
export const library: Catalog = (() => {
  const compiled = compileSchema(LIBRARY, "library.pg");
  assert(compiled.tag === "compiled", "the schema of the tests compiles");
  return compiled.catalog;
})();

/** The single query of a text. */
export function parseOne(source: string): QueryAst {
  const parsed = parseQueryFile(source, "library.gq");
  assert(parsed.tag === "parsed", `the text parses: ${source}`);
  assert(parsed.queries.length === 1, "the text holds one query");
  return parsed.queries[0]!;
}

export function check(source: string): CheckedQuery {
  return checkQuery(library, parseOne(source), "library.gq");
}

/** Errors of a query, empty if it is accepted. */
export function errorsOf(source: string): readonly Diagnostic[] {
  const checked = check(source);
  return checked.tag === "invalid" ? checked.diagnostics : [];
}

export function codesOf(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ code }) => code);
}

export function factsOf(source: string): QueryFacts {
  const checked = check(source);
  assert(checked.tag === "checked", `the query is accepted: ${source}`);
  return checked.facts;
}

/** A read of a match block that returns a constant, for tests that are about the block. */
export function reading(match: string, parameters = ""): string {
  return `query q(${parameters}) { match { ${match} } return { 1 as one } }`;
}

/** A read of all members and books, for tests that are about what is returned. */
export function returning(projections: string, rest = "", parameters = ""): string {
  return `query q(${parameters}) { match { $m: Member  $b: Book  $m borrows $b } return { ${projections} } ${rest} }`;
}

/** A mutation. */
export function changing(statements: string, parameters = ""): string {
  return `query q(${parameters}) { ${statements} }`;
}
