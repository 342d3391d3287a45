/**
 * QueryAst: one parsed query declaration (spec/query 3.1).
 *
 * Guarantees: pure data. Everything a diagnostic may name carries `at`, its offset in the file in UTF-16 code units;
 * `line-starts.ts` turns offsets into lines and columns. Integers are exact.
 */
import type { LineStarts } from "./line-starts.ts";

export interface Name {
  readonly text: string;
  readonly at: number;
}

export interface ParameterAst {
  readonly name: Name;
  readonly type: ParameterTypeAst;
  readonly nullable: boolean;
}

export interface ParameterTypeAst {
  /** The base type, or `Vector`. */
  readonly base: string;
  readonly list: boolean;
  /** Only for `Vector(n)`. */
  readonly dimension: bigint | null;
  readonly at: number;
}

export type Literal =
  | { readonly kind: "string"; readonly value: string; readonly at: number }
  /** `signed` is true if a sign was written, which OmniGraph's grammar does not know. */
  | { readonly kind: "integer"; readonly value: bigint; readonly signed: boolean; readonly at: number }
  | { readonly kind: "float"; readonly value: number; readonly signed: boolean; readonly at: number }
  | { readonly kind: "boolean"; readonly value: boolean; readonly at: number }
  | { readonly kind: "date" | "datetime"; readonly value: string; readonly at: number }
  | { readonly kind: "list"; readonly items: readonly Literal[]; readonly at: number };

export interface VariableRef {
  readonly kind: "variable";
  readonly name: string;
  readonly at: number;
}

export interface NowCall {
  readonly kind: "now";
  readonly at: number;
}

/** What may stand as a value in a prop match, an assignment or a predicate. */
export type Value = Literal | VariableRef | NowCall;

export interface PropertyRef {
  readonly kind: "property";
  readonly variable: string;
  readonly property: Name;
  readonly at: number;
}

export interface AliasRef {
  readonly kind: "alias";
  readonly name: string;
  readonly at: number;
}

export interface NearestCall {
  readonly kind: "nearest";
  readonly field: PropertyRef;
  readonly query: Expression;
  readonly at: number;
}

export type TextFunction = "search" | "fuzzy" | "match_text" | "bm25";
export interface TextCall {
  readonly kind: "text";
  readonly function: TextFunction;
  readonly field: Expression;
  readonly query: Expression;
  /** The third argument of `fuzzy`. */
  readonly edits: Expression | null;
  readonly at: number;
}

export interface RrfCall {
  readonly kind: "rrf";
  readonly arms: readonly [NearestCall | TextCall, NearestCall | TextCall];
  readonly k: Expression | null;
  readonly at: number;
}

export type AggregateFunction = "count" | "sum" | "avg" | "min" | "max";
export interface AggregateCall {
  readonly kind: "aggregate";
  readonly function: AggregateFunction;
  readonly argument: Expression;
  readonly at: number;
}

export type Expression =
  | Literal
  | VariableRef
  | NowCall
  | PropertyRef
  | AliasRef
  | NearestCall
  | TextCall
  | RrfCall
  | AggregateCall;

export interface PropMatch {
  readonly property: Name;
  readonly value: Value;
}

export interface Binding {
  readonly kind: "binding";
  readonly variable: Name;
  readonly type: Name;
  readonly matches: readonly PropMatch[];
  readonly at: number;
}

export interface Bounds {
  readonly min: number;
  /** Null if the upper bound is left open. */
  readonly max: number | null;
  readonly at: number;
}

export interface Traversal {
  readonly kind: "traversal";
  readonly source: Name;
  readonly edgeBinding: Name | null;
  readonly edge: Name;
  readonly undirected: boolean;
  /** Null if none are written, which means exactly one hop. */
  readonly bounds: Bounds | null;
  readonly destination: Name;
  readonly at: number;
}

export type CompareOp = "=" | "!=" | "<" | "<=" | ">" | ">=";
export type FilterOp = CompareOp | "contains" | "starts_with";

/** A text call standing alone is a filter `call = true`. */
export interface Filter {
  readonly kind: "filter";
  readonly left: Expression;
  readonly op: FilterOp;
  readonly right: Expression;
  readonly at: number;
}

export interface Negation {
  readonly kind: "negation";
  readonly clauses: readonly Clause[];
  readonly at: number;
}

export type Clause = Binding | Traversal | Filter | Negation;

export interface Projection {
  readonly expression: Expression;
  readonly alias: Name | null;
}

export interface Ordering {
  readonly expression: Expression;
  readonly descending: boolean;
}

export interface ReadBody {
  readonly kind: "read";
  readonly match: readonly Clause[];
  readonly projections: readonly Projection[];
  readonly order: readonly Ordering[];
  readonly limit: bigint | null;
}

export interface Assignment {
  readonly property: Name;
  readonly value: Value;
}

export interface Predicate {
  readonly property: Name;
  readonly op: CompareOp;
  readonly value: Value;
}

export interface Insert {
  readonly kind: "insert";
  readonly type: Name;
  readonly assignments: readonly Assignment[];
  readonly at: number;
}

export interface Update {
  readonly kind: "update";
  readonly type: Name;
  readonly assignments: readonly Assignment[];
  readonly predicate: Predicate;
  readonly at: number;
}

export interface Delete {
  readonly kind: "delete";
  readonly type: Name;
  readonly predicate: Predicate;
  readonly at: number;
}

export type Mutation = Insert | Update | Delete;

export interface MutationBody {
  readonly kind: "mutation";
  readonly mutations: readonly Mutation[];
}

export interface QueryAst {
  readonly name: Name;
  readonly description: string | null;
  readonly instruction: string | null;
  readonly parameters: readonly ParameterAst[];
  readonly body: ReadBody | MutationBody;
  /** Of the whole file; shared by all its queries. */
  readonly lineStarts: LineStarts;
}
