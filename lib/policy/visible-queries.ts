/**
 * Which stored queries a caller may list or invoke, for thousands of queries at once (spec/policy 5.9, method C).
 *
 * Cedar evaluates the caller's policies once, with the query unknown; what is left of them is a condition on name and
 * kind, which `residual` evaluates for each query. Where Cedar or the condition does not play along, every query is
 * decided by Cedar instead, which is slower and says the same. Only a filter: who invokes a query is decided anew.
 */
import type { PolicyAction } from "./action.ts";
import type { CedarPolicies, CedarQuestion, CedarResidual } from "./cedar.ts";
import { askCedar, askCedarPartially } from "./cedar.ts";
import type { CompiledBundle } from "./compile.ts";
import { sliceFor } from "./compile.ts";
import { queryEntity } from "./entity.ts";
import type { QueryRef } from "./query-scope.ts";
import type { QueryTest } from "./residual.ts";
import { residualTest } from "./residual.ts";
import type { PolicyScope } from "./scope.ts";

export type VisibleQueries =
  | { readonly tag: "visible"; readonly queries: readonly QueryRef[] }
  | { readonly tag: "failed"; readonly reason: string };

export interface VisibilityQuestion {
  readonly compiled: CompiledBundle;
  readonly scope: PolicyScope;
  readonly slot: string;
  /** Of the caller; at least one. */
  readonly groups: readonly string[];
  readonly action: PolicyAction;
  readonly question: Omit<CedarQuestion, "resource" | "record">;
}

/** Those of `catalog` that are allowed, in its order. */
export function findVisibleQueries(asked: VisibilityQuestion, catalog: readonly QueryRef[]): VisibleQueries {
  const slice = sliceFor(asked.compiled, asked.action, asked.groups);
  if (Object.keys(slice).length === 0 || catalog.length === 0) return { tag: "visible", queries: [] };
  const partial = askCedarPartially(slice, asked.question);
  const filtered = partial.tag === "residuals" ? filterByResiduals(asked, catalog, partial.residuals) : null;
  return filtered === null ? decideEach(asked, slice, catalog) : { tag: "visible", queries: filtered };
}

/** Null: some condition is of a form that is not known here. */
function filterByResiduals(
  { scope }: VisibilityQuestion,
  catalog: readonly QueryRef[],
  residuals: Readonly<Record<string, CedarResidual>>,
): readonly QueryRef[] | null {
  const tests = { permit: [] as QueryTest[], forbid: [] as QueryTest[] };
  for (const residual of Object.values(residuals)) {
    const test = residualTest(residual, scope);
    if (test === null) return null;
    tests[residual.effect].push(test);
  }
  return catalog.filter(
    (query) => tests.permit.some((test) => test(query)) && !tests.forbid.some((test) => test(query)),
  );
}

function decideEach(
  asked: VisibilityQuestion,
  slice: CedarPolicies,
  catalog: readonly QueryRef[],
): VisibleQueries {
  const queries: QueryRef[] = [];
  for (const query of catalog) {
    const { entity, record } = queryEntity(asked.scope, query);
    const answer = askCedar(`${asked.slot}#queries`, slice, { ...asked.question, resource: entity, record });
    if (answer.tag === "failed") return { tag: "failed", reason: answer.reason };
    if (answer.allowed) queries.push(query);
  }
  return { tag: "visible", queries };
}
