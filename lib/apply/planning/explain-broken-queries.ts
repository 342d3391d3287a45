/**
 * When the desired config does not type-check because a schema changed under a query, says which change it was: the
 * query is checked against the schema that is live, and what it uses there is met with the migration to the desired
 * one. Reads only, and only on the way to an error.
 */
import { parseAddress, queryAddress, schemaAddress } from "../../desired/address.ts";
import type { Desired } from "../../desired/desired.ts";
import { type Diagnostic, diagnostic } from "../../diagnostic/diagnostic.ts";
import { type GraphId, parseGraphId } from "../../digest/ids.ts";
import type { AcceptedSchema, Engine } from "../../engine/engine.ts";
import { breakingSteps } from "../../plan/broken-queries.ts";
import { checkQuery } from "../../query/check.ts";
import type { QueryFacts } from "../../query/facts.ts";
import { parseQueryFile } from "../../query/parse.ts";
import type { Catalog } from "../../schema/catalog.ts";
import { compileSchema } from "../../schema/compile.ts";
import { resolveIdentity } from "../../schema/identity.ts";
import type { MigrationStep } from "../../schema/migration.ts";
import { planMigration } from "../../schema/planner.ts";

const BROKEN = /^graphs\.([^.]+)\.queries\.([^.]+)$/;

export async function explainBrokenQueries(engine: Engine, desired: Desired): Promise<readonly Diagnostic[]> {
  const broken = brokenByGraph(desired);
  const explanations: Diagnostic[] = [];
  for (const [graph, errors] of broken) {
    const observation = await engine.observe(graph);
    if (observation.tag !== "live") continue;
    const change = schemaChange(observation.schema, desired, graph);
    if (change === null) continue;
    for (const [name, error] of errors) {
      const explained = explain(graph, name, error, change, desired);
      if (explained !== null) explanations.push(explained);
    }
  }
  return explanations;
}

/** The first type error of each query that has one, by graph. */
function brokenByGraph(desired: Desired): ReadonlyMap<GraphId, ReadonlyMap<string, Diagnostic>> {
  const graphs = new Map<GraphId, Map<string, Diagnostic>>();
  for (const each of desired.diagnostics) {
    const match = each.code === "query_typecheck_error" ? BROKEN.exec(each.path) : null;
    const graph = parseGraphId(match?.[1] ?? "");
    if (match === null || graph === null) continue;
    const queries = graphs.get(graph) ?? new Map<string, Diagnostic>();
    if (!queries.has(match[2]!)) queries.set(match[2]!, each);
    graphs.set(graph, queries);
  }
  return graphs;
}

interface SchemaChange {
  readonly live: Catalog;
  readonly steps: readonly MigrationStep[];
}

function schemaChange(live: AcceptedSchema, desired: Desired, graph: GraphId): SchemaChange | null {
  const resource = desired.resources.get(schemaAddress(graph));
  if (resource?.kind !== "schema" || resource.digest === live.digest) return null;
  const before = compileSchema(live.source, `graph.${graph}`);
  const after = compileSchema(resource.source, resource.path);
  if (before.tag === "invalid" || after.tag === "invalid") return null;
  const resolved = resolveIdentity(live.ir, after, live.ir.schema_identity_domain);
  if (resolved.tag === "invalid") return null;
  return { live: before.catalog, steps: planMigration(live.ir, resolved.ir, { data_loss: false }).steps };
}

function explain(
  graph: GraphId,
  name: string,
  error: Diagnostic,
  change: SchemaChange,
  desired: Desired,
): Diagnostic | null {
  const address = queryAddress(graph, name);
  const facts = factsUnderLiveSchema(desired, graph, name, change.live);
  if (facts === null) return null;
  const steps = breakingSteps(facts, change.steps);
  if (steps.length === 0) return null;
  const message = `${address} works with the schema that is live, but the new one ${steps.join(" and ")}.`;
  return diagnostic("query_broken_by_schema", { path: address, message, source: error.source });
}

function factsUnderLiveSchema(
  desired: Desired,
  graph: GraphId,
  name: string,
  live: Catalog,
): QueryFacts | null {
  const resource = desired.resources.get(queryAddress(graph, name));
  if (resource?.kind !== "query" || parseAddress(resource.address) === null) return null;
  const parsed = parseQueryFile(resource.source, resource.path);
  if (parsed.tag === "invalid") return null;
  const query = parsed.queries.find((each) => each.name.text === name);
  if (query === undefined) return null;
  const checked = checkQuery(live, query, resource.path);
  return checked.tag === "checked" ? checked.facts : null;
}
