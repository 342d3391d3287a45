/**
 * What the query scopes of a bundle are about in the graphs that it is bound to (spec/policy 5.10).
 *
 * Guarantees: pure. A name that no bound graph has is an error, because the rule says something that is not so: a
 * misspelt exception widens access in silence.
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import { diagnostic } from "../diagnostic/diagnostic.ts";
import type { PolicyBundle, PolicyRule } from "./bundle.ts";
import type { QueryRef } from "./query-scope.ts";
import { fitsScope, isGlob, matchesName } from "./query-scope.ts";

/** The stored queries of each graph that a bundle is bound to, by graph id. */
export type QueryCatalogs = ReadonlyMap<string, readonly QueryRef[]>;

/** What is wrong with, or worth knowing about, the query scopes of `bundle`. */
export function lintQueries(bundle: PolicyBundle, catalogs: QueryCatalogs): readonly Diagnostic[] {
  return bundle.rules.flatMap((rule, index) => {
    const path = `rules[${index}].${rule.effect}.query_scope`;
    return [
      ...(rule.query_scope?.names ?? []).flatMap((name, at) =>
        lintName(rule, name, `${path}.names[${at}]`, catalogs),
      ),
      ...(rule.query_scope?.except ?? []).flatMap((name, at) =>
        lintName(rule, name, `${path}.except[${at}]`, catalogs),
      ),
      ...lintMutations(rule, path, catalogs),
    ];
  });
}

function lintName(
  rule: PolicyRule,
  name: string,
  path: string,
  catalogs: QueryCatalogs,
): readonly Diagnostic[] {
  const lacking = [...catalogs].filter(
    ([, queries]) => !queries.some((each) => matchesName(name, each.name)),
  );
  if (lacking.length === 0) return [];
  const nowhere = lacking.length === catalogs.size;
  const { source } = rule;
  if (isGlob(name)) {
    if (!nowhere) return [];
    const message = `policy rule '${rule.id}' names '${name}', which fits no stored query`;
    return [diagnostic("glob_matches_nothing", { path, source, message })];
  }
  const where = lacking.map(([graph]) => `'${graph}'`).join(", ");
  const message = `policy rule '${rule.id}' names the query '${name}', which does not exist in ${where}`;
  const severity = nowhere ? "error" : "warning";
  return [diagnostic("policy_query_reference_missing", { path, source, message, severity })];
}

function lintMutations(rule: PolicyRule, path: string, catalogs: QueryCatalogs): readonly Diagnostic[] {
  const scope = rule.query_scope;
  if (scope === null || rule.effect === "deny" || scope.kind !== "any") return [];
  if (!rule.actions.some((each) => each.action === "invoke_query")) return [];
  const globs = (scope.names ?? []).filter(isGlob);
  const reached = [...catalogs.values()]
    .flat()
    .filter((query) => query.mutation && fitsScope(scope, query))
    .filter(
      (query) => globs.some((glob) => matchesName(glob, query.name)) && !scope.names?.includes(query.name),
    )
    .map((query) => query.name);
  const [first] = [...new Set(reached)].sort();
  if (first === undefined) return [];
  const message = `policy rule '${rule.id}' allows mutations by a name with a *, such as '${first}'`;
  return [diagnostic("mutation_reachable_by_glob", { path, source: rule.source, message })];
}
