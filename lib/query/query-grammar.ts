/**
 * The grammar of the query language (spec/query 2), building the AST as it reads.
 *
 * Guarantees: never throws for any tokens; after a syntax error it goes on at the next place where it can, so that
 * one run finds the errors of all queries of a file. An AST that comes with an error is not to be used.
 */
import { type IOrAlt, type IToken, tokenMatcher } from "chevrotain";
import type {
  Binding,
  Bounds,
  Clause,
  Filter,
  FilterOp,
  MutationBody,
  Name,
  Negation,
  Ordering,
  ParameterAst,
  ParameterTypeAst,
  Projection,
  PropMatch,
  QueryAst,
  ReadBody,
  Traversal,
} from "./ast.ts";
import type { GrammarOptions } from "./expression-grammar.ts";
import { HOP_BOUND_MAX, LIMIT_ROWS_MAX } from "./limits.ts";
import type { LineStarts } from "./line-starts.ts";
import { decodeInteger } from "./literal-text.ts";
import { MutationGrammar } from "./mutation-grammar.ts";
import { PARAMETER_BASES } from "./parameter-type.ts";
import { quote, unfinishedClauseMessage } from "./syntax-message.ts";
import * as t from "./tokens.ts";

/** `not`, or `not` and then no letter or digit, is never an edge word (spec/query 1). */
const NOT_WORD = /^not(?![A-Za-z0-9])/;

export class QueryGrammar extends MutationGrammar {
  /** Of the present input; every query carries it. */
  lineStarts: LineStarts = [0];

  constructor(options: GrammarOptions) {
    super(options);
    this.performSelfAnalysis();
  }

  readonly file = this.RULE("file", (): readonly QueryAst[] => {
    const queries: QueryAst[] = [];
    this.MANY(() => queries.push(this.SUBRULE(this.query)));
    return queries;
  });

  private readonly query = this.RULE("query", (): QueryAst => {
    this.CONSUME(t.Word.query);
    const name = this.nameOf(this.CONSUME(t.Identifier));
    this.CONSUME(t.LeftParen);
    const parameters: ParameterAst[] = [];
    this.MANY_SEP({ SEP: t.Comma, DEF: () => parameters.push(this.SUBRULE(this.parameter)) });
    this.CONSUME(t.RightParen);
    const annotations = this.SUBRULE(this.annotations);
    this.CONSUME(t.LeftBrace);
    const body = this.OR<ReadBody | MutationBody>([
      { ALT: () => this.SUBRULE(this.readBody) },
      { ALT: () => this.SUBRULE(this.mutationBody) },
    ]);
    this.CONSUME(t.RightBrace);
    return { name, ...annotations, parameters, body, lineStarts: this.lineStarts };
  });

  private readonly annotations = this.RULE("annotations", () => {
    let description: string | null = null;
    let instruction: string | null = null;
    this.MANY(() => {
      const word = this.OR([
        { ALT: () => this.CONSUME(t.Description) },
        { ALT: () => this.CONSUME(t.Instruction) },
      ]);
      this.CONSUME(t.LeftParen);
      const text = this.textOf(this.CONSUME(t.Text));
      this.CONSUME(t.RightParen);
      if (word.tokenType === t.Description) description = this.once(word, description, text);
      else instruction = this.once(word, instruction, text);
    });
    return { description, instruction } as {
      readonly description: string | null;
      readonly instruction: string | null;
    };
  });

  private once(word: IToken, earlier: string | null, text: string): string {
    if (earlier !== null) {
      this.refuse("query_duplicate_annotation", word.startOffset, `duplicate ${word.image} on one query`);
    }
    return text;
  }

  private readonly parameter = this.RULE("parameter", (): ParameterAst => {
    const name = this.variableOf(this.CONSUME(t.Variable));
    this.CONSUME(t.Colon);
    const type = this.SUBRULE(this.parameterType);
    const mark = this.OPTION(() => this.CONSUME(t.QuestionMark));
    return { name, type, nullable: mark !== undefined };
  });

  private readonly parameterType = this.RULE("parameterType", (): ParameterTypeAst => {
    return this.OR([
      {
        ALT: () => {
          const at = this.CONSUME(t.LeftBracket).startOffset;
          const base = this.CONSUME(t.TypeName);
          this.CONSUME(t.RightBracket);
          return this.parameterTypeOf(base, true, null, at);
        },
      },
      {
        ALT: () => {
          const base = this.CONSUME2(t.TypeName);
          const dimension = this.OPTION(() => {
            this.CONSUME(t.LeftParen);
            const size = this.CONSUME(t.Integer);
            this.CONSUME(t.RightParen);
            return size;
          });
          return this.parameterTypeOf(base, false, dimension ?? null, base.startOffset);
        },
      },
    ]);
  });

  private parameterTypeOf(base: IToken, list: boolean, size: IToken | null, at: number): ParameterTypeAst {
    const isVector = base.image === "Vector";
    const known = isVector ? size !== null : size === null && PARAMETER_BASES.has(base.image);
    if (!known && base.image !== "" && !this.RECORDING_PHASE) {
      const hint = isVector ? "write its dimension, as in `Vector(3)`" : "use a base type, or `Vector(n)`";
      this.refuse("query_syntax", base.startOffset, `\`${base.image}\` is not a parameter type; ${hint}`);
    }
    return { base: base.image, list, dimension: size === null ? null : decodeInteger(size.image), at };
  }

  private readonly readBody = this.RULE("readBody", (): ReadBody => {
    this.CONSUME(t.Word.match);
    this.CONSUME(t.LeftBrace);
    const match: Clause[] = [];
    this.AT_LEAST_ONE(() => match.push(this.SUBRULE(this.clause)));
    this.CONSUME(t.RightBrace);
    const projections = this.SUBRULE(this.returnClause);
    const order = this.OPTION(() => this.SUBRULE(this.orderClause));
    const limit = this.OPTION2(() => this.SUBRULE(this.limitClause));
    return { kind: "read", match, projections, order: order ?? [], limit: limit ?? null };
  });

  private clauses: IOrAlt<Clause>[] | undefined;
  private readonly clause: (index?: number) => Clause = this.RULE("clause", (): Clause => {
    this.clauses ??= [
      { GATE: () => this.LA(2).tokenType === t.LeftBrace, ALT: () => this.SUBRULE(this.negation) },
      { GATE: () => this.LA(2).tokenType === t.Colon, ALT: () => this.SUBRULE(this.binding) },
      { GATE: () => this.startsTraversal(), ALT: () => this.SUBRULE(this.traversal) },
      { ALT: () => this.SUBRULE(this.filter) },
    ];
    return this.OR({ DEF: this.clauses, IGNORE_AMBIGUITIES: true });
  });

  /**
   * After a variable: an edge binding, a word, or a word in angle brackets (spec/query 2.2, rules 2 and 3). `contains`
   * and `starts_with` are edges only before bounds or a variable; before anything else they compare.
   */
  private startsTraversal(): boolean {
    const second = this.LA(2);
    if (second.tokenType === t.Word.contains || second.tokenType === t.Word.starts_with) {
      const third = this.LA(3).tokenType;
      return third === t.Variable || third === t.LeftBrace;
    }
    if (second.tokenType === t.Variable || tokenMatcher(second, t.Identifier)) return true;
    if (second.tokenType !== t.Less) return false;
    return tokenMatcher(this.LA(3), t.Identifier) && this.LA(4).tokenType === t.Greater;
  }

  private readonly negation = this.RULE("negation", (): Negation => {
    const at = this.CONSUME(t.Word.not).startOffset;
    this.CONSUME(t.LeftBrace);
    const clauses: Clause[] = [];
    this.AT_LEAST_ONE(() => clauses.push(this.SUBRULE(this.clause)));
    this.CONSUME(t.RightBrace);
    return { kind: "negation", clauses, at };
  });

  private readonly binding = this.RULE("binding", (): Binding => {
    const variable = this.variableOf(this.CONSUME(t.Variable));
    this.CONSUME(t.Colon);
    const type = this.nameOf(this.CONSUME(t.TypeName));
    const matches: PropMatch[] = [];
    this.OPTION(() => {
      this.CONSUME(t.LeftBrace);
      matches.push(this.SUBRULE(this.propMatch));
      this.MANY({
        GATE: () => this.LA(2).tokenType !== t.RightBrace,
        DEF: () => {
          this.CONSUME(t.Comma);
          matches.push(this.SUBRULE2(this.propMatch));
        },
      });
      this.OPTION2(() => this.CONSUME2(t.Comma));
      this.CONSUME(t.RightBrace);
    });
    return { kind: "binding", variable, type, matches, at: variable.at };
  });

  private edgeRefs: IOrAlt<Name>[] | undefined;
  private readonly traversal = this.RULE("traversal", (): Traversal => {
    const source = this.variableOf(this.CONSUME(t.Variable));
    const edgeBinding = this.OPTION(() => {
      const bound = this.variableOf(this.CONSUME2(t.Variable));
      this.CONSUME(t.Colon);
      return bound;
    });
    const undirected = this.LA(1).tokenType === t.Less;
    this.edgeRefs ??= [
      {
        ALT: () => {
          this.CONSUME(t.Less);
          const word = this.edgeWord(this.CONSUME(t.Identifier));
          this.CONSUME(t.Greater);
          return word;
        },
      },
      { ALT: () => this.edgeWord(this.CONSUME2(t.Identifier)) },
    ];
    const edge = this.OR(this.edgeRefs);
    const bounds = this.OPTION2(() => this.SUBRULE(this.bounds));
    const destination = this.variableOf(this.CONSUME3(t.Variable));
    return {
      kind: "traversal",
      source,
      edgeBinding: edgeBinding ?? null,
      edge,
      undirected,
      bounds: bounds ?? null,
      destination,
      at: source.at,
    };
  });

  private edgeWord(token: IToken): Name {
    if (NOT_WORD.test(token.image)) {
      this.refuse("query_syntax", token.startOffset, `\`${token.image}\` cannot be an edge name`);
    }
    return this.nameOf(token);
  }

  private readonly bounds = this.RULE("bounds", (): Bounds => {
    const at = this.CONSUME(t.LeftBrace).startOffset;
    const min = this.hops(this.CONSUME(t.Integer));
    this.CONSUME(t.Comma);
    const max = this.OPTION(() => this.hops(this.CONSUME2(t.Integer)));
    this.CONSUME(t.RightBrace);
    return { min, max: max ?? null, at };
  });

  private hops(token: IToken): number {
    const value = decodeInteger(token.image);
    if (value > HOP_BOUND_MAX) {
      const message = `invalid traversal bound ${quote(token.image)}: it does not fit in 32 bits`;
      this.refuse("query_hop_bound_range", token.startOffset, message);
    }
    return Number(value);
  }

  private readonly filter = this.RULE("filter", (): Filter => {
    const left = this.SUBRULE(this.expression);
    const compared = this.OPTION(() => {
      const op = this.SUBRULE(this.filterOperator);
      return { op, right: this.SUBRULE2(this.expression) };
    });
    if (compared !== undefined) return { kind: "filter", left, ...compared, at: left?.at ?? 0 };
    this.ACTION(() => {
      if (left?.kind === "text" && left.function !== "bm25") return;
      const next = this.LA(1);
      this.refuse("query_syntax", next.startOffset, unfinishedClauseMessage(next));
    });
    return {
      kind: "filter",
      left,
      op: "=",
      right: { kind: "boolean", value: true, at: left?.at ?? 0 },
      at: left?.at ?? 0,
    };
  });

  private filterOperators: IOrAlt<FilterOp>[] | undefined;
  private readonly filterOperator = this.RULE("filterOperator", (): FilterOp => {
    this.filterOperators ??= [
      { ALT: () => this.SUBRULE(this.comparison) },
      { ALT: () => this.CONSUME(t.Word.contains).image as "contains" },
      { ALT: () => this.CONSUME(t.Word.starts_with).image as "starts_with" },
    ];
    return this.OR(this.filterOperators);
  });

  private readonly returnClause = this.RULE("returnClause", (): readonly Projection[] => {
    const projections: Projection[] = [];
    this.CONSUME(t.Word.return);
    this.CONSUME(t.LeftBrace);
    this.AT_LEAST_ONE(() => {
      projections.push(this.SUBRULE(this.projection));
      this.OPTION(() => this.CONSUME(t.Comma));
    });
    this.CONSUME(t.RightBrace);
    return projections;
  });

  private readonly projection = this.RULE("projection", (): Projection => {
    const expression = this.SUBRULE(this.expression);
    const alias = this.OPTION(() => {
      this.CONSUME(t.Word.as);
      return this.nameOf(this.CONSUME(t.Identifier));
    });
    return { expression, alias: alias ?? null };
  });

  private readonly orderClause = this.RULE("orderClause", (): readonly Ordering[] => {
    const order: Ordering[] = [];
    this.CONSUME(t.Word.order);
    this.CONSUME(t.LeftBrace);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => order.push(this.SUBRULE(this.ordering)) });
    this.CONSUME(t.RightBrace);
    return order;
  });

  private readonly ordering = this.RULE("ordering", (): Ordering => {
    const expression = this.SUBRULE(this.expression);
    const direction = this.OPTION({
      GATE: () => expression?.kind !== "nearest",
      DEF: () => this.OR([{ ALT: () => this.CONSUME(t.Word.asc) }, { ALT: () => this.CONSUME(t.Word.desc) }]),
    });
    return { expression, descending: direction?.tokenType === t.Word.desc };
  });

  private readonly limitClause = this.RULE("limitClause", (): bigint => {
    this.CONSUME(t.Word.limit);
    const token = this.CONSUME(t.Integer);
    const value = decodeInteger(token.image);
    if (value > LIMIT_ROWS_MAX) {
      const message = `invalid limit ${quote(token.image)}: it does not fit in 64 bits`;
      this.refuse("query_limit_range", token.startOffset, message);
    }
    return value;
  });
}
