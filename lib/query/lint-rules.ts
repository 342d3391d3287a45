/**
 * Rules of the linter that OmniGraph does not have (spec/query 12, W-18, W-19, W-22, W-27).
 *
 * Guarantees: pure. They speak about queries that are valid, except the rule about names; nothing they say stops
 * anything but a duplicate name.
 */
import type { Catalog } from "../schema/catalog.ts";
import type {
  Binding,
  Clause,
  Expression,
  Filter,
  Mutation,
  Predicate,
  QueryAst,
  ReadBody,
  Value,
} from "./ast.ts";
import { Groups } from "./check-shape.ts";
import type { QueryFacts } from "./facts.ts";
import { HOPS_UNREMARKED_MAX } from "./limits.ts";
import { positionAt } from "./line-starts.ts";
import type { LintedQuery, LintFinding, LintSeverity } from "./lint.ts";

interface Note {
  readonly severity: LintSeverity;
  readonly code: LintFinding["code"];
  readonly at: number;
  readonly message: string;
  readonly type_name?: string;
  readonly property?: string;
}

/** A mutation whose values nobody can choose. */
export function isHardcoded(query: QueryAst): boolean {
  return query.body.kind === "mutation" && query.parameters.length === 0;
}

/** All findings of the further rules. */
export function furtherFindings(
  catalog: Catalog,
  linted: readonly LintedQuery[],
  file: string,
): readonly LintFinding[] {
  const findings: LintFinding[] = [];
  const names = new Set<string>();
  for (const { query, checked } of linted) {
    const notes: Note[] = names.has(query.name.text) ? [duplicateName(query)] : [];
    names.add(query.name.text);
    if (isHardcoded(query)) notes.push(hardcoded(query));
    if (checked.tag === "checked") notes.push(...notesOf(catalog, query, checked.facts));
    for (const { at, ...note } of notes) {
      const { line, column } = positionAt(query.lineStarts, at, file);
      findings.push({ ...note, query_names: [query.name.text], line, column });
    }
  }
  return findings;
}

function duplicateName(query: QueryAst): Note {
  const message = `query \`${query.name.text}\` is declared twice in this file`;
  return { severity: "error", code: "query_duplicate_name", at: query.name.at, message };
}

/** What OmniGraph's linter warns of without a code (W-27). */
function hardcoded(query: QueryAst): Note {
  const message = `mutation \`${query.name.text}\` declares no parameters and writes the same values each time`;
  return { severity: "warning", code: "query_hardcoded_mutation", at: query.name.at, message };
}

function notesOf(catalog: Catalog, query: QueryAst, facts: QueryFacts): readonly Note[] {
  const { body } = query;
  const searches = unindexedSearches(catalog, query, facts);
  if (body.kind === "mutation") {
    const notes = body.mutations.flatMap((mutation) => notesOfMutation(catalog, query, mutation));
    return [...notes, ...searches];
  }
  const clauses = allClauses(body.match);
  return [
    ...unlimited(catalog, query, body),
    ...clauses.flatMap(manyHops),
    ...crossProduct(body),
    ...clauses.flatMap((clause) => enumMatches(catalog, query, clause)),
    ...searches,
  ];
}

/** The clauses of a block and of its negations. */
function allClauses(clauses: readonly Clause[]): readonly Clause[] {
  return clauses.flatMap((clause) =>
    clause.kind === "negation" ? [clause, ...allClauses(clause.clauses)] : [clause],
  );
}

/** A read is bounded by a limit, by an aggregate, or by starting from a key. */
function unlimited(catalog: Catalog, query: QueryAst, body: ReadBody): readonly Note[] {
  if (body.limit !== null) return [];
  if (body.projections.some(({ expression }) => expression.kind === "aggregate")) return [];
  if (body.match.some((clause) => clause.kind === "binding" && startsFromKey(catalog, clause))) return [];
  const message = `query \`${query.name.text}\` returns every row that matches; add a limit`;
  return [{ severity: "info", code: "query_no_limit", at: query.name.at, message }];
}

function startsFromKey(catalog: Catalog, binding: Binding): boolean {
  const key = catalog.nodes.get(binding.type.text)?.key ?? null;
  if (key === null) return false;
  const matched = new Set(binding.matches.map(({ property }) => property.text));
  return key.every((property) => matched.has(property));
}

function manyHops(clause: Clause): readonly Note[] {
  if (clause.kind !== "traversal" || clause.bounds === null) return [];
  const max = clause.bounds.max ?? clause.bounds.min;
  if (max <= HOPS_UNREMARKED_MAX) return [];
  const message = `edge \`${clause.edge.text}\` is followed for up to ${max} hops`;
  return [{ severity: "info", code: "query_hops_many", at: clause.bounds.at, message }];
}

/** Groups of variables that neither a traversal nor a filter links. */
function crossProduct(body: ReadBody): readonly Note[] {
  const bindings = body.match.filter((clause) => clause.kind === "binding");
  const traversals = body.match.filter((clause) => clause.kind === "traversal");
  const groups = new Groups({ declared: bindings.map(({ variable }) => variable.text), traversals });
  const first = bindings[0];
  if (first === undefined) return [];
  const linked = new Set([groups.leaderOf(first.variable.text)]);
  const filters = body.match.filter((clause) => clause.kind === "filter").map(variablesOf);
  for (let grown = true; grown; ) {
    grown = false;
    for (const variables of filters) {
      const leaders = variables.map((name) => groups.leaderOf(name));
      if (!leaders.some((leader) => linked.has(leader))) continue;
      for (const leader of leaders) {
        if (linked.has(leader)) continue;
        linked.add(leader);
        grown = true;
      }
    }
  }
  const odd = bindings.find(({ variable }) => !linked.has(groups.leaderOf(variable.text)));
  if (odd === undefined) return [];
  const message = `nothing links \`$${odd.variable.text}\` to \`$${first.variable.text}\`, so that all their rows are combined`;
  return [{ severity: "warning", code: "query_cross_product", at: odd.at, message }];
}

function variablesOf(filter: Filter): readonly string[] {
  const named = (expression: Expression): readonly string[] =>
    expression.kind === "property" ? [expression.variable] : [];
  return [...named(filter.left), ...named(filter.right)];
}

/** The note about a String parameter that meets an enum (W-18). */
function enumNote(
  query: QueryAst,
  value: Value,
  allowed: readonly string[] | null | undefined,
): readonly Note[] {
  if (value.kind !== "variable" || allowed === null || allowed === undefined) return [];
  if (!query.parameters.some(({ name }) => name.text === value.name)) return [];
  const known = allowed.map((each) => `\`${each}\``).join(", ");
  const message = `parameter \`$${value.name}\` is a String and meets an enum with the values ${known}`;
  return [{ severity: "info", code: "query_enum_parameter", at: value.at, message }];
}

function enumMatches(catalog: Catalog, query: QueryAst, clause: Clause): readonly Note[] {
  if (clause.kind !== "binding") return [];
  const properties = catalog.nodes.get(clause.type.text)?.properties;
  return clause.matches.flatMap(({ property, value }) =>
    enumNote(query, value, properties?.get(property.text)?.type.enum_values),
  );
}

function notesOfMutation(catalog: Catalog, query: QueryAst, mutation: Mutation): readonly Note[] {
  const name = mutation.type.text;
  const type = catalog.nodes.get(name) ?? catalog.edges.get(name);
  const values = mutation.kind === "delete" ? [mutation.predicate] : mutation.assignments;
  const enums = values.flatMap(({ property, value }) =>
    enumNote(query, value, type?.properties.get(property.text)?.type.enum_values),
  );
  return [...enums, ...withoutKey(catalog, mutation)];
}

/** Node writes that a key does not pin to one node. */
function withoutKey(catalog: Catalog, mutation: Mutation): readonly Note[] {
  const node = catalog.nodes.get(mutation.type.text);
  if (node === undefined) return [];
  const note = {
    severity: "info",
    code: "query_write_without_key",
    at: mutation.at,
    type_name: node.name,
  } as const;
  if (mutation.kind === "insert") {
    if (node.key !== null) return [];
    return [{ ...note, message: `\`${node.name}\` has no key, so that each run inserts another node` }];
  }
  if (isByKey(node.key, mutation.predicate)) return [];
  const message = `the ${mutation.kind} of \`${node.name}\` is not limited to one key and may reach many nodes`;
  return [{ ...note, message }];
}

function isByKey(key: readonly string[] | null, predicate: Predicate): boolean {
  return key !== null && key.length === 1 && key[0] === predicate.property.text && predicate.op === "=";
}

function unindexedSearches(catalog: Catalog, query: QueryAst, facts: QueryFacts): readonly Note[] {
  return facts.properties
    .filter(({ kind, access }) => kind === "node" && (access === "search" || access === "rank"))
    .filter(({ type_name, property }) => {
      const indexes = catalog.nodes.get(type_name)?.indexes ?? [];
      return !indexes.some((columns) => columns.length === 1 && columns[0] === property);
    })
    .map(({ type_name, property }) => ({
      severity: "info",
      code: "query_unindexed_search",
      at: query.name.at,
      message: `\`${type_name}.${property}\` is searched or ranked and has no index`,
      type_name,
      property,
    }));
}
