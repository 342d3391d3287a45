/**
 * Syntax to declarations: the conversion part of stage P (spec/schema 5, rows 2 to 8 and 16).
 *
 * Every fault is reported and replaced by something harmless, so that the later checks see the whole text.
 */
import type {
  Declarations,
  DeclaredAnnotation,
  DeclaredEdge,
  DeclaredInterface,
  DeclaredNode,
  DeclaredProperty,
} from "./declaration.ts";
import { declareRules } from "./declare-rule.ts";
import { declareType } from "./declare-type.ts";
import type { Cardinality } from "./ir.ts";
import { CARDINALITY_MAX } from "./limits.ts";
import type { Reporter } from "./reporter.ts";
import { decodeStringLiteral } from "./string-literal.ts";
import type {
  AnnotationSyntax,
  DeclarationSyntax,
  EdgeSyntax,
  InterfaceSyntax,
  LiteralSyntax,
  NodeSyntax,
  PropertySyntax,
  Word,
} from "./syntax.ts";

/** Columns that the storage engine adds to every table (spec/schema 1.3). */
const RESERVED_PROPERTIES: ReadonlySet<string> = new Set([
  "_rowid",
  "_rowaddr",
  "_rowoffset",
  "_row_created_at_version",
  "_row_last_updated_at_version",
]);

export function declare(syntax: readonly DeclarationSyntax[], reporter: Reporter): Declarations {
  const interfaces: DeclaredInterface[] = [];
  const nodes: DeclaredNode[] = [];
  const edges: DeclaredEdge[] = [];
  for (const each of syntax) {
    if (each.kind === "interface") interfaces.push(declareInterface(each, reporter));
    else if (each.kind === "node") nodes.push(declareNode(each, reporter));
    else edges.push(declareEdge(each, reporter));
  }
  return { interfaces, nodes, edges };
}

function declareInterface(syntax: InterfaceSyntax, reporter: Reporter): DeclaredInterface {
  const name = syntax.name.text;
  return {
    kind: "interface",
    name,
    at: syntax.name,
    properties: syntax.properties.map((each) => declareProperty(name, each, reporter)),
  };
}

function declareNode(syntax: NodeSyntax, reporter: Reporter): DeclaredNode {
  const name = syntax.name.text;
  return {
    kind: "node",
    name,
    at: syntax.name,
    annotations: declareAnnotations(name, syntax.annotations, reporter),
    implements: syntax.implements,
    properties: syntax.body.properties.map((each) => declareProperty(name, each, reporter)),
    rules: declareRules(syntax.body.rules, reporter),
  };
}

function declareEdge(syntax: EdgeSyntax, reporter: Reporter): DeclaredEdge {
  const name = syntax.name.text;
  return {
    kind: "edge",
    name,
    at: syntax.name,
    annotations: declareAnnotations(name, syntax.annotations, reporter),
    from: syntax.from,
    to: syntax.to,
    cardinality: declareCardinality(syntax, reporter),
    properties: syntax.body.properties.map((each) => declareProperty(name, each, reporter)),
    rules: declareRules(syntax.body.rules, reporter),
  };
}

function declareCardinality(syntax: EdgeSyntax, reporter: Reporter): Cardinality {
  if (syntax.cardinality === null) return { min: 0, max: null };
  const bound = (word: Word): number | null => {
    const value = Number(word.text);
    if (value <= CARDINALITY_MAX) return value;
    const message = `the bound ${word.text} of @card on edge ${syntax.name.text} is above ${CARDINALITY_MAX}`;
    reporter.report("schema_cardinality_bound", word, message);
    return null;
  };
  const min = bound(syntax.cardinality.min) ?? 0;
  const max = syntax.cardinality.max === null ? null : bound(syntax.cardinality.max);
  if (max !== null && min > max) {
    const message = `@card on edge ${syntax.name.text} has a min ${min} that is above its max ${max}`;
    reporter.report("schema_cardinality_order", syntax.cardinality.min, message);
  }
  return { min, max };
}

function declareProperty(owner: string, syntax: PropertySyntax, reporter: Reporter): DeclaredProperty {
  const name = syntax.name.text;
  if (RESERVED_PROPERTIES.has(name)) {
    const message = `property name ${name} on ${owner} is reserved: storage adds a column of that name to exported rows`;
    reporter.report("schema_property_reserved", syntax.name, message);
  }
  return {
    name,
    type: declareType(`${owner}.${name}`, syntax, reporter),
    annotations: declareAnnotations(`${owner}.${name}`, syntax.annotations, reporter),
    at: syntax.name,
    declaredDirectly: true,
    origins: [],
  };
}

function declareAnnotations(
  owner: string,
  syntax: readonly AnnotationSyntax[],
  reporter: Reporter,
): readonly DeclaredAnnotation[] {
  const annotations = syntax.map((each) => ({
    name: each.name.text,
    value: each.value === null ? null : literalText(each.value, reporter),
    options: declareOptions(each, reporter),
    at: each.name,
  }));
  checkRenameHints(owner, annotations, reporter);
  return annotations;
}

/** A repeated option keeps its last value; keys are sorted, as the shape needs them (spec/schema 1.2, 6.1). */
function declareOptions(syntax: AnnotationSyntax, reporter: Reporter): Readonly<Record<string, string>> {
  const last = new Map(syntax.options.map((each) => [each.name.text, literalText(each.value, reporter)]));
  return Object.fromEntries([...last].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function literalText(literal: LiteralSyntax, reporter: Reporter): string {
  const { kind, word } = literal;
  if (kind !== "string") {
    if (word.text.startsWith("-"))
      reporter.report("schema_signed_literal", word, `the annotation value ${word.text} has a sign`);
    return word.text;
  }
  const decoded = decodeStringLiteral(word.text);
  if (decoded.tag === "decoded") return decoded.text;
  reporter.report("schema_string_escape", word, `unsupported escape sequence ${decoded.escape}`);
  return word.text;
}

function checkRenameHints(
  owner: string,
  annotations: readonly DeclaredAnnotation[],
  reporter: Reporter,
): void {
  const hints = annotations.filter((each) => each.name === "rename_from");
  if (hints.length > 1)
    reporter.report("schema_rename_hint", hints[1]!.at, `${owner} declares @rename_from multiple times`);
  for (const hint of hints) {
    if (Object.keys(hint.options).length > 0) {
      const message = `@rename_from on ${owner} does not accept keyword arguments`;
      reporter.report("schema_rename_hint", hint.at, message);
    } else if (hint.value === null || hint.value.trim() === "") {
      reporter.report(
        "schema_rename_hint",
        hint.at,
        `@rename_from on ${owner} requires the name that it had`,
      );
    }
  }
}
