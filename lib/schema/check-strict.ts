/**
 * What Graphform refuses or warns of beyond the reference (spec/schema 10, points 3 to 7 and 9).
 *
 * All of it would be accepted silently and then fail at the first write, or promise what nothing keeps. These are
 * catalog errors: the text itself is a legal schema text.
 */
import { checkPropertyAnnotations } from "./check-annotations.ts";
import { checkKeys } from "./check-rules.ts";
import { checkStrictRules } from "./check-strict-rules.ts";
import {
  type Declarations,
  type DeclaredAnnotation,
  type DeclaredInterface,
  type DeclaredNode,
  findProperty,
  hasAnnotation,
} from "./declaration.ts";
import type { Reporter } from "./reporter.ts";

const KNOWN: ReadonlySet<string> = new Set([
  "description",
  "instruction",
  "rename_from",
  "embed",
  "key",
  "unique",
  "index",
]);
/** The annotations that have options of their own, or report strange ones elsewhere. */
const OPTIONS_CHECKED: ReadonlySet<string> = new Set(["embed", "rename_from"]);

export function checkStrict(declarations: Declarations, reporter: Reporter): void {
  const { interfaces, nodes, edges } = declarations;
  for (const each of interfaces) {
    checkPropertyAnnotations(each, reporter);
    checkKeys(each, reporter);
  }
  for (const each of [...nodes, ...edges]) {
    for (const annotation of each.annotations) checkKnown(each.name, annotation, reporter);
    checkStrictRules(each, reporter);
  }
  for (const owner of [...interfaces, ...nodes, ...edges])
    for (const property of owner.properties)
      for (const annotation of property.annotations)
        checkKnown(`${owner.name}.${property.name}`, annotation, reporter);
  for (const node of nodes) checkRedeclared(node, interfaces, reporter);
}

/** Points 2, 5 and 7: an annotation that nothing will ever read, or that was meant as a rule. */
function checkKnown(owner: string, annotation: DeclaredAnnotation, reporter: Reporter): void {
  const { name, at } = annotation;
  if (name === "range" || name === "check") {
    const message = `@${name} on ${owner} has no arguments and would never be enforced`;
    reporter.report("schema_rule_bare", at, message);
  } else if (name === "card") {
    const message = `@card on ${owner} would be ignored: it must read @card(min..max) and follow the target type of an edge`;
    reporter.report("schema_card_misplaced", at, message);
  } else if (!KNOWN.has(name)) {
    reporter.report("schema_annotation_unknown", at, `the annotation @${name} on ${owner} is not known`);
  } else if (!OPTIONS_CHECKED.has(name) && Object.keys(annotation.options).length > 0) {
    const names = Object.keys(annotation.options).join(", ");
    reporter.report("schema_annotation_keyword", at, `@${name} on ${owner} has no option ${names}`);
  }
}

/** Point 9: the declaration of the node counts alone. */
function checkRedeclared(
  node: DeclaredNode,
  interfaces: readonly DeclaredInterface[],
  reporter: Reporter,
): void {
  for (const property of node.properties) {
    if (!property.declaredDirectly) continue;
    for (const origin of property.origins) {
      const contract = interfaces.find((each) => each.name === origin.owner_name);
      const inherited = contract && findProperty(contract.properties, property.name);
      if (inherited === undefined) continue;
      const lost = ["key", "unique", "index", "embed"].filter(
        (name) => hasAnnotation(inherited, name) && !hasAnnotation(property, name),
      );
      if (lost.length === 0) continue;
      const names = lost.map((each) => `@${each}`).join(", ");
      const message = `${node.name}.${property.name} is declared anew and does not inherit ${names} from interface ${origin.owner_name}`;
      reporter.report("schema_redeclared_constraints", property.at, message);
    }
  }
}
