/**
 * Turns what Cedar leaves of a policy when everything but the stored query is known (spec/policy 5.9) into a test of
 * queries: made once, asked for thousands of queries.
 *
 * Guarantees: pure. Knows a dozen kinds of nodes and nothing else; whatever it does not know, it does not guess: there
 * is no test then, for the whole condition, and the caller asks Cedar itself. A differential test holds it to Cedar's
 * own decisions.
 */
import type { CedarEntity, CedarResidual } from "./cedar.ts";
import { GRAPH_TYPE, graphEntity, STORED_QUERY_TYPE } from "./entity.ts";
import { RESIDUAL_DEPTH_MAX } from "./limits.ts";
import type { QueryRef } from "./query-scope.ts";
import { matchesParts } from "./query-scope.ts";
import type { PolicyScope } from "./scope.ts";

export type QueryTest = (query: QueryRef) => boolean;

/** Whether the policy applies to a query of the graph of `scope`; null: cannot be told here. */
export function residualTest(residual: CedarResidual, scope: PolicyScope): QueryTest | null {
  const graph = graphEntity(scope).id;
  const tests: QueryTest[] = [];
  for (const { kind, body } of residual.conditions) {
    const test = truth(read(body, graph, 0));
    if (test === null) return null;
    tests.push(kind === "when" ? test : (query) => !test(query));
  }
  return (query) => tests.every((test) => test(query));
}

/** What a node stands for, once the query is known. */
type Term =
  | { readonly tag: "truth"; readonly of: QueryTest }
  | { readonly tag: "text"; readonly of: (query: QueryRef) => string }
  | { readonly tag: "set"; readonly texts: ReadonlySet<string> }
  | { readonly tag: "entity"; readonly entity: CedarEntity }
  /** The query itself, before one of its attributes is taken. */
  | { readonly tag: "resource" };

type Fields = Readonly<Record<string, unknown>>;

/** Null: cannot be told. */
function read(expression: unknown, graph: string, depth: number): Term | null {
  if (depth > RESIDUAL_DEPTH_MAX || !isFields(expression)) return null;
  const [entry, ...more] = Object.entries(expression);
  if (entry === undefined || more.length > 0) return null;
  const [operator, operand] = entry;
  if (operator === "Value") return readValue(operand);
  if (operator === "Set") return readSet(operand);
  if (operator === "unknown") return isResourceName(operand) ? { tag: "resource" } : null;
  if (!isFields(operand)) return null;
  const part = (name: string) => read(operand[name], graph, depth + 1);
  switch (operator) {
    case "!":
      return negation(truth(part("arg")));
    case "&&":
      return both(
        truth(part("left")),
        truth(part("right")),
        (left, right) => (query) => left(query) && right(query),
      );
    case "||":
      return both(
        truth(part("left")),
        truth(part("right")),
        (left, right) => (query) => left(query) || right(query),
      );
    case ".":
      return part("left")?.tag === "resource" ? attributeOf(operand["attr"]) : null;
    case "==":
      return equality(part("left"), part("right"), graph);
    case "in":
      return membership(part("left"), part("right"), graph);
    case "is":
      return operand["in"] === undefined && part("left")?.tag === "resource"
        ? constant(operand["entity_type"] === STORED_QUERY_TYPE)
        : null;
    case "like":
      return likeness(part("left"), operand["pattern"]);
    case "contains":
      return containment(part("left"), part("right"));
    default:
      return null;
  }
}

function truth(term: Term | null): QueryTest | null {
  return term?.tag === "truth" ? term.of : null;
}

function constant(value: boolean): Term {
  return { tag: "truth", of: () => value };
}

function negation(test: QueryTest | null): Term | null {
  return test === null ? null : { tag: "truth", of: (query) => !test(query) };
}

function both(
  left: QueryTest | null,
  right: QueryTest | null,
  join: (left: QueryTest, right: QueryTest) => QueryTest,
): Term | null {
  return left === null || right === null ? null : { tag: "truth", of: join(left, right) };
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

function readValue(value: unknown): Term | null {
  if (typeof value === "boolean") return constant(value);
  if (typeof value === "string") return { tag: "text", of: () => value };
  const entity = isFields(value) ? value["__entity"] : null;
  if (!isFields(entity)) return null;
  const { type, id } = entity;
  return typeof type === "string" && typeof id === "string" ? { tag: "entity", entity: { type, id } } : null;
}

/** A set of texts, each of them `{"Value": "text"}`. */
function readSet(operand: unknown): Term | null {
  if (!Array.isArray(operand)) return null;
  const items: readonly unknown[] = operand;
  const texts = items
    .map((item) => (isFields(item) ? item["Value"] : null))
    .filter((item) => typeof item === "string");
  return texts.length === items.length ? { tag: "set", texts: new Set(texts) } : null;
}

function attributeOf(name: unknown): Term | null {
  if (name === "name") return { tag: "text", of: (query) => query.name };
  return name === "mutation" ? { tag: "truth", of: (query) => query.mutation } : null;
}

function equality(left: Term | null, right: Term | null, graph: string): Term | null {
  if (left?.tag === "truth" && right?.tag === "truth") {
    return { tag: "truth", of: (query) => left.of(query) === right.of(query) };
  }
  if (left?.tag === "text" && right?.tag === "text") {
    return { tag: "truth", of: (query) => left.of(query) === right.of(query) };
  }
  if (left?.tag === "resource" && right?.tag === "entity") {
    return { tag: "truth", of: (query) => isQuery(right.entity, query, graph) };
  }
  return null;
}

function isQuery(entity: CedarEntity, query: QueryRef, graph: string): boolean {
  return entity.type === STORED_QUERY_TYPE && entity.id === `${graph}/${query.name}`;
}

/** A query is in itself and in its graph. */
function membership(left: Term | null, right: Term | null, graph: string): Term | null {
  if (left?.tag !== "resource" || right?.tag !== "entity") return null;
  const { entity } = right;
  if (entity.type === GRAPH_TYPE) return constant(entity.id === graph);
  return { tag: "truth", of: (query) => isQuery(entity, query, graph) };
}

/** Cedar writes a pattern letter by letter. */
function likeness(text: Term | null, pattern: unknown): Term | null {
  if (text?.tag !== "text" || !Array.isArray(pattern)) return null;
  const elements: readonly unknown[] = pattern;
  const parts = [""];
  for (const element of elements) {
    const literal = isFields(element) ? element["Literal"] : null;
    if (element === "Wildcard") parts.push("");
    else if (typeof literal === "string") parts.push((parts.pop() ?? "") + literal);
    else return null;
  }
  return { tag: "truth", of: (query) => matchesParts(parts, text.of(query)) };
}

function containment(set: Term | null, item: Term | null): Term | null {
  if (set?.tag !== "set" || item?.tag !== "text") return null;
  return { tag: "truth", of: (query) => set.texts.has(item.of(query)) };
}
