/**
 * Rules about one value of a node: `@range` and `@check` (spec/schema 4.1, 9). Nulls pass; every item of a list is
 * looked at.
 *
 * Guarantees: pure. Bounds are compared exactly, 64-bit integers too. A 32-bit float is compared with the bound
 * rounded to 32 bits, so that a value which is written like the bound is never outside it. Patterns search, they do
 * not have to match the whole text.
 */

import type { DiagnosticCode } from "../../diagnostic/diagnostic.ts";
import { assert } from "../../digest/assert.ts";
import { compileCheckPattern } from "../../schema/check-pattern.ts";
import type { Bound, IrConstraint } from "../../schema/ir.ts";
import type { PropType } from "../../schema/prop-type.ts";
import type { Cell } from "../tables.ts";
import { SHOWN_CHARACTERS_MAX } from "./limits.ts";

export interface RuleViolation {
  readonly code: DiagnosticCode;
  readonly message: string;
}

/** The first violation of a cell that is not null, null if it keeps the rule. */
export type CellRule = (label: string, cell: Cell) => RuleViolation | null;

type RangeConstraint = Extract<IrConstraint, { kind: "range" }>;
type CheckConstraint = Extract<IrConstraint, { kind: "check" }>;

export function rangeRule(type: PropType, constraint: RangeConstraint): CellRule {
  const min = comparable(type, constraint.min);
  const max = comparable(type, constraint.max);
  const bounds = `${showBound(constraint.min)}..${showBound(constraint.max)}`;
  return eachItem(type, (label, cell) => {
    if (typeof cell !== "number" && typeof cell !== "bigint") return null;
    if ((min === null || cell >= min) && (max === null || cell <= max)) return null;
    return {
      code: "load_range_violation",
      message: `@range violation on ${label}: ${cell} is not in ${bounds}.`,
    };
  });
}

function comparable(type: PropType, bound: Bound | null): number | bigint | null {
  if (bound === null) return null;
  if (type.scalar === "F32") return Math.fround("Integer" in bound ? Number(bound.Integer) : bound.Float);
  return "Integer" in bound ? bound.Integer : bound.Float;
}

function showBound(bound: Bound | null): string {
  if (bound === null) return "";
  return String("Integer" in bound ? bound.Integer : bound.Float);
}

export function checkRule(type: PropType, constraint: CheckConstraint): CellRule {
  const compiled = compileCheckPattern(constraint.pattern);
  assert(compiled.tag === "ok", "a pattern that does not compile never passes the schema check");
  return eachItem(type, (label, cell) => {
    if (typeof cell !== "string" || compiled.test(cell)) return null;
    const shown = JSON.stringify(cell.slice(0, SHOWN_CHARACTERS_MAX));
    return {
      code: "load_check_violation",
      message: `@check violation on ${label}: ${shown} does not match ${constraint.pattern}.`,
    };
  });
}

function eachItem(type: PropType, rule: CellRule): CellRule {
  if (!type.list) return rule;
  return (label, cell) => {
    if (!Array.isArray(cell)) return null;
    for (let index = 0; index < cell.length; index++) {
      const violation = rule(`${label}[${index}]`, cell[index]);
      if (violation) return violation;
    }
    return null;
  };
}
