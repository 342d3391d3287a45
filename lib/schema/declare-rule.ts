/** Rules of a body as written to declared rules (spec/schema 4.1; section 5, rows 9 to 13). */
import type { DeclaredRule } from "./declaration.ts";
import type { Bound } from "./ir.ts";
import { BOUND_INTEGER_MAX, BOUND_INTEGER_MIN } from "./limits.ts";
import type { Reporter } from "./reporter.ts";
import { decodeStringLiteral } from "./string-literal.ts";
import type { ArgumentSyntax, RuleSyntax, Word } from "./syntax.ts";

/** The rules that are well formed; the others are reported and left out. */
export function declareRules(syntax: readonly RuleSyntax[], reporter: Reporter): readonly DeclaredRule[] {
  return syntax.flatMap((each) => {
    const rule = declareRule(each, reporter);
    return rule === null ? [] : [rule];
  });
}

function declareRule(syntax: RuleSyntax, reporter: Reporter): DeclaredRule | null {
  switch (syntax.name.text) {
    case "range":
      return declareRange(syntax, reporter);
    case "check":
      return declareCheck(syntax, reporter);
    default:
      return declareColumns(syntax, syntax.name.text as "key" | "unique" | "index", reporter);
  }
}

function declareColumns(
  syntax: RuleSyntax,
  kind: "key" | "unique" | "index",
  reporter: Reporter,
): DeclaredRule | null {
  const strange = syntax.arguments.filter((each) => each.kind !== "identifier");
  for (const each of strange) {
    const message = `@${kind} takes names of properties, not ${each.word.text}`;
    reporter.report("schema_rule_argument", each.word, message);
  }
  if (strange.length > 0) return null;
  return { kind, columns: syntax.arguments.map((each) => each.word), at: syntax.name };
}

function declareRange(syntax: RuleSyntax, reporter: Reporter): DeclaredRule | null {
  const [property, bounds, surplus] = syntax.arguments;
  if (!enoughArguments(syntax, reporter) || !property || !bounds) return null;
  if (property.kind !== "identifier")
    return strangeFirst(syntax, property, "schema_range_argument", reporter);
  if (bounds.kind !== "bounds") {
    const message = `the second argument of @range must be bounds like 0..9, not ${bounds.word.text}`;
    reporter.report("schema_range_argument", bounds.word, message);
    return null;
  }
  const min = bounds.min === null ? null : declareBound(bounds.min, reporter);
  const max = bounds.max === null ? null : declareBound(bounds.max, reporter);
  return {
    kind: "range",
    property: property.word,
    min,
    max,
    surplus: surplus?.word ?? null,
    at: syntax.name,
  };
}

function declareCheck(syntax: RuleSyntax, reporter: Reporter): DeclaredRule | null {
  const [property, pattern, surplus] = syntax.arguments;
  if (!enoughArguments(syntax, reporter) || !property || !pattern) return null;
  if (property.kind !== "identifier")
    return strangeFirst(syntax, property, "schema_check_argument", reporter);
  if (pattern.kind !== "string") {
    const message = `the second argument of @check must be a string, not ${pattern.word.text}`;
    reporter.report("schema_check_argument", pattern.word, message);
    return null;
  }
  const decoded = decodeStringLiteral(pattern.word.text);
  if (decoded.tag === "invalid") {
    reporter.report("schema_string_escape", pattern.word, `unsupported escape sequence ${decoded.escape}`);
    return null;
  }
  return {
    kind: "check",
    property: property.word,
    pattern: decoded.text,
    patternAt: pattern.word,
    surplus: surplus?.word ?? null,
    at: syntax.name,
  };
}

function enoughArguments(syntax: RuleSyntax, reporter: Reporter): boolean {
  if (syntax.arguments.length >= 2) return true;
  const message = `@${syntax.name.text} requires a property and ${syntax.name.text === "range" ? "bounds" : "a pattern"}`;
  reporter.report("schema_rule_arity", syntax.name, message);
  return false;
}

function strangeFirst(
  syntax: RuleSyntax,
  argument: ArgumentSyntax,
  code: "schema_range_argument" | "schema_check_argument",
  reporter: Reporter,
): null {
  const message = `the first argument of @${syntax.name.text} must be the name of a property, not ${argument.word.text}`;
  reporter.report(code, argument.word, message);
  return null;
}

/** An integer if it fits 64 bits, else a double (spec/schema 4.1). */
function declareBound(word: Word, reporter: Reporter): Bound | null {
  if (!word.text.includes(".")) {
    const integer = BigInt(word.text);
    if (integer >= BOUND_INTEGER_MIN && integer <= BOUND_INTEGER_MAX) return { Integer: integer };
  }
  const float = Number(word.text);
  if (Number.isFinite(float)) return { Float: float };
  reporter.report("schema_bound_invalid", word, `the bound ${word.text.slice(0, 40)} is too large`);
  return null;
}
