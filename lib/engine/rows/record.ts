/**
 * Record: what one line of a seed file says, before its values are read: `{"type","data"}` for a node,
 * `{"edge","from","to","data"}` for an edge (spec/schema 2.3, 9).
 *
 * Guarantees: pure. Keys that are neither are refused, so that a misspelt line is never half read.
 */
import { isJsonObject, type JsonObject, type JsonValue, showJson } from "./json-value.ts";
import { nearestName } from "./nearest-name.ts";
import { atLine, type RowFault, WHOLE_LINE } from "./row-fault.ts";
import { type EdgeShape, edgeByName, type GraphShape, type NodeShape } from "./row-shape.ts";

export type RowRecord =
  | { readonly kind: "node"; readonly shape: NodeShape; readonly data: JsonObject }
  | {
      readonly kind: "edge";
      readonly shape: EdgeShape;
      readonly from: JsonValue;
      readonly to: JsonValue;
      readonly data: JsonObject;
    };

export type ReadRecord =
  | { readonly tag: "record"; readonly record: RowRecord }
  | { readonly tag: "faults"; readonly faults: readonly RowFault[] };

const NODE_KEYS = ["type", "data"];
const EDGE_KEYS = ["edge", "from", "to", "data"];
const NO_DATA: JsonObject = new Map();

/** Finds the type that the line is about. Every fault of the line's frame is told. */
export function readRecord(graph: GraphShape, line: JsonValue): ReadRecord {
  if (!isJsonObject(line))
    return faults([shapeFault(`The line holds ${showJson(line)} instead of an object.`)]);
  const isNode = line.has("type");
  const isEdge = line.has("edge");
  if (isNode === isEdge) {
    const problem = isNode ? 'has both "type" and "edge"' : 'has neither "type" nor "edge"';
    return faults([shapeFault(`The line ${problem}; a node has one, an edge the other.`)]);
  }
  return isNode ? readNode(graph, line) : readEdge(graph, line);
}

function faults(all: readonly RowFault[]): ReadRecord {
  return { tag: "faults", faults: all };
}

function shapeFault(message: string, key?: string): RowFault {
  return { code: "load_line_shape", message, place: key === undefined ? WHOLE_LINE : atLine(key) };
}

function readNode(graph: GraphShape, line: JsonObject): ReadRecord {
  const found: RowFault[] = unknownKeys(line, NODE_KEYS);
  const shape = namedType(line, "type", "node", graph.nodes, (name) => graph.nodes.get(name), found);
  const data = line.get("data");
  if (data === undefined) found.push(shapeFault('The line has no "data" object.'));
  else if (!isJsonObject(data)) found.push(notAnObject(data));
  if (found.length > 0 || shape === undefined || data === undefined || !isJsonObject(data))
    return faults(found);
  return { tag: "record", record: { kind: "node", shape, data } };
}

function readEdge(graph: GraphShape, line: JsonObject): ReadRecord {
  const found: RowFault[] = unknownKeys(line, EDGE_KEYS);
  const shape = namedType(line, "edge", "edge", graph.edges, (name) => edgeByName(graph, name), found);
  const [from, to] = [line.get("from"), line.get("to")];
  if (from === undefined || from === null)
    found.push(shapeFault('The edge has no "from", the id of its source.'));
  if (to === undefined || to === null) found.push(shapeFault('The edge has no "to", the id of its target.'));
  const data = line.get("data") ?? NO_DATA;
  if (!isJsonObject(data)) found.push(notAnObject(data));
  if (found.length > 0 || !shape || from === undefined || to === undefined || !isJsonObject(data))
    return faults(found);
  return { tag: "record", record: { kind: "edge", shape, from, to, data } };
}

function notAnObject(data: JsonValue): RowFault {
  return shapeFault(`"data" is ${showJson(data)} instead of an object.`, "data");
}

function unknownKeys(line: JsonObject, known: readonly string[]): RowFault[] {
  return [...line.keys()]
    .filter((key) => !known.includes(key))
    .map((key) =>
      shapeFault(`The line has a key ${JSON.stringify(key)}; it may have ${known.join(", ")}.`, key),
    );
}

function namedType<Shape>(
  line: JsonObject,
  key: "type" | "edge",
  noun: "node" | "edge",
  known: ReadonlyMap<string, unknown>,
  find: (name: string) => Shape | undefined,
  found: RowFault[],
): Shape | undefined {
  const name = line.get(key) ?? null;
  if (typeof name !== "string") {
    found.push(shapeFault(`"${key}" is ${showJson(name)} instead of the name of a type.`, key));
    return undefined;
  }
  const shape = find(name);
  if (shape === undefined) {
    const near = nearestName(name, known.keys());
    const hint = near === null ? "" : ` Did you mean '${near}'?`;
    found.push({
      code: "load_unknown_type",
      message: `The schema has no ${noun} type ${JSON.stringify(name)}.${hint}`,
      place: atLine(key),
    });
  }
  return shape;
}
