/**
 * Constraints of nodes and edges: stage P, rows 32 to 39 of spec/schema 5.
 *
 * Rules here are those of the reference; what is stricter stands in check-strict.ts.
 */
import type { DiagnosticCode } from "../diagnostic/diagnostic.ts";
import {
  type DeclaredEdge,
  type DeclaredInterface,
  type DeclaredName,
  type DeclaredNode,
  type DeclaredProperty,
  type DeclaredRule,
  findProperty,
  hasAnnotation,
} from "./declaration.ts";
import { isNumeric, isVector } from "./prop-type.ts";
import type { Place, Reporter } from "./reporter.ts";

const UNKNOWN_COLUMN = {
  key: "schema_key_unknown",
  unique: "schema_unique_unknown",
  index: "schema_index_unknown",
} as const satisfies Readonly<Record<string, DiagnosticCode>>;

type Owner = DeclaredNode | DeclaredEdge;

/** How the text is read: a stored schema may hold @unique on a blob, which older writers let pass (row 36). */
export interface RuleLeniency {
  readonly uniqueBlobs: boolean;
}

export function checkRules(owner: Owner, leniency: RuleLeniency, reporter: Reporter): void {
  if (owner.kind === "node") checkKeys(owner, reporter);
  for (const rule of owner.rules) {
    if (rule.kind === "range" || rule.kind === "check") checkValueRule(owner, rule, reporter);
    else for (const column of rule.columns) checkColumn(owner, rule, column, leniency, reporter);
  }
}

/** Rows 33 and 34: one key a node, over both spellings, and none of it nullable. */
export function checkKeys(node: DeclaredNode | DeclaredInterface, reporter: Reporter): void {
  const bare = node.properties.filter((each) => hasAnnotation(each, "key"));
  const bodies = node.kind === "node" ? node.rules.filter((each) => each.kind === "key") : [];
  if (bare.length + bodies.length > 1) {
    const at: Place = bodies.at(-1)?.at ?? bare.at(-1)?.at ?? node.at;
    reporter.report(
      "schema_key_repeated",
      at,
      `${node.kind} ${node.name} declares multiple @key constraints`,
    );
  }
  for (const property of bare)
    if (property.type.nullable && canBeKey(property))
      reporter.report("schema_key_nullable", property.at, nullableKey(node, property));
}

/** Of a type that no key takes the type is told, and nothing more (rows 22 to 24). */
function canBeKey({ type }: DeclaredProperty): boolean {
  return !type.list && !isVector(type.scalar) && type.scalar !== "Blob";
}

function nullableKey(node: { readonly name: string }, property: DeclaredProperty): string {
  return `@key property ${node.name}.${property.name} must not be nullable`;
}

function checkColumn(
  owner: Owner,
  rule: DeclaredRule & { readonly kind: "key" | "unique" | "index" },
  column: DeclaredName,
  leniency: RuleLeniency,
  reporter: Reporter,
): void {
  const report = (code: DiagnosticCode, message: string) => reporter.report(code, column, message);
  const where = `${owner.name}.${column.text}`;
  if (owner.kind === "edge" && rule.kind === "key") {
    reporter.report("schema_key_on_edge", rule.at, `@key is not supported on edges (${owner.name})`);
    return;
  }
  const property = findProperty(owner.properties, column.text);
  if (property === undefined) {
    if (owner.kind === "edge" && (column.text === "src" || column.text === "dst")) return;
    report(UNKNOWN_COLUMN[rule.kind], `@${rule.kind} references unknown property ${where}`);
    return;
  }
  const { list, nullable, scalar } = property.type;
  if (scalar === "Blob") {
    if (rule.kind === "unique" && leniency.uniqueBlobs) return;
    report("schema_blob_property", `@${rule.kind} is not supported on blob property ${where}`);
  } else if (rule.kind === "key") {
    if (list) report("schema_list_property", `@key is not supported on list property ${where}`);
    else if (isVector(scalar))
      report("schema_vector_property", `@key is not supported on vector property ${where}`);
    else if (nullable) report("schema_key_nullable", nullableKey(owner, property));
  }
}

/** Rows 38 and 39. */
function checkValueRule(
  owner: Owner,
  rule: DeclaredRule & { readonly kind: "range" | "check" },
  reporter: Reporter,
): void {
  const code = rule.kind === "range" ? "schema_range_target" : "schema_check_target";
  const where = `${owner.name}.${rule.property.text}`;
  const wanted = rule.kind === "range" ? "a numeric property" : "a String property";
  if (owner.kind === "edge") {
    const message = `@${rule.kind} is not supported on edge ${owner.name}; it needs ${wanted} of a node`;
    reporter.report(code, rule.at, message);
    return;
  }
  const property = findProperty(owner.properties, rule.property.text);
  if (property === undefined) {
    reporter.report(
      code,
      rule.property,
      `@${rule.kind} references unknown property ${where}; it needs ${wanted}`,
    );
    return;
  }
  const { scalar } = property.type;
  const fits = rule.kind === "range" ? isNumeric(scalar) : scalar === "String";
  if (!fits)
    reporter.report(code, rule.property, `@${rule.kind} requires ${wanted}, but ${where} is not one`);
}
