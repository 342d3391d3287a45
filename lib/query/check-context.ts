/** What every check of one query shares: the schema, the parameters, where findings and facts go. */
import type { Catalog } from "../schema/catalog.ts";
import type { PropType } from "../schema/prop-type.ts";
import type { QueryAst } from "./ast.ts";
import type { FactCollector } from "./fact-collector.ts";
import type { Operand } from "./operand.ts";
import type { Report } from "./report.ts";

export interface CheckContext {
  readonly catalog: Catalog;
  readonly query: QueryAst;
  readonly report: Report;
  readonly facts: FactCollector;
  /** By name; null for a parameter whose type has been reported. */
  readonly parameters: ReadonlyMap<string, PropType | null>;
  /** Names of parameters that something refers to. */
  readonly usedParameters: Set<string>;
  /** Variables that were reported as unbound; each is reported once. */
  readonly reportedVariables: Set<string>;
}

/** A name that a projection gives to its value. */
export interface Alias {
  readonly operand: Operand;
  /** Ranking functions that the projected expression holds. */
  readonly ranks: RankUse;
}

export interface RankUse {
  readonly rrf: boolean;
  /** `nearest` outside any `rrf`. */
  readonly nearest: boolean;
  /** Any of nearest, bm25, rrf at the top. */
  readonly score: boolean;
}
