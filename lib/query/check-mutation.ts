/** Mutations (spec/query 6.1), and rules that the reference enforces only at run time (spec/query 6.2, W-13, W-15). */
import { assertNever } from "../digest/assert.ts";
import type { Catalog, CatalogEdge, CatalogNode, CatalogProperty } from "../schema/catalog.ts";
import { isVector, type PropType } from "../schema/prop-type.ts";
import type { Assignment, Delete, Insert, Mutation, MutationBody, Name, Predicate, Update } from "./ast.ts";
import { checkValue } from "./check-assignment.ts";
import type { CheckContext } from "./check-context.ts";
import { didYouMean } from "./nearest-name.ts";
import { STRING } from "./operand.ts";

type Target =
  | { readonly kind: "node"; readonly type: CatalogNode }
  | { readonly kind: "edge"; readonly type: CatalogEdge };

/** Checks the statements in order; each on its own. */
export function checkMutations(context: CheckContext, body: MutationBody): void {
  for (const mutation of body.mutations) {
    switch (mutation.kind) {
      case "insert":
        checkInsert(context, mutation);
        break;
      case "update":
        checkUpdate(context, mutation);
        break;
      case "delete":
        checkDelete(context, mutation);
        break;
      default:
        assertNever(mutation);
    }
  }
  checkMix(context, body.mutations);
}

/** A query either adds and changes, or deletes. */
function checkMix(context: CheckContext, mutations: readonly Mutation[]): void {
  const deletes = mutations[0]?.kind === "delete";
  const odd = mutations.find((mutation) => (mutation.kind === "delete") !== deletes);
  if (odd === undefined) return;
  const message = "one query holds inserts or updates and also deletes; write two queries";
  context.report.refuse("query_mixed_mutations", odd.at, message);
}

function targetOf(catalog: Catalog, name: string): Target | undefined {
  const node = catalog.nodes.get(name);
  if (node !== undefined) return { kind: "node", type: node };
  const edge = catalog.edges.get(name);
  return edge === undefined ? undefined : { kind: "edge", type: edge };
}

function reportTarget(context: CheckContext, type: Name): void {
  const { nodes, edges } = context.catalog;
  const hint = didYouMean(type.text, [...nodes.keys(), ...edges.keys()]);
  context.report.error("T10", type.at, `there is no node or edge type \`${type.text}\`${hint}`);
}

function checkDuplicates(context: CheckContext, assignments: readonly Assignment[]): void {
  const seen = new Set<string>();
  for (const { property } of assignments) {
    if (seen.has(property.text)) {
      context.report.error("T13", property.at, `property \`${property.text}\` is assigned twice`);
    }
    seen.add(property.text);
  }
}

function useParameters(context: CheckContext, assignments: readonly Assignment[]): void {
  for (const { value } of assignments) if (value.kind === "variable") context.usedParameters.add(value.name);
}

/** The type of a property of the target; the ends of an edge are Strings. */
function propertyType(target: Target, name: string): PropType | undefined {
  const property = target.type.properties.get(name);
  if (property !== undefined) return property.type;
  return target.kind === "edge" && (name === "from" || name === "to") ? STRING : undefined;
}

function reportProperty(context: CheckContext, target: Target, property: Name): void {
  const ends = target.kind === "edge" ? ["from", "to"] : [];
  const hint = didYouMean(property.text, [...target.type.properties.keys(), ...ends]);
  const message = `${target.kind} type \`${target.type.name}\` has no property \`${property.text}\`${hint}`;
  context.report.error("T11", property.at, message);
}

function checkAssignments(context: CheckContext, target: Target, assignments: readonly Assignment[]): void {
  for (const { property, value } of assignments) {
    const type = propertyType(target, property.text);
    if (type === undefined) {
      reportProperty(context, target, property);
      if (value.kind === "variable") context.usedParameters.add(value.name);
      continue;
    }
    checkValue(context, value, type, `property \`${property.text}\``, "assign");
  }
}

function checkInsert(context: CheckContext, insert: Insert): void {
  checkDuplicates(context, insert.assignments);
  const target = targetOf(context.catalog, insert.type.text);
  if (target === undefined) {
    reportTarget(context, insert.type);
    useParameters(context, insert.assignments);
    return;
  }
  checkAssignments(context, target, insert.assignments);
  const assigned = new Set(insert.assignments.map(({ property }) => property.text));
  if (target.kind === "edge") {
    for (const end of ["from", "to"]) if (!assigned.has(end)) reportMissing(context, insert, target, end);
  }
  for (const property of target.type.properties.values()) {
    if (property.type.nullable || assigned.has(property.name)) continue;
    checkMissing(context, insert, target, property, assigned);
  }
  collectInsert(context, target);
}

function reportMissing(context: CheckContext, insert: Insert, target: Target, name: string): void {
  const message = `insert of \`${target.type.name}\` lacks required property \`${name}\``;
  context.report.error("T12", insert.at, message);
}

/** A missing vector that is embedded from an assigned text is let through, although nothing embeds it on insert. */
function checkMissing(
  context: CheckContext,
  insert: Insert,
  target: Target,
  property: CatalogProperty,
  assigned: ReadonlySet<string>,
): void {
  const embed = target.kind === "node" ? target.type.embedSources.get(property.name) : undefined;
  if (embed === undefined) {
    reportMissing(context, insert, target, property.name);
  } else if (assigned.has(embed.source)) {
    const message = `insert of \`${target.type.name}\` leaves \`${property.name}\` out, and OmniGraph 0.10 does not embed it from \`${embed.source}\` on insert`;
    context.report.warn("query_embed_target_omitted", insert.at, message);
  } else {
    const message = `insert of \`${target.type.name}\` lacks required property \`${property.name}\`, or its embed source \`${embed.source}\``;
    context.report.error("T12", insert.at, message);
  }
}

function collectInsert({ facts }: CheckContext, target: Target): void {
  const { name, properties } = target.type;
  facts.writes(target.kind, name);
  for (const property of properties.values()) {
    facts.touches(target.kind, name, property.name, "write");
    if (!property.type.nullable) facts.touches(target.kind, name, property.name, "required");
  }
  if (target.kind === "node") {
    facts.reads("node", name);
    return;
  }
  facts.readsEdge(target.type);
  for (const end of ["from", "to"]) facts.touches("edge", name, end, "write");
  for (const type of [target.type.from, target.type.to]) facts.touches("node", type, "id", "read");
}

function checkUpdate(context: CheckContext, update: Update): void {
  checkDuplicates(context, update.assignments);
  const target = targetOf(context.catalog, update.type.text);
  if (target?.kind !== "node") {
    if (target === undefined) reportTarget(context, update.type);
    else {
      const message = `\`${update.type.text}\` is an edge type, and edges cannot be updated; delete and insert instead`;
      context.report.error("T16", update.type.at, message);
    }
    useParameters(context, update.assignments);
    if (update.predicate.value.kind === "variable") context.usedParameters.add(update.predicate.value.name);
    return;
  }
  checkAssignments(context, target, update.assignments);
  checkPredicate(context, target, update.predicate);
  const { name } = target.type;
  context.facts.reads("node", name);
  context.facts.writes("node", name);
  for (const { property } of update.assignments) {
    if (!target.type.properties.has(property.text)) continue;
    context.facts.touches("node", name, property.text, "write");
    if (target.type.key?.includes(property.text) !== true) continue;
    const message = `property \`${property.text}\` is part of the key of \`${name}\` and cannot be updated`;
    context.report.refuse("query_key_update", property.at, message);
  }
}

function checkDelete(context: CheckContext, deletion: Delete): void {
  const target = targetOf(context.catalog, deletion.type.text);
  if (target === undefined) {
    reportTarget(context, deletion.type);
    if (deletion.predicate.value.kind === "variable") {
      context.usedParameters.add(deletion.predicate.value.name);
    }
    return;
  }
  checkPredicate(context, target, deletion.predicate);
  const { facts, catalog } = context;
  const { name } = target.type;
  facts.reads(target.kind, name);
  facts.writes(target.kind, name);
  if (target.kind === "edge") return;
  for (const edge of catalog.edges.values()) {
    if (edge.from !== name && edge.to !== name) continue;
    facts.reads("edge", edge.name);
    facts.writes("edge", edge.name);
  }
}

function checkPredicate(context: CheckContext, target: Target, predicate: Predicate): void {
  const { property, value } = predicate;
  const type = propertyType(target, property.text);
  if (value.kind === "variable") context.usedParameters.add(value.name);
  if (type === undefined) {
    reportProperty(context, target, property);
    return;
  }
  if (type.scalar === "Blob") {
    const message = `blob property \`${property.text}\` cannot be used in WHERE predicates`;
    context.report.error("T11", property.at, message);
    return;
  }
  context.facts.touches(target.kind, target.type.name, property.text, "read");
  checkValue(context, value, type, `property \`${property.text}\``, "compare");
  if (!type.list && !isVector(type.scalar)) return;
  const message = `property \`${property.text}\` is ${type.list ? "a list" : "a vector"}, and a predicate on it matches nothing`;
  context.report.refuse("query_predicate_not_scalar", property.at, message);
}
