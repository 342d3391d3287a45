/** Short ways from schema texts to accepted schemas and plans, for tests that are about what comes after. */
import { type CompiledSchema, compileSchema } from "../../lib/schema/compile.ts";
import { resolveIdentity } from "../../lib/schema/identity.ts";
import type { SchemaIr } from "../../lib/schema/ir.ts";
import type { MigrationPlan } from "../../lib/schema/migration.ts";
import { planMigration } from "../../lib/schema/planner.ts";

export const DOMAIN = "01BX5ZZKBKACTAV9WEVGEMMVRZ";

/** The compiled form of a text that must be right. */
export function compiled(source: string): CompiledSchema {
  const result = compileSchema(source, "test.pg");
  if (result.tag === "compiled") return result;
  throw new Error(`${source}\n${result.diagnostics.map((each) => each.message).join("\n")}`);
}

/** The schema of a new graph, or the one that follows `before`. */
export function accept(source: string, before: SchemaIr | null = null): SchemaIr {
  const result = resolveIdentity(before, compiled(source), DOMAIN);
  if (result.tag === "resolved") return result.ir;
  throw new Error(`${source}\n${result.diagnostics.map((each) => each.message).join("\n")}`);
}

/** The codes of the hints that had no effect, or of the faults, of evolving `before` to `after`. */
export function identityCodes(before: SchemaIr | null, after: string): readonly string[] {
  const result = resolveIdentity(before, compiled(after), DOMAIN);
  return (result.tag === "resolved" ? result.notes : result.diagnostics).map((each) => each.code);
}

/** The plan from one text to another; drops are soft unless `dataLoss`. */
export function plan(before: string, after: string, dataLoss = false): MigrationPlan {
  const accepted = accept(before);
  return planMigration(accepted, accept(after, accepted), { data_loss: dataLoss });
}

/** `plan` in one line a step, refusals without their reasons: `drop_property node Ship.name soft`. */
export function steps(before: string, after: string): readonly string[] {
  return plan(before, after).steps.map((step) => {
    switch (step.kind) {
      case "unsupported_change":
        return `unsupported ${step.entity}${step.code === undefined ? "" : ` ${step.code}`}`;
      case "add_type":
      case "drop_type":
      case "update_type_metadata":
        return `${step.kind} ${step.type_kind} ${step.name}`;
      case "rename_type":
        return `rename_type ${step.type_kind} ${step.from} ${step.to}`;
      case "rename_property":
        return `rename_property ${step.type_kind} ${step.type_name}.${step.from} ${step.to}`;
      case "extend_enum":
        return `extend_enum ${step.type_kind} ${step.type_name}.${step.property_name} ${step.added_values.join(" ")}`;
      case "add_constraint":
      case "drop_constraint":
        return `${step.kind} ${step.type_kind} ${step.type_name} ${Object.keys(step.constraint)[0]}`;
      default:
        return `${step.kind} ${step.type_kind} ${step.type_name}.${step.property_name}`;
    }
  });
}
