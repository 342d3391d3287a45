/**
 * The type checker of the query language (spec/query 5, 6, 7, 9).
 *
 * Guarantees: pure and total. All independent errors of a query are reported in one run, in the order of spec/query
 * 5.1; codes `T1` to `T24` mean what they mean in OmniGraph, codes `query_...` are ours. Facts and warnings are given
 * only for a query without errors.
 */
import type { Diagnostic } from "../diagnostic/diagnostic.ts";
import type { Catalog } from "../schema/catalog.ts";
import type { PropType } from "../schema/prop-type.ts";
import type { QueryAst, ReadBody } from "./ast.ts";
import type { CheckContext } from "./check-context.ts";
import { checkMatch } from "./check-match.ts";
import { checkMutations } from "./check-mutation.ts";
import { checkOrder } from "./check-order.ts";
import { checkGrouping, checkReturn } from "./check-return.ts";
import { FactCollector } from "./fact-collector.ts";
import type { QueryFacts, QueryParameter, ResultField } from "./facts.ts";
import { parameterType, parameterTypeText } from "./parameter-type.ts";
import { Report } from "./report.ts";

/** The parameter name that the reference keeps for its clock. */
export const CLOCK_PARAMETER = "__nanograph_now";

export type CheckedQuery =
  | { readonly tag: "checked"; readonly facts: QueryFacts; readonly warnings: readonly Diagnostic[] }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

/** Checks one query of `file` against a schema. */
export function checkQuery(catalog: Catalog, query: QueryAst, file: string): CheckedQuery {
  const report = new Report(query, file);
  const facts = new FactCollector();
  const parameters = checkParameters(query, report);
  const context: CheckContext = {
    catalog,
    query,
    report,
    facts,
    parameters,
    usedParameters: new Set(),
    reportedVariables: new Set(),
  };
  const { body } = query;
  const result = body.kind === "read" ? checkRead(context, body) : [];
  if (body.kind === "mutation") checkMutations(context, body);
  if (report.failed) return { tag: "invalid", diagnostics: report.errors };
  warnOfParameters(context);
  return { tag: "checked", facts: factsOf(query, facts, result), warnings: report.warnings };
}

function checkRead(context: CheckContext, body: ReadBody): readonly ResultField[] {
  const scope = checkMatch(context, body.match);
  const returned = checkReturn(context, scope, body);
  checkOrder(context, scope, body, returned);
  checkGrouping(context, body);
  return returned.fields;
}

function checkParameters(query: QueryAst, report: Report): ReadonlyMap<string, PropType | null> {
  const parameters = new Map<string, PropType | null>();
  for (const parameter of query.parameters) {
    const { text, at } = parameter.name;
    if (text === CLOCK_PARAMETER)
      report.error("query_reserved_parameter", at, `parameter name \`$${text}\` is reserved`);
    if (parameters.has(text)) {
      report.refuse("query_duplicate_parameter", at, `parameter \`$${text}\` is declared twice`);
    }
    const type = parameterType(parameter);
    if (type === null) {
      const message = `parameter \`$${text}\` has type \`${parameterTypeText(parameter.type)}\`, which does not exist`;
      report.error("query_parameter_type", parameter.type.at, message);
    }
    parameters.set(text, type);
  }
  return parameters;
}

function warnOfParameters(context: CheckContext): void {
  const { query, report, usedParameters } = context;
  for (const { name } of query.parameters) {
    if (usedParameters.has(name.text)) continue;
    report.warn("query_unused_parameter", name.at, `parameter \`$${name.text}\` is never used`);
  }
}

function parametersOf(query: QueryAst): readonly QueryParameter[] {
  return query.parameters.map(({ name, type, nullable }) => ({
    name: name.text,
    type: parameterTypeText(type),
    nullable,
  }));
}

function factsOf(query: QueryAst, facts: FactCollector, result: readonly ResultField[]): QueryFacts {
  return {
    name: query.name.text,
    kind: query.body.kind,
    description: query.description,
    instruction: query.instruction,
    parameters: parametersOf(query),
    result,
    reads: facts.readFacts,
    writes: facts.writeFacts,
    properties: facts.propertyFacts,
  };
}
