/**
 * The part of the grammar that values and expressions are written in (spec/query 2.1, `Expr` and below).
 *
 * Guarantees: as `query-grammar.ts`, which extends it. Each decision looks one token ahead; where that is not enough,
 * a gate says what the next token must be (spec/query 2.2). Alternatives of frequent rules are kept between calls,
 * because building them anew is a good part of the cost of a parse.
 */
import {
  EmbeddedActionsParser,
  type IOrAlt,
  type IParserErrorMessageProvider,
  type IToken,
} from "chevrotain";
import type {
  AggregateCall,
  AggregateFunction,
  Expression,
  Literal,
  Name,
  NearestCall,
  NowCall,
  PropertyRef,
  RrfCall,
  TextCall,
  TextFunction,
  Value,
  VariableRef,
} from "./ast.ts";
import { I64_MAX, I64_MIN } from "./limits.ts";
import { decodeFloat, decodeInteger, decodeText } from "./literal-text.ts";
import { quote } from "./syntax-message.ts";
import * as t from "./tokens.ts";

/** A check of spec/query 3.2 that failed while the AST was built. */
export interface SyntaxProblem {
  readonly code:
    | "query_syntax"
    | "query_duplicate_annotation"
    | "query_string_escape"
    | "query_integer_range"
    | "query_limit_range"
    | "query_hop_bound_range";
  readonly at: number;
  readonly message: string;
}

export interface GrammarOptions {
  /** Leaves out chevrotain's checks of the grammar itself, which a test runs once and a process need not. */
  readonly skipValidations: boolean;
  readonly messages: IParserErrorMessageProvider;
}

export class ExpressionGrammar extends EmbeddedActionsParser {
  /** What the checks of spec/query 3.2 found in the present input. */
  problems: SyntaxProblem[] = [];

  constructor(options: GrammarOptions) {
    super([...t.GRAMMAR_TOKENS], {
      recoveryEnabled: true,
      maxLookahead: 1,
      skipValidations: options.skipValidations,
      errorMessageProvider: options.messages,
    });
  }

  protected refuse(code: SyntaxProblem["code"], at: number, message: string): void {
    this.problems.push({ code, at, message });
  }

  protected nameOf(token: IToken): Name {
    return { text: token.image, at: token.startOffset };
  }

  protected variableOf(token: IToken): Name {
    return { text: token.image.slice(1), at: token.startOffset };
  }

  protected textOf(token: IToken): string {
    const decoded = decodeText(token.image);
    if (decoded.tag === "decoded") return decoded.value;
    const at = token.startOffset + decoded.offset;
    this.refuse("query_string_escape", at, `unsupported escape sequence \`${decoded.escape}\` in a string`);
    return "";
  }

  private reference(token: IToken): VariableRef {
    return { kind: "variable", name: token.image.slice(1), at: token.startOffset };
  }

  private integerOf(token: IToken, sign: IToken | null): Literal {
    const magnitude = decodeInteger(token.image);
    const value = sign === null ? magnitude : -magnitude;
    if (value > I64_MAX || value < I64_MIN) {
      const message = `invalid integer ${quote(`${sign === null ? "" : "-"}${token.image}`)}: it does not fit in 64 bits`;
      this.refuse("query_integer_range", token.startOffset, message);
    }
    return { kind: "integer", value, signed: sign !== null, at: (sign ?? token).startOffset };
  }

  private floatOf(token: IToken, sign: IToken | null): Literal {
    const magnitude = decodeFloat(token.image);
    const value = sign === null ? magnitude : -magnitude;
    return { kind: "float", value, signed: sign !== null, at: (sign ?? token).startOffset };
  }

  private readonly isCall = (): boolean => this.LA(2).tokenType === t.LeftParen;
  private readonly isPropertyAccess = (): boolean => this.LA(2).tokenType === t.Dot;

  private literals: IOrAlt<Literal>[] | undefined;
  protected readonly literal = this.RULE("literal", (): Literal => {
    this.literals ??= [
      {
        ALT: () => {
          const token = this.CONSUME(t.Text);
          return { kind: "string", value: this.textOf(token), at: token.startOffset };
        },
      },
      { ALT: () => this.integerOf(this.CONSUME(t.Integer), null) },
      { ALT: () => this.floatOf(this.CONSUME(t.Float), null) },
      { ALT: () => ({ kind: "boolean", value: true, at: this.CONSUME(t.Word.true).startOffset }) },
      { ALT: () => ({ kind: "boolean", value: false, at: this.CONSUME(t.Word.false).startOffset }) },
      { ALT: () => this.SUBRULE(this.signedNumber) },
      { ALT: () => this.SUBRULE(this.list) },
    ];
    return this.OR(this.literals);
  });

  private readonly signedNumber = this.RULE("signedNumber", (): Literal => {
    const sign = this.CONSUME(t.Minus);
    return this.OR([
      { ALT: () => this.integerOf(this.CONSUME(t.Integer), sign) },
      { ALT: () => this.floatOf(this.CONSUME(t.Float), sign) },
    ]);
  });

  private readonly list = this.RULE("list", (): Literal => {
    const at = this.CONSUME(t.LeftBracket).startOffset;
    const items: Literal[] = [];
    this.MANY_SEP({ SEP: t.Comma, DEF: () => items.push(this.SUBRULE(this.listItem)) });
    this.CONSUME(t.RightBracket);
    return { kind: "list", items, at };
  });

  private readonly listItem = this.RULE("listItem", (): Literal => {
    return this.OR([
      { ALT: () => this.SUBRULE(this.literal) },
      { ALT: () => this.SUBRULE(this.dateLiteral) },
    ]);
  });

  private readonly dateLiteral = this.RULE("dateLiteral", (): Literal => {
    const word = this.OR([
      { ALT: () => this.CONSUME(t.Word.date) },
      { ALT: () => this.CONSUME(t.Word.datetime) },
    ]);
    this.CONSUME(t.LeftParen);
    const value = this.textOf(this.CONSUME(t.Text));
    this.CONSUME(t.RightParen);
    return { kind: word.image === "date" ? "date" : "datetime", value, at: word.startOffset };
  });

  private readonly nowCall = this.RULE("nowCall", (): NowCall => {
    const at = this.CONSUME(t.Word.now).startOffset;
    this.CONSUME(t.LeftParen);
    this.CONSUME(t.RightParen);
    return { kind: "now", at };
  });

  private values: IOrAlt<Value>[] | undefined;
  protected readonly value = this.RULE("value", (): Value => {
    this.values ??= [
      { ALT: () => this.reference(this.CONSUME(t.Variable)) },
      { ALT: () => this.SUBRULE(this.literal) },
      { ALT: () => this.SUBRULE(this.dateLiteral) },
      { ALT: () => this.SUBRULE(this.nowCall) },
    ];
    return this.OR(this.values);
  });

  private readonly propertyAccess = this.RULE("propertyAccess", (): PropertyRef => {
    const variable = this.CONSUME(t.Variable);
    this.CONSUME(t.Dot);
    const property = this.nameOf(this.CONSUME(t.Identifier));
    return { kind: "property", variable: variable.image.slice(1), property, at: variable.startOffset };
  });

  private expressions: IOrAlt<Expression>[] | undefined;
  protected readonly expression: (index?: number) => Expression = this.RULE("expression", (): Expression => {
    const call = this.isCall;
    this.expressions ??= [
      { GATE: this.isPropertyAccess, ALT: () => this.SUBRULE(this.propertyAccess) },
      { ALT: () => this.reference(this.CONSUME(t.Variable)) },
      { ALT: () => this.SUBRULE(this.literal) },
      { GATE: call, ALT: () => this.SUBRULE(this.nowCall) },
      { GATE: call, ALT: () => this.SUBRULE(this.nearest) },
      { GATE: call, ALT: () => this.SUBRULE(this.textCall) },
      { GATE: call, ALT: () => this.SUBRULE(this.rrf) },
      { GATE: call, ALT: () => this.SUBRULE(this.aggregate) },
      { GATE: call, ALT: () => this.SUBRULE(this.dateLiteral) },
      {
        IGNORE_AMBIGUITIES: true,
        ALT: () => {
          const token = this.CONSUME(t.Identifier);
          return { kind: "alias", name: token.image, at: token.startOffset };
        },
      },
    ];
    return this.OR({ DEF: this.expressions, IGNORE_AMBIGUITIES: true });
  });

  private readonly nearest = this.RULE("nearest", (): NearestCall => {
    const at = this.CONSUME(t.Word.nearest).startOffset;
    this.CONSUME(t.LeftParen);
    const field = this.SUBRULE(this.propertyAccess);
    this.CONSUME(t.Comma);
    const query = this.SUBRULE(this.expression);
    this.CONSUME(t.RightParen);
    return { kind: "nearest", field, query, at };
  });

  private readonly textCall = this.RULE("textCall", (): TextCall => {
    const word = this.OR([
      { ALT: () => this.CONSUME(t.Word.search) },
      { ALT: () => this.CONSUME(t.Word.fuzzy) },
      { ALT: () => this.CONSUME(t.Word.match_text) },
      { ALT: () => this.CONSUME(t.Word.bm25) },
    ]);
    this.CONSUME(t.LeftParen);
    const field = this.SUBRULE(this.expression);
    this.CONSUME(t.Comma);
    const query = this.SUBRULE2(this.expression);
    const edits = this.OPTION({
      GATE: () => word.tokenType === t.Word.fuzzy,
      DEF: () => {
        this.CONSUME2(t.Comma);
        return this.SUBRULE3(this.expression);
      },
    });
    this.CONSUME(t.RightParen);
    return {
      kind: "text",
      function: word.image as TextFunction,
      field,
      query,
      edits: edits ?? null,
      at: word.startOffset,
    };
  });

  private readonly rrf = this.RULE("rrf", (): RrfCall => {
    const at = this.CONSUME(t.Word.rrf).startOffset;
    this.CONSUME(t.LeftParen);
    const first = this.SUBRULE(this.rankArm);
    this.CONSUME(t.Comma);
    const second = this.SUBRULE2(this.rankArm);
    const k = this.OPTION(() => {
      this.CONSUME2(t.Comma);
      return this.SUBRULE(this.expression);
    });
    this.CONSUME(t.RightParen);
    return { kind: "rrf", arms: [first, second], k: k ?? null, at };
  });

  private readonly rankArm = this.RULE("rankArm", (): NearestCall | TextCall => {
    return this.OR<NearestCall | TextCall>([
      { ALT: () => this.SUBRULE(this.nearest) },
      {
        GATE: () => this.LA(1).tokenType === t.Word.bm25,
        ALT: () => this.SUBRULE(this.textCall),
      },
    ]);
  });

  private readonly aggregate = this.RULE("aggregate", (): AggregateCall => {
    const word = this.OR([
      { ALT: () => this.CONSUME(t.Word.count) },
      { ALT: () => this.CONSUME(t.Word.sum) },
      { ALT: () => this.CONSUME(t.Word.avg) },
      { ALT: () => this.CONSUME(t.Word.min) },
      { ALT: () => this.CONSUME(t.Word.max) },
    ]);
    this.CONSUME(t.LeftParen);
    const argument = this.SUBRULE(this.expression);
    this.CONSUME(t.RightParen);
    return { kind: "aggregate", function: word.image as AggregateFunction, argument, at: word.startOffset };
  });
}
