/**
 * Rules of a body that the reference accepts although every write would fail or nothing would be enforced
 * (spec/schema 3.5, 10.3 to 10.5).
 */
import { compileCheckPattern } from "./check-pattern.ts";
import {
  type DeclaredEdge,
  type DeclaredNode,
  type DeclaredProperty,
  type DeclaredRule,
  findProperty,
} from "./declaration.ts";
import type { Bound } from "./ir.ts";
import { isVector } from "./prop-type.ts";
import type { Reporter } from "./reporter.ts";

type Owner = DeclaredNode | DeclaredEdge;

export function checkStrictRules(owner: Owner, reporter: Reporter): void {
  for (const rule of owner.rules) {
    if (rule.kind === "range") checkRange(owner, rule, reporter);
    else if (rule.kind === "check") checkPattern(owner, rule, reporter);
    else checkColumns(owner, rule, reporter);
  }
}

function checkColumns(
  owner: Owner,
  rule: DeclaredRule & { readonly kind: "key" | "unique" | "index" },
  reporter: Reporter,
): void {
  for (const column of rule.columns) {
    const property = findProperty(owner.properties, column.text);
    if (property === undefined) continue;
    const where = `${owner.name}.${column.text}`;
    const { list, scalar } = property.type;
    if (rule.kind === "unique" && (list || isVector(scalar))) {
      const message = `@unique names ${where}, a ${list ? "list" : "vector"} that cannot be compared`;
      reporter.report("schema_unique_incomparable", column, message);
    }
    if (rule.kind === "index" && list)
      reporter.report("schema_index_list", column, `@index names ${where}, and no index is built for a list`);
  }
}

function checkRange(owner: Owner, rule: DeclaredRule & { readonly kind: "range" }, reporter: Reporter): void {
  const where = `${owner.name}.${rule.property.text}`;
  checkSurplus(where, rule, reporter);
  if (rule.min !== null && rule.max !== null && boundValue(rule.min) > boundValue(rule.max))
    reporter.report("schema_range_order", rule.at, `@range on ${where} has a minimum above its maximum`);
  const property = findProperty(owner.properties, rule.property.text);
  if (property === undefined) return;
  if (property.type.list)
    reporter.report(
      "schema_range_list",
      rule.property,
      `@range on ${where} is on a list and would never be enforced`,
    );
  if (isInteger(property) && [rule.min, rule.max].some(isFraction))
    reporter.report("schema_range_fraction", rule.at, `@range on ${where} bounds an integer by a fraction`);
}

function checkPattern(
  owner: Owner,
  rule: DeclaredRule & { readonly kind: "check" },
  reporter: Reporter,
): void {
  const where = `${owner.name}.${rule.property.text}`;
  checkSurplus(where, rule, reporter);
  if (findProperty(owner.properties, rule.property.text)?.type.list)
    reporter.report(
      "schema_check_list",
      rule.property,
      `@check on ${where} is on a list and would never be enforced`,
    );
  const compiled = compileCheckPattern(rule.pattern);
  if (compiled.tag === "invalid")
    reporter.report(
      "schema_check_pattern",
      rule.patternAt,
      `the pattern of @check on ${where}: ${compiled.message}`,
    );
}

function checkSurplus(
  where: string,
  rule: DeclaredRule & { readonly kind: "range" | "check" },
  reporter: Reporter,
): void {
  if (rule.surplus === null) return;
  const message = `@${rule.kind} on ${where} takes two arguments; the others would be ignored`;
  reporter.report("schema_rule_extra_argument", rule.surplus, message);
}

/** JavaScript compares bigints with doubles exactly. */
function boundValue(bound: Bound): bigint | number {
  return "Integer" in bound ? bound.Integer : bound.Float;
}

function isInteger(property: DeclaredProperty): boolean {
  return typeof property.type.scalar === "string" && /^[IU](32|64)$/.test(property.type.scalar);
}

function isFraction(bound: Bound | null): boolean {
  return bound !== null && "Float" in bound && !Number.isInteger(bound.Float);
}
