/**
 * Accepting a schema: from source text to a schema with stable identities, and to the plan that leads there from the
 * accepted one (spec/schema 6, 7).
 *
 * Guarantees: pure. The identity domain is the incarnation: ids of one life are never mistaken for another's. All
 * errors at once, under the address of the graph's schema.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { sha256 } from "../digest/digest.ts";
import type { GraphId, IncarnationId } from "../digest/ids.ts";
import { compileSchema } from "../schema/compile.ts";
import { resolveIdentity } from "../schema/identity.ts";
import type { MigrationPlan } from "../schema/migration.ts";
import { planMigration } from "../schema/planner.ts";
import type { AcceptedSchema } from "./engine.ts";

export type Invalid = { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

export type Accepted =
  | { readonly tag: "accepted"; readonly schema: AcceptedSchema; readonly diagnostics: readonly Diagnostic[] }
  | Invalid;

export type Evolved =
  | {
      readonly tag: "evolved";
      readonly schema: AcceptedSchema;
      /** May be unsupported: a preview shows it nevertheless. */
      readonly plan: MigrationPlan;
      readonly diagnostics: readonly Diagnostic[];
    }
  | Invalid;

/** The schema of a new incarnation. */
export function acceptFirst(source: string, incarnation: IncarnationId, graph: GraphId): Accepted {
  return accept(null, source, incarnation, graph);
}

/** The schema that follows the accepted one. */
export function evolve(accepted: AcceptedSchema, source: string, dataLoss: boolean, graph: GraphId): Evolved {
  const next = accept(accepted, source, accepted.ir.schema_identity_domain, graph);
  if (next.tag === "invalid") return next;
  const plan = planMigration(accepted.ir, next.schema.ir, { data_loss: dataLoss });
  return { ...next, tag: "evolved", plan };
}

/** One diagnostic per step that cannot be made; empty for a supported plan. */
export function unsupportedSteps(plan: MigrationPlan, graph: GraphId): readonly Diagnostic[] {
  return plan.steps.flatMap((step) => {
    if (step.kind !== "unsupported_change") return [];
    const code = step.code === undefined ? "" : `[${step.code}] `;
    const message = `${code}${step.entity}: ${step.reason}`;
    return [diagnostic("graph_migration_unsupported", { path: schemaAddress(graph), message })];
  });
}

function accept(accepted: AcceptedSchema | null, source: string, domain: string, graph: GraphId): Accepted {
  const path = schemaAddress(graph);
  const compiled = compileSchema(source, `${graph}.pg`);
  if (compiled.tag === "invalid") return { ...compiled, diagnostics: addressed(compiled.diagnostics, path) };
  const resolved = resolveIdentity(accepted?.ir ?? null, compiled, domain);
  if (resolved.tag === "invalid") {
    return { tag: "invalid", diagnostics: addressed([...compiled.warnings, ...resolved.diagnostics], path) };
  }
  return {
    tag: "accepted",
    schema: { source, digest: sha256(source), ir: resolved.ir },
    diagnostics: addressed([...compiled.warnings, ...resolved.notes], path),
  };
}

function schemaAddress(graph: GraphId): string {
  return `schema.${graph}`;
}

function addressed(diagnostics: readonly Diagnostic[], path: string): readonly Diagnostic[] {
  return diagnostics.map((each) => (each.path === "" ? { ...each, path } : each));
}
