/** The registered queries of one graph: each checked against the graph's desired schema (spec/cluster 1.4). */
import { didYouMean } from "../config/suggestion.ts";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { isResourceId, parseGraphId } from "../digest/ids.ts";
import { queryAddress } from "./address.ts";
import type { CheckedDeclaration, Compiler, QueryFileVerdict } from "./compiler.ts";
import type { DesiredQuery } from "./desired.ts";
import { placeInner } from "./inner-diagnostic.ts";
import type { RegisteredQuery } from "./query-discovery.ts";
import { checkResourceId } from "./resource-id.ts";
import type { SourceFile } from "./source-file.ts";

export interface LoadedQueries {
  readonly resources: readonly DesiredQuery[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks `queries`, which come in name order; `schema` is null if the graph has no valid one. */
export function checkQueries(
  graphText: string,
  queries: readonly RegisteredQuery[],
  compiler: Compiler,
  schema: SourceFile | null,
): LoadedQueries {
  const graph = parseGraphId(graphText);
  const diagnostics: Diagnostic[] = [];
  const resources: DesiredQuery[] = [];
  const brokenFiles = new Map<string, string>();
  for (const query of queries) {
    const { name, source } = query;
    const path = `graphs.${graphText}.queries.${name}`;
    diagnostics.push(...checkResourceId(name, path, query.at));
    const verdict = compiler.queryFile(source, schema);
    const declaration = verdict.tag === "parsed" ? (verdict.declarations.get(name) ?? null) : null;
    const known = brokenFiles.get(source.file);
    if (verdict.tag === "invalid" && known !== undefined) {
      diagnostics.push(brokenAgain(query, path, known));
    } else {
      diagnostics.push(...verdictDiagnostics(query, path, verdict, declaration, schema));
      if (verdict.tag === "invalid") brokenFiles.set(source.file, name);
    }
    if (graph !== null && isResourceId(name)) {
      resources.push({
        kind: "query",
        address: queryAddress(graph, name),
        graph,
        name,
        digest: source.digest,
        source: source.text,
        path: source.path,
        facts: declaration?.facts ?? null,
        declaration_digest: declaration?.declaration_digest ?? null,
      });
    }
  }
  return { resources, diagnostics };
}

/** A broken file is explained at its first query; a hundred copies of the explanation would bury it. */
function brokenAgain(query: RegisteredQuery, path: string, first: string): Diagnostic {
  const message = `The file \`${query.source.file}\` does not parse, as said for the query \`${first}\`.`;
  return diagnostic("query_parse_error", { path, message, source: query.at });
}

function verdictDiagnostics(
  query: RegisteredQuery,
  path: string,
  verdict: QueryFileVerdict,
  declaration: CheckedDeclaration | null,
  schema: SourceFile | null,
): readonly Diagnostic[] {
  if (verdict.tag === "invalid") {
    return placeInner(verdict.diagnostics, "query_parse_error", path);
  }
  if (declaration === null) {
    const hint = didYouMean(query.name, verdict.declarations.keys());
    const message = `The file \`${query.source.file}\` declares no query \`${query.name}\`.${hint}`;
    return [diagnostic("query_key_mismatch", { path, message, source: query.at })];
  }
  if (schema === null) {
    const message = `The query \`${query.name}\` was not checked, because its graph has no valid schema.`;
    return [diagnostic("query_typecheck_skipped", { path, message, source: query.at })];
  }
  return placeInner(declaration.diagnostics, "query_typecheck_error", path);
}
