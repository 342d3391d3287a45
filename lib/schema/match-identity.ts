/**
 * Desired types and properties matched to accepted ones (spec/schema 6.4; section 5, rows 46 to 51).
 *
 * All faults are reported at the place of their hint or declaration.
 */
import type { SourcePosition } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import type { CompiledSchema } from "./compile.ts";
import type { IrEdge, IrInterface, IrNode, IrProperty, SchemaIr } from "./ir.ts";
import { type DesiredName, matchNames, type NameFault } from "./match-names.ts";
import type { TypeKind } from "./migration.ts";
import { propertyKey, type RenameHint, typeKey } from "./rename-hints.ts";
import type { Reporter } from "./reporter.ts";
import type { SchemaShape, ShapeProperty } from "./shape.ts";

export type AcceptedType = IrInterface | IrNode | IrEdge;

export interface IdentityMatches {
  /** By the `typeKey` of the desired name. */
  readonly types: ReadonlyMap<string, AcceptedType>;
  /** By the `propertyKey` of the desired names. */
  readonly properties: ReadonlyMap<string, IrProperty>;
}

interface DesiredType {
  readonly kind: TypeKind;
  readonly name: string;
  readonly properties: readonly ShapeProperty[];
}

interface Matching {
  readonly accepted: SchemaIr;
  readonly compiled: CompiledSchema;
  readonly reporter: Reporter;
}

/** The types of a shape with their kinds: interfaces, nodes, edges, each by name. */
export function desiredTypes(shape: SchemaShape): readonly DesiredType[] {
  return [
    ...shape.interfaces.map((each) => ({ kind: "interface" as const, ...each })),
    ...shape.nodes.map((each) => ({ kind: "node" as const, ...each })),
    ...shape.edges.map((each) => ({ kind: "edge" as const, ...each })),
  ];
}

/** A new graph continues nothing; every hint is inert and said to be. */
export function matchNothing(compiled: CompiledSchema, reporter: Reporter): IdentityMatches {
  const hints = [...compiled.hints.types, ...compiled.hints.properties];
  for (const [key, hint] of hints) {
    const message = `@rename_from("${hint.from}") on ${bareName(key)} has no effect, because the graph is new`;
    reporter.report("inert_initialization_rename_hint", hint.at, message);
  }
  return { types: new Map(), properties: new Map() };
}

export function matchIdentity(
  accepted: SchemaIr,
  compiled: CompiledSchema,
  reporter: Reporter,
): IdentityMatches {
  const matching = { accepted, compiled, reporter };
  const types = new Map<string, AcceptedType>();
  const properties = new Map<string, IrProperty>();
  for (const kind of ["interface", "node", "edge"] as const) matchTypes(matching, kind, types);
  for (const owner of desiredTypes(compiled.shape)) {
    const continued = types.get(typeKey(owner.kind, owner.name));
    if (continued === undefined) checkNewOwner(matching, owner);
    else matchProperties(matching, owner, continued, properties);
  }
  return { types, properties };
}

function acceptedTypes(ir: SchemaIr, kind: TypeKind): readonly AcceptedType[] {
  if (kind === "interface") return ir.interfaces;
  return kind === "node" ? ir.nodes : ir.edges;
}

function matchTypes(matching: Matching, kind: TypeKind, types: Map<string, AcceptedType>): void {
  const { accepted, compiled } = matching;
  const present = new Map(acceptedTypes(accepted, kind).map((each) => [each.name, each]));
  const desired: DesiredName[] = desiredTypes(compiled.shape)
    .filter((each) => each.kind === kind)
    .map(({ name }) => ({ name, hint: compiled.hints.types.get(typeKey(kind, name)) ?? null }));
  const matches = matchNames(desired, new Set(present.keys()));
  for (const [name, source] of matches.continued) types.set(typeKey(kind, name), present.get(source)!);
  for (const { name, hint } of matches.notes) noteIgnored(matching, `${kind} ${name}`, hint);
  for (const fault of matches.faults) {
    const other = fault.tag === "unknown" ? kindOf(accepted, fault.hint.from) : null;
    const label = `${kind} ${fault.name}`;
    if (fault.tag === "unknown" && other !== null) {
      const message = `@rename_from on ${label} names the ${other} ${fault.hint.from}: renames do not work across declaration kinds`;
      matching.reporter.report("schema_rename_across_kinds", fault.hint.at, message);
    } else
      reportFault(matching, label, typeKey(kind, fault.name), fault, "the accepted schema has no such type");
  }
}

function kindOf(ir: SchemaIr, name: string): TypeKind | null {
  const kinds: readonly TypeKind[] = ["interface", "node", "edge"];
  return kinds.find((kind) => acceptedTypes(ir, kind).some((each) => each.name === name)) ?? null;
}

function matchProperties(
  matching: Matching,
  owner: DesiredType,
  continued: AcceptedType,
  properties: Map<string, IrProperty>,
): void {
  const { accepted, compiled } = matching;
  const keyOf = (name: string) => propertyKey(owner.kind, owner.name, name);
  const present = new Map(continued.properties.map((each) => [each.name, each]));
  const desired: DesiredName[] = owner.properties.map(({ name }) => ({
    name,
    hint: compiled.hints.properties.get(keyOf(name)) ?? null,
  }));
  const matches = matchNames(desired, new Set(present.keys()));
  for (const [name, source] of matches.continued) properties.set(keyOf(name), present.get(source)!);
  for (const { name, hint } of matches.notes) noteIgnored(matching, `${owner.name}.${name}`, hint);
  for (const fault of matches.faults) {
    const elsewhere = fault.tag === "unknown" ? ownerOf(accepted, fault.hint.from) : null;
    const why =
      elsewhere === null
        ? `the accepted ${owner.kind} ${continued.name} has no such property`
        : `it belongs to ${elsewhere}, and properties cannot move between types`;
    reportFault(matching, `${owner.name}.${fault.name}`, keyOf(fault.name), fault, why);
  }
}

function ownerOf(ir: SchemaIr, property: string): string | null {
  const types: readonly AcceptedType[] = [...ir.interfaces, ...ir.nodes, ...ir.edges];
  return types.find((type) => type.properties.some((each) => each.name === property))?.name ?? null;
}

/**
 * Row 50; a hint that comes from an interface is not about this node and does no harm. An owner with a hint of its
 * own is new only because that hint is faulty, which is said already.
 */
function checkNewOwner(matching: Matching, owner: DesiredType): void {
  if (matching.compiled.hints.types.has(typeKey(owner.kind, owner.name))) return;
  for (const { name, declared_directly } of owner.properties) {
    const hint = matching.compiled.hints.properties.get(propertyKey(owner.kind, owner.name, name));
    if (hint === undefined) continue;
    const label = `@rename_from("${hint.from}") on ${owner.name}.${name}`;
    if (declared_directly) {
      const message = `${label}: ${owner.kind} ${owner.name} is new and has no accepted properties`;
      matching.reporter.report("schema_rename_new_owner", hint.at, message);
    } else
      matching.reporter.report(
        "inert_inherited_rename_hint",
        hint.at,
        `${label} has no effect, because ${owner.kind} ${owner.name} is new`,
      );
  }
}

function noteIgnored(matching: Matching, label: string, hint: RenameHint): void {
  const message = `@rename_from("${hint.from}") on ${label} is ignored, because the accepted schema has that name already`;
  matching.reporter.report("ignored_exact_match_rename_hint", hint.at, message);
}

function reportFault(
  matching: Matching,
  label: string,
  key: string,
  fault: NameFault,
  unknown: string,
): void {
  const { reporter, compiled } = matching;
  switch (fault.tag) {
    case "unknown": {
      const message = `@rename_from("${fault.hint.from}") on ${label}: ${unknown}`;
      reporter.report("schema_rename_target_unknown", fault.hint.at, message);
      break;
    }
    case "shadowed": {
      const message =
        `@rename_from("${fault.hint.from}") on ${label} would be ignored, because the accepted schema has ` +
        `${fault.name} already, and ${fault.hint.from} would be dropped`;
      reporter.report("schema_rename_shadowed", fault.hint.at, message);
      break;
    }
    case "claimed_twice": {
      const message = `the accepted ${fault.accepted} is consumed by more than one declaration, ${label} among them`;
      reporter.report("schema_rename_claimed_twice", placeOf(compiled, key), message);
      break;
    }
    default:
      assertNever(fault);
  }
}

function placeOf(compiled: CompiledSchema, key: string): Pick<SourcePosition, "line" | "column"> {
  return compiled.positions.get(key) ?? { line: 1, column: 1 };
}

function bareName(key: string): string {
  return key.slice(key.indexOf(":") + 1);
}
