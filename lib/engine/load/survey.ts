/**
 * Survey: what a load knows about its file after reading it once: who is in it, who is referred to, which unique
 * tuples it claims, how many edges begin where. Texts are fingerprints; rows are not kept.
 *
 * Guarantees: memory grows by about 50 bytes for each id, each endpoint that is not in the file, each tuple and each
 * bounded source, and by nothing else.
 */
import { assert } from "../../digest/assert.ts";
import type { EdgeShape, GraphShape, NodeShape, RowShape } from "../rows/row-shape.ts";
import type { UniqueRule } from "../rows/unique-rule.ts";
import { createFewTexts, type FewTexts } from "./few-texts.ts";
import { createFingerprintTable, type FingerprintTable } from "./fingerprint-table.ts";
import { createLineSet, type LineSet } from "./line-set.ts";

/** Flags of ids. A node may be referred to before, after or without being defined in the file. */
export const DEFINED = 1;
export const REFERENCED = 2;
/** The graph has a row of this id that the load does not overwrite with its type. */
export const STORED = 4;
/** Flag of tuples: a stored row that stays has the same tuple. Flag of sources: too many or too few edges. */
export const BROKEN = 1;

export interface TupleSurvey {
  readonly rule: UniqueRule;
  readonly tuples: FingerprintTable;
  /** Values of the first text column of the rule, null if it has none. */
  readonly lookup: { readonly column: string; readonly values: FewTexts } | null;
  /** Ids of stored rows that clash, by tuple entry, for the messages. */
  readonly clashes: Map<number, string>;
}

export interface TypeSurvey<Shape extends RowShape> {
  readonly shape: Shape;
  /** Rows in the file that will be written. */
  rows: number;
  readonly ids: FingerprintTable;
  readonly idTexts: FewTexts;
  readonly tuples: readonly TupleSurvey[];
}

export interface EdgeSurvey extends TypeSurvey<EdgeShape> {
  /** Edges of the resulting graph by source; null where every number is allowed. */
  readonly sources: FingerprintTable | null;
  readonly sourceTexts: FewTexts;
}

export type NodeSurvey = TypeSurvey<NodeShape>;

export interface Survey {
  readonly nodes: ReadonlyMap<number, NodeSurvey>;
  readonly edges: ReadonlyMap<number, EdgeSurvey>;
  /** Lines whose row a later line of the same edge id replaces (merge only). */
  readonly superseded: LineSet;
  /** Lines whose row could not even be identified: a missing endpoint may be one of them. */
  unidentified: number;
}

export function emptySurvey(graph: GraphShape, superseded: LineSet = createLineSet()): Survey {
  const nodes = new Map([...graph.nodes.values()].map((shape) => [shape.type_id, typeSurvey(shape)]));
  const edges = new Map([...graph.edges.values()].map((shape) => [shape.type_id, edgeSurvey(shape)]));
  return { nodes, edges, superseded, unidentified: 0 };
}

export function nodeSurvey(survey: Survey, shape: NodeShape): NodeSurvey {
  const found = survey.nodes.get(shape.type_id);
  assert(found !== undefined, "a survey covers every node type of its schema");
  return found;
}

export function edgeSurveyOf(survey: Survey, shape: EdgeShape): EdgeSurvey {
  const found = survey.edges.get(shape.type_id);
  assert(found !== undefined, "a survey covers every edge type of its schema");
  return found;
}

export function surveyOf(survey: Survey, shape: RowShape): NodeSurvey | EdgeSurvey {
  return shape.kind === "node" ? nodeSurvey(survey, shape) : edgeSurveyOf(survey, shape);
}

function typeSurvey<Shape extends RowShape>(shape: Shape): TypeSurvey<Shape> {
  return {
    shape,
    rows: 0,
    ids: createFingerprintTable(),
    idTexts: createFewTexts(),
    tuples: shape.uniques.map(tupleSurvey),
  };
}

function edgeSurvey(shape: EdgeShape): EdgeSurvey {
  const bounded = shape.min > 0 || shape.max !== null;
  return {
    ...typeSurvey(shape),
    sources: bounded ? createFingerprintTable() : null,
    sourceTexts: createFewTexts(),
  };
}

function tupleSurvey(rule: UniqueRule): TupleSurvey {
  const text = rule.fields.find((field) => field.kind === "utf8");
  return {
    rule,
    tuples: createFingerprintTable(),
    lookup: text ? { column: text.column, values: createFewTexts() } : null,
    clashes: new Map(),
  };
}
