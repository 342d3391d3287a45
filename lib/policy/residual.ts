/**
 * Evaluates what Cedar leaves of a policy when everything but the stored query is known (spec/policy 5.9).
 *
 * Guarantees: pure. Knows a dozen kinds of nodes and nothing else; whatever it does not know, it does not guess: the
 * answer is null, for the whole condition, and the caller asks Cedar itself. A differential test holds it to Cedar's
 * own decisions.
 */
import type { CedarEntity, CedarResidual } from "./cedar.ts";
import { GRAPH_TYPE, graphEntity, queryEntity, STORED_QUERY_TYPE } from "./entity.ts";
import { RESIDUAL_DEPTH_MAX } from "./limits.ts";
import type { QueryRef } from "./query-scope.ts";
import { matchesParts } from "./query-scope.ts";
import type { PolicyScope } from "./scope.ts";

/** Whether `residual` applies to `query` of the graph of `scope`; null: cannot be told here. */
export function evaluateResidual(
  residual: CedarResidual,
  query: QueryRef,
  scope: PolicyScope,
): boolean | null {
  const about: Resource = { query, uid: queryEntity(scope, query).entity.id, graph: graphEntity(scope).id };
  let holds = true;
  for (const { kind, body } of residual.conditions) {
    const verdict = evaluate(body, about, 0);
    if (typeof verdict !== "boolean") return null;
    holds &&= kind === "when" ? verdict : !verdict;
  }
  return holds;
}

interface Resource {
  readonly query: QueryRef;
  readonly uid: string;
  readonly graph: string;
}

/** The query itself, before one of its attributes is taken. */
const RESOURCE = Symbol("resource");
type Value = boolean | string | typeof RESOURCE | CedarEntity | readonly string[];
type Fields = Readonly<Record<string, unknown>>;

/** Null: cannot be told. */
function evaluate(expression: unknown, about: Resource, depth: number): Value | null {
  if (depth > RESIDUAL_DEPTH_MAX || !isFields(expression)) return null;
  const [entry, ...more] = Object.entries(expression);
  if (entry === undefined || more.length > 0) return null;
  const [operator, operand] = entry;
  if (operator === "Value") return readValue(operand);
  if (operator === "Set") return readSet(operand);
  if (operator === "unknown") return isResourceName(operand) ? RESOURCE : null;
  if (!isFields(operand)) return null;
  const part = (name: string) => evaluate(operand[name], about, depth + 1);
  switch (operator) {
    case "!": {
      const verdict = part("arg");
      return typeof verdict === "boolean" ? !verdict : null;
    }
    case "&&":
    case "||": {
      const left = part("left");
      if (typeof left !== "boolean" || left === (operator === "||")) return truth(left);
      return truth(part("right"));
    }
    case ".":
      return part("left") === RESOURCE ? attributeOf(about.query, operand["attr"]) : null;
    case "==":
      return isEqual(part("left"), part("right"), about);
    case "in":
      return isIn(part("left"), part("right"), about);
    case "is":
      return operand["in"] === undefined && part("left") === RESOURCE
        ? operand["entity_type"] === STORED_QUERY_TYPE
        : null;
    case "like":
      return isLike(part("left"), operand["pattern"]);
    case "contains":
      return contains(part("left"), part("right"));
    default:
      return null;
  }
}

function truth(value: Value | null): boolean | null {
  return typeof value === "boolean" ? value : null;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `{"unknown": [{"Value": "resource"}]}` is what Cedar writes for the query that is not known yet. */
function isResourceName(operand: unknown): boolean {
  if (!Array.isArray(operand) || operand.length !== 1) return false;
  const [name]: readonly unknown[] = operand;
  return isFields(name) && name["Value"] === "resource";
}

function readValue(value: unknown): Value | null {
  if (typeof value === "boolean" || typeof value === "string") return value;
  const entity = isFields(value) ? value["__entity"] : null;
  if (!isFields(entity)) return null;
  const { type, id } = entity;
  return typeof type === "string" && typeof id === "string" ? { type, id } : null;
}

/** A set of texts, each of them `{"Value": "text"}`. */
function readSet(operand: unknown): Value | null {
  if (!Array.isArray(operand)) return null;
  const items: readonly unknown[] = operand;
  const texts = items
    .map((item) => (isFields(item) ? item["Value"] : null))
    .filter((item) => typeof item === "string");
  return texts.length === items.length ? texts : null;
}

function attributeOf(query: QueryRef, name: unknown): Value | null {
  if (name === "name") return query.name;
  return name === "mutation" ? query.mutation : null;
}

function isEntity(value: Value | null): value is CedarEntity {
  return isFields(value) && "type" in value && "id" in value;
}

function isEqual(left: Value | null, right: Value | null, about: Resource): boolean | null {
  if (typeof left === "boolean" && typeof right === "boolean") return left === right;
  if (typeof left === "string" && typeof right === "string") return left === right;
  if (left === RESOURCE && isEntity(right)) return isQuery(right, about);
  return null;
}

function isQuery(entity: CedarEntity, about: Resource): boolean {
  return entity.type === STORED_QUERY_TYPE && entity.id === about.uid;
}

/** A query is in itself and in its graph. */
function isIn(left: Value | null, right: Value | null, about: Resource): boolean | null {
  if (left !== RESOURCE || !isEntity(right)) return null;
  return isQuery(right, about) || (right.type === GRAPH_TYPE && right.id === about.graph);
}

/** Cedar writes a pattern letter by letter. */
function isLike(text: Value | null, pattern: unknown): boolean | null {
  if (typeof text !== "string" || !Array.isArray(pattern)) return null;
  const elements: readonly unknown[] = pattern;
  const parts = [""];
  for (const element of elements) {
    const literal = isFields(element) ? element["Literal"] : null;
    if (element === "Wildcard") parts.push("");
    else if (typeof literal === "string") parts.push((parts.pop() ?? "") + literal);
    else return null;
  }
  return matchesParts(parts, text);
}

function contains(set: Value | null, item: Value | null): boolean | null {
  return Array.isArray(set) && typeof item === "string" ? set.includes(item) : null;
}
