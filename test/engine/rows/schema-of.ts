/**
 * Builds small accepted schemas by hand, so that the row codec and the loader are tested without the schema compiler.
 * Ids are given in the order of writing, as one counter would.
 */
import type {
  Bound,
  FieldRef,
  IrConstraint,
  IrEdge,
  IrNode,
  IrProperty,
  SchemaIr,
} from "../../../lib/schema/ir.ts";
import type { PropType, Scalar } from "../../../lib/schema/prop-type.ts";

export interface NodeText {
  readonly name: string;
  /** `age: "I32?"`, `tags: "[String]"`, `at: "Vector(3)"`, `kind: "enum(a,b)"`. */
  readonly properties: Readonly<Record<string, string>>;
  readonly key?: readonly string[];
  readonly unique?: readonly (readonly string[])[];
  readonly range?: Readonly<Record<string, readonly [Bound | null, Bound | null]>>;
  readonly check?: Readonly<Record<string, string>>;
}

export interface EdgeText {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly properties?: Readonly<Record<string, string>>;
  readonly unique?: readonly (readonly string[])[];
  readonly card?: readonly [number, number | null];
}

export function propType(written: string): PropType {
  const nullable = written.endsWith("?");
  const core = nullable ? written.slice(0, -1) : written;
  const list = core.startsWith("[");
  const base = list ? core.slice(1, -1) : core;
  const vector = /^Vector\((\d+)\)$/.exec(base);
  const values = /^enum\((.*)\)$/.exec(base);
  if (vector) return { scalar: { Vector: Number(vector[1]) }, nullable, list, enum_values: null };
  if (values) return { scalar: "String", nullable, list, enum_values: (values[1] ?? "").split(",").sort() };
  return { scalar: base as Scalar, nullable, list, enum_values: null };
}

/** An accepted schema; edges refer to nodes of the same call. */
export function schemaOf(nodes: readonly NodeText[], edges: readonly EdgeText[] = []): SchemaIr {
  let last = 0;
  const next = (): number => ++last;
  const irNodes = nodes.map((node) => irNode(node, next));
  const irEdges = edges.map((edge) => irEdge(edge, irNodes, next));
  return {
    ir_version: 2,
    schema_identity_domain: "01J00000000000000000000000",
    next_identity_id: last + 1,
    interfaces: [],
    nodes: irNodes,
    edges: irEdges,
  };
}

function irNode(node: NodeText, next: () => number): IrNode {
  const type_id = next();
  const properties = irProperties(node.properties, next);
  const owner = { type_id, name: node.name, properties };
  const fields = (names: readonly string[]): FieldRef[] => names.map((name) => fieldRef(owner, name));
  const constraints: IrConstraint[] = [
    ...(node.key ? [{ kind: "key" as const, fields: fields(node.key) }] : []),
    ...(node.unique ?? []).map((names) => ({ kind: "unique" as const, fields: fields(names) })),
    ...Object.entries(node.range ?? {}).map(([name, [min, max]]) => ({
      kind: "range" as const,
      field: fieldRef(owner, name),
      min,
      max,
    })),
    ...Object.entries(node.check ?? {}).map(([name, pattern]) => ({
      kind: "check" as const,
      field: fieldRef(owner, name),
      pattern,
    })),
  ];
  return {
    type_id,
    table_incarnation_id: type_id,
    name: node.name,
    annotations: [],
    implements: [],
    properties,
    constraints,
  };
}

function irEdge(edge: EdgeText, nodes: readonly IrNode[], next: () => number): IrEdge {
  const type_id = next();
  const properties = irProperties(edge.properties ?? {}, next);
  const owner = { type_id, name: edge.name, properties };
  const [min, max] = edge.card ?? [0, null];
  const typeRef = (name: string) => ({
    type_id: nodes.find((node) => node.name === name)?.type_id ?? 0,
    type_name: name,
  });
  return {
    type_id,
    table_incarnation_id: type_id,
    name: edge.name,
    from_type: typeRef(edge.from),
    to_type: typeRef(edge.to),
    cardinality: { min, max },
    annotations: [],
    properties,
    constraints: (edge.unique ?? []).map((names) => ({
      kind: "unique" as const,
      fields: names.map((name) => fieldRef(owner, name)),
    })),
  };
}

function irProperties(written: Readonly<Record<string, string>>, next: () => number): readonly IrProperty[] {
  return Object.entries(written).map(([name, type]) => ({
    property_id: next(),
    name,
    prop_type: propType(type),
    annotations: [],
    property_constraints: [],
    embed_source: null,
    declared_directly: true,
    satisfies_interface_properties: [],
  }));
}

interface Owner {
  readonly type_id: number;
  readonly name: string;
  readonly properties: readonly IrProperty[];
}

function fieldRef(owner: Owner, name: string): FieldRef {
  const property = owner.properties.find((each) => each.name === name);
  if (property === undefined) {
    return {
      kind: "system",
      stable_table_id: owner.type_id,
      table_type_name: owner.name,
      table_incarnation_id: owner.type_id,
      role: name as "id" | "src" | "dst",
    };
  }
  return {
    kind: "property",
    owner_type_id: owner.type_id,
    owner_type_name: owner.name,
    property_id: property.property_id,
    property_name: name,
  };
}
