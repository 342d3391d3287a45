/** Facts of a case: assertions on a JSON output by path, as the cases of the cluster and lint families give them. */
import { isDeepStrictEqual } from "node:util";

export interface CaseFact {
  /** `a.b[0]["c.d"]`; empty for the whole. */
  readonly path: string;
  readonly op: string;
  readonly value: unknown;
}

const STEP = /\["([^"]*)"\]|\[(\d+)\]|\.?([^.[\]]+)/g;

/** What `path` leads to in `output`, or undefined. */
export function valueAt(output: unknown, path: string): unknown {
  let value = output;
  for (const [, quoted, index, name] of path.matchAll(STEP)) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[quoted ?? index ?? name ?? ""];
  }
  return value;
}

/** One line for each fact that does not hold. */
export function factProblems(output: unknown, facts: readonly CaseFact[]): string[] {
  return facts
    .filter((fact) => !holds(valueAt(output, fact.path), fact))
    .map((fact) => `expected ${JSON.stringify(fact)}, saw ${JSON.stringify(valueAt(output, fact.path))}`);
}

function holds(value: unknown, { op, value: wanted }: CaseFact): boolean {
  switch (op) {
    case "eq":
      return isDeepStrictEqual(value, wanted);
    case "present":
      return (value !== undefined && value !== null) === wanted;
    case "len":
      return Array.isArray(value) && value.length === wanted;
    case "empty":
      return (Array.isArray(value) && value.length === 0) === wanted;
    case "has_key":
      return typeof value === "object" && value !== null && Object.hasOwn(value, String(wanted));
    case "lacks_key":
      return typeof value === "object" && value !== null && !Object.hasOwn(value, String(wanted));
    case "text_contains":
      return typeof value === "string" && value.toLowerCase().includes(String(wanted).toLowerCase());
    case "any":
      return (
        Array.isArray(value) && value.some((item) => factProblems(item, wanted as CaseFact[]).length === 0)
      );
    default:
      return false;
  }
}
