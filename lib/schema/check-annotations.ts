/**
 * Annotations of types and properties: stage P, rows 16 to 31 of spec/schema 5.
 *
 * Rules here are those of the reference; what is stricter stands in check-strict.ts, so that a text which the
 * reference parses is never called unparseable.
 */
import type { DiagnosticCode } from "../diagnostic/diagnostic.ts";
import {
  type DeclaredAnnotation,
  type DeclaredEdge,
  type DeclaredInterface,
  type DeclaredNode,
  type DeclaredProperty,
  findProperty,
} from "./declaration.ts";
import { isVector } from "./prop-type.ts";
import type { Reporter } from "./reporter.ts";

/** The annotations of properties that constrain or bind. */
const BINDING = ["key", "unique", "index", "embed"] as const;
type Binding = (typeof BINDING)[number];

/** Why an annotation cannot stand where it does. */
interface Misfit {
  readonly code: DiagnosticCode;
  readonly message: string;
}

type Owner = DeclaredInterface | DeclaredNode | DeclaredEdge;

/** Rows 17 to 20, on the type itself. */
export function checkTypeAnnotations(owner: DeclaredNode | DeclaredEdge, reporter: Reporter): void {
  for (const name of BINDING) {
    const first = owner.annotations.find((each) => each.name === name);
    if (first === undefined) continue;
    if (owner.kind === "node") {
      const message = `@${name} on node ${owner.name} is only supported on node properties`;
      reporter.report("schema_annotation_on_node", first.at, message);
    } else {
      const message = `@${name} on edge ${owner.name} is not supported on edges`;
      reporter.report("schema_annotation_on_edge", first.at, message);
    }
  }
  checkText(owner.name, "description", owner.annotations, reporter);
  checkText(owner.name, "instruction", owner.annotations, reporter);
}

/** Rows 19 to 31, on every property of `owner`. */
export function checkPropertyAnnotations(owner: Owner, reporter: Reporter): void {
  for (const property of owner.properties) {
    const name = `${owner.name}.${property.name}`;
    checkText(name, "description", property.annotations, reporter);
    const instruction = property.annotations.find((each) => each.name === "instruction");
    if (instruction) {
      const message = `@instruction is only supported on node and edge types, not on property ${name}`;
      reporter.report("schema_instruction_on_property", instruction.at, message);
    }
    for (const each of BINDING) checkBinding(owner, property, each, reporter);
  }
}

function checkText(
  owner: string,
  name: "description" | "instruction",
  annotations: readonly DeclaredAnnotation[],
  reporter: Reporter,
): void {
  const found = annotations.filter((each) => each.name === name);
  if (found.length > 1)
    reporter.report("schema_metadata_repeated", found[1]!.at, `${owner} declares @${name} multiple times`);
  for (const each of found)
    if (each.value === null || each.value.trim() === "")
      reporter.report(
        "schema_metadata_value",
        each.at,
        `@${name} on ${owner} requires a text that is not blank`,
      );
}

function checkBinding(owner: Owner, property: DeclaredProperty, name: Binding, reporter: Reporter): void {
  const found = property.annotations.filter((each) => each.name === name);
  const first = found[0];
  if (first === undefined) return;
  const misfit = findMisfit(owner, property, name);
  if (misfit !== null) {
    reporter.report(misfit.code, first.at, misfit.message);
    return;
  }
  if (found.length > 1) {
    const message = `property ${owner.name}.${property.name} declares @${name} multiple times`;
    reporter.report("schema_annotation_repeated", found[1]!.at, message);
    return;
  }
  const broken = name === "embed" ? findEmbedMisfit(owner, property, first) : null;
  if (broken !== null) reporter.report(broken.code, first.at, broken.message);
}

/** Rows 22 to 25: why `name` cannot stand on a property of this kind and type, null if it can. */
function findMisfit(owner: Owner, property: DeclaredProperty, name: Binding): Misfit | null {
  const where = `${owner.name}.${property.name}`;
  const { list, scalar } = property.type;
  if (list)
    return { code: "schema_list_property", message: `@${name} is not supported on list property ${where}` };
  if (isVector(scalar) && (name === "key" || name === "unique"))
    return {
      code: "schema_vector_property",
      message: `@${name} is not supported on vector property ${where}`,
    };
  if (scalar === "Blob")
    return { code: "schema_blob_property", message: `@${name} is not supported on blob property ${where}` };
  if (owner.kind === "edge" && (name === "key" || name === "embed"))
    return {
      code: "schema_annotation_on_edge_property",
      message: `@${name} is not supported on edge properties (${where})`,
    };
  return null;
}

/** Rows 27 to 31: what is wrong with an embedding, null if nothing is. */
function findEmbedMisfit(owner: Owner, property: DeclaredProperty, embed: DeclaredAnnotation): Misfit | null {
  const where = `${owner.name}.${property.name}`;
  if (!isVector(property.type.scalar))
    return {
      code: "schema_embed_target",
      message: `@embed on ${where} is only supported on vector properties`,
    };
  if (embed.value === null || embed.value.trim() === "")
    return {
      code: "schema_embed_source_missing",
      message: `@embed on ${where} requires a source property name`,
    };
  const source = findProperty(owner.properties, embed.value);
  if (source === undefined) {
    const message = `@embed on ${where} references unknown source property ${owner.name}.${embed.value}`;
    return { code: "schema_embed_source_unknown", message };
  }
  if (source.type.scalar !== "String" || source.type.list) {
    const message = `@embed source property ${owner.name}.${source.name} must be String`;
    return { code: "schema_embed_source_type", message };
  }
  const strange = Object.keys(embed.options).filter((each) => each !== "model");
  if (strange.length === 0) return null;
  const message = `@embed on ${where} has ${strange.join(", ")}: only 'model' is supported`;
  return { code: "schema_embed_keyword", message };
}
