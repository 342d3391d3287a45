/**
 * A small evaluator of AWS policies: an explicit deny wins, then an allow, else it is denied. It knows exactly the
 * condition operators that the stack uses and stops at any other, so that none is passed over in silence.
 */
import { flattened } from "../../infra/wildcards.ts";

export interface PolicyRequest {
  readonly action: string;
  readonly resource: string;
  /** Condition keys of the request; one that is not here is null. */
  readonly keys: Readonly<Record<string, string>>;
}

export interface Statement {
  readonly sid: string;
  readonly effect: "Allow" | "Deny";
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly notResources: readonly string[] | null;
  readonly conditions: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export type Verdict = "allowed" | "denied by nobody's permission" | `denied by ${string}`;

/** The statements of a policy document of a template. */
export function statementsOf(document: unknown): readonly Statement[] {
  return listOf(field(document, "Statement")).map((each) => ({
    sid: String(field(each, "Sid") ?? ""),
    effect: field(each, "Effect") === "Deny" ? "Deny" : "Allow",
    actions: listOf(field(each, "Action")).map(String),
    resources: listOf(field(each, "Resource")).map(flattened),
    notResources:
      field(each, "NotResource") === undefined ? null : listOf(field(each, "NotResource")).map(flattened),
    conditions: (field(each, "Condition") ?? {}) as Statement["conditions"],
  }));
}

export function evaluate(statements: readonly Statement[], request: PolicyRequest): Verdict {
  const fitting = statements.filter((each) => fits(each, request));
  const deny = fitting.find((each) => each.effect === "Deny");
  if (deny !== undefined) return `denied by ${deny.sid}`;
  return fitting.length > 0 ? "allowed" : "denied by nobody's permission";
}

function fits(statement: Statement, { action, resource, keys }: PolicyRequest): boolean {
  const { actions, resources, notResources, conditions } = statement;
  const matches = (patterns: readonly string[], text: string) => patterns.some((each) => like(each, text));
  if (!matches(actions, action)) return false;
  if (notResources === null ? !matches(resources, resource) : matches(notResources, resource)) return false;
  return Object.entries(conditions).every(([operator, wanted]) =>
    Object.entries(wanted).every(([key, value]) => holds(operator, keys[key], flattened(value))),
  );
}

function holds(operator: string, given: string | undefined, wanted: string): boolean {
  switch (operator) {
    case "Null":
      return (given === undefined) === (wanted === "true");
    case "StringEquals":
    case "Bool":
      return given === wanted;
    case "NumericLessThan":
      return given !== undefined && Number(given) < Number(wanted);
    default:
      throw new Error(`The evaluator does not know the condition operator ${operator}.`);
  }
}

/** `*` and `?` of policies; everything else is itself. */
function like(pattern: string, text: string): boolean {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s").test(text);
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}
