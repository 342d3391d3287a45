/**
 * The grammar of the schema language (spec/schema 1.2) on Chevrotain, with its error recovery.
 *
 * One rule a production. Each rule returns the syntax it read; what a recovered rule returns is never used, because
 * a declaration with a syntax error is reported and then left out (parse.ts). The parser reads one declaration at
 * a time, so that an error in one cannot spoil the next.
 */
import { EmbeddedActionsParser, type IToken } from "chevrotain";
import type {
  AnnotationSyntax,
  ArgumentSyntax,
  BodySyntax,
  CoreSyntax,
  DeclarationSyntax,
  EdgeSyntax,
  InterfaceSyntax,
  LiteralSyntax,
  NodeSyntax,
  PropertySyntax,
  RuleSyntax,
  Word,
} from "./syntax.ts";
import { SYNTAX_MESSAGES } from "./syntax-message.ts";
import * as t from "./tokens.ts";

function word(token: IToken): Word {
  return { text: token.image, line: token.startLine ?? 1, column: token.startColumn ?? 1 };
}

export class SchemaGrammar extends EmbeddedActionsParser {
  /** With `recovery` several errors of a declaration are found, in time quadratic in its tokens. */
  constructor(recovery: boolean) {
    super(t.TOKENS, {
      recoveryEnabled: recovery,
      maxLookahead: 3,
      errorMessageProvider: SYNTAX_MESSAGES,
      nodeLocationTracking: "none",
    });
    this.performSelfAnalysis();
  }

  /** True before `@key(` and its four siblings, which are rules of the body and never annotations. */
  private atRule(): boolean {
    const name = this.LA(2).tokenType;
    return (name.CATEGORIES ?? []).includes(t.RuleName) && this.LA(3).tokenType === t.ParenOpen;
  }

  /** `@card(` with nothing between `@` and `card`: a cardinality (spec/schema 1.2, consequence 14). */
  private atCardinality(): boolean {
    const [at, name] = [this.LA(1), this.LA(2)];
    return (
      name.tokenType === t.CardWord &&
      this.LA(3).tokenType === t.ParenOpen &&
      at.startOffset + 1 === name.startOffset
    );
  }

  readonly declaration = this.RULE("declaration", (): DeclarationSyntax => {
    return this.OR<DeclarationSyntax>([
      { ALT: () => this.SUBRULE(this.interfaceDeclaration) },
      { ALT: () => this.SUBRULE(this.nodeDeclaration) },
      { ALT: () => this.SUBRULE(this.edgeDeclaration) },
    ]);
  });

  private readonly interfaceDeclaration = this.RULE("interface", (): InterfaceSyntax => {
    const properties: PropertySyntax[] = [];
    this.CONSUME(t.InterfaceWord);
    const name = word(this.CONSUME(t.AnyTypeName));
    this.CONSUME(t.BraceOpen);
    this.MANY(() => properties.push(this.SUBRULE(this.property)));
    this.CONSUME(t.BraceClose);
    return { kind: "interface", name, properties };
  });

  private readonly nodeDeclaration = this.RULE("node", (): NodeSyntax => {
    const annotations: AnnotationSyntax[] = [];
    const interfaces: Word[] = [];
    this.CONSUME(t.NodeWord);
    const name = word(this.CONSUME(t.AnyTypeName));
    this.MANY({ GATE: () => !this.atRule(), DEF: () => annotations.push(this.SUBRULE(this.annotation)) });
    this.OPTION(() => {
      this.CONSUME(t.ImplementsWord);
      this.AT_LEAST_ONE_SEP({
        SEP: t.Comma,
        DEF: () => interfaces.push(word(this.CONSUME2(t.AnyTypeName))),
      });
    });
    const body = this.SUBRULE(this.body);
    return { kind: "node", name, annotations, implements: interfaces, body };
  });

  private readonly edgeDeclaration = this.RULE("edge", (): EdgeSyntax => {
    const annotations: AnnotationSyntax[] = [];
    let cardinality: EdgeSyntax["cardinality"] = null;
    let body: BodySyntax = { properties: [], rules: [] };
    this.CONSUME(t.EdgeWord);
    const name = word(this.CONSUME(t.AnyTypeName));
    this.CONSUME(t.Colon);
    const from = word(this.CONSUME2(t.AnyTypeName));
    this.CONSUME(t.Arrow);
    const to = word(this.CONSUME3(t.AnyTypeName));
    this.OPTION({
      GATE: () => this.atCardinality(),
      DEF: () => {
        cardinality = this.SUBRULE(this.cardinality);
      },
    });
    this.MANY({ GATE: () => !this.atRule(), DEF: () => annotations.push(this.SUBRULE(this.annotation)) });
    this.OPTION2(() => {
      body = this.SUBRULE(this.body);
    });
    return { kind: "edge", name, from, to, cardinality, annotations, body };
  });

  private readonly cardinality = this.RULE("cardinality", () => {
    let max: Word | null = null;
    this.CONSUME(t.At);
    this.CONSUME(t.CardWord);
    this.CONSUME(t.ParenOpen);
    const min = word(this.CONSUME(t.UnsignedInteger));
    this.CONSUME(t.DotDot);
    this.OPTION(() => {
      max = word(this.CONSUME2(t.UnsignedInteger));
    });
    this.CONSUME(t.ParenClose);
    return { min, max };
  });

  private readonly body = this.RULE("body", (): BodySyntax => {
    const properties: PropertySyntax[] = [];
    const rules: RuleSyntax[] = [];
    this.CONSUME(t.BraceOpen);
    this.MANY(() => {
      this.OR([
        { ALT: () => properties.push(this.SUBRULE(this.property)) },
        { ALT: () => rules.push(this.SUBRULE(this.bodyRule)) },
      ]);
    });
    this.CONSUME(t.BraceClose);
    return { properties, rules };
  });

  private readonly property = this.RULE("property", (): PropertySyntax => {
    const annotations: AnnotationSyntax[] = [];
    let nullable = false;
    const name = word(this.CONSUME(t.AnyIdentifier));
    this.CONSUME(t.Colon);
    const core = this.SUBRULE(this.core);
    this.OPTION(() => {
      this.CONSUME(t.Question);
      nullable = true;
    });
    this.MANY({ GATE: () => !this.atRule(), DEF: () => annotations.push(this.SUBRULE(this.annotation)) });
    return { name, core, nullable, annotations };
  });

  private readonly core = this.RULE("type", (): CoreSyntax => {
    return this.OR<CoreSyntax>([
      { ALT: () => this.SUBRULE(this.list) },
      { ALT: () => this.SUBRULE(this.enumeration) },
      { ALT: () => this.SUBRULE(this.vector) },
      { ALT: () => ({ kind: "base", name: word(this.CONSUME(t.AnyTypeName)) }) },
    ]);
  });

  private readonly list = this.RULE("list", (): CoreSyntax => {
    this.CONSUME(t.BracketOpen);
    const name = word(this.CONSUME(t.AnyTypeName));
    this.CONSUME(t.BracketClose);
    return { kind: "list", name };
  });

  private readonly enumeration = this.RULE("enum", (): CoreSyntax => {
    const values: Word[] = [];
    this.CONSUME(t.EnumKeyword);
    this.CONSUME(t.ParenOpen);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => values.push(word(this.CONSUME(t.EnumWord))) });
    this.CONSUME(t.ParenClose);
    return { kind: "enum", values };
  });

  private readonly vector = this.RULE("vector", (): CoreSyntax => {
    this.CONSUME(t.VectorWord);
    this.CONSUME(t.ParenOpen);
    const dimension = word(this.CONSUME(t.UnsignedInteger));
    this.CONSUME(t.ParenClose);
    return { kind: "vector", dimension };
  });

  private readonly annotation = this.RULE("annotation", (): AnnotationSyntax => {
    const options: { name: Word; value: LiteralSyntax }[] = [];
    let value: LiteralSyntax | null = null;
    this.CONSUME(t.At);
    const name = word(this.CONSUME(t.AnyIdentifier));
    this.OPTION(() => {
      this.CONSUME(t.ParenOpen);
      value = this.OR<LiteralSyntax>([
        { ALT: () => this.SUBRULE(this.literal), IGNORE_AMBIGUITIES: true },
        { ALT: () => ({ kind: "identifier", word: word(this.CONSUME2(t.AnyIdentifier)) }) },
      ]);
      this.MANY(() => {
        this.CONSUME(t.Comma);
        const option = word(this.CONSUME3(t.AnyIdentifier));
        this.CONSUME(t.Equals);
        options.push({ name: option, value: this.SUBRULE2(this.literal) });
      });
      this.CONSUME(t.ParenClose);
    });
    return { name, value, options };
  });

  private readonly literal = this.RULE("literal", (): LiteralSyntax => {
    return this.OR<LiteralSyntax>([
      { ALT: () => ({ kind: "string", word: word(this.CONSUME(t.StringText)) }) },
      { ALT: () => ({ kind: "float", word: word(this.CONSUME(t.FloatNumber)) }) },
      { ALT: () => ({ kind: "integer", word: word(this.CONSUME(t.UnsignedInteger)) }) },
      { ALT: () => ({ kind: "integer", word: word(this.CONSUME(t.NegativeInteger)) }) },
      { ALT: () => ({ kind: "bool", word: word(this.CONSUME(t.BoolWord)) }) },
    ]);
  });

  private readonly bodyRule = this.RULE("rule", (): RuleSyntax => {
    const args: ArgumentSyntax[] = [];
    this.CONSUME(t.At);
    const name = word(this.CONSUME(t.RuleName));
    this.CONSUME(t.ParenOpen);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => args.push(this.SUBRULE(this.ruleArgument)) });
    this.CONSUME(t.ParenClose);
    return { name, arguments: args };
  });

  private readonly ruleArgument = this.RULE("argument", (): ArgumentSyntax => {
    return this.OR<ArgumentSyntax>([
      { ALT: () => this.SUBRULE(this.openBounds) },
      { ALT: () => this.SUBRULE(this.numberOrBounds) },
      { ALT: () => ({ kind: "string", word: word(this.CONSUME(t.StringText)) }) },
      { ALT: () => ({ kind: "bool", word: word(this.CONSUME(t.BoolWord)) }), IGNORE_AMBIGUITIES: true },
      { ALT: () => ({ kind: "identifier", word: word(this.CONSUME(t.AnyIdentifier)) }) },
    ]);
  });

  private readonly openBounds = this.RULE("maximum", (): ArgumentSyntax => {
    const at = word(this.CONSUME(t.DotDot));
    const max = this.SUBRULE(this.number);
    return { kind: "bounds", min: null, max, word: at };
  });

  private readonly numberOrBounds = this.RULE("bounds", (): ArgumentSyntax => {
    const min = this.SUBRULE(this.number);
    let bounds = false;
    let max: Word | null = null;
    this.OPTION(() => {
      this.CONSUME(t.DotDot);
      bounds = true;
      this.OPTION2(() => {
        max = this.SUBRULE2(this.number);
      });
    });
    if (bounds) return { kind: "bounds", min, max, word: min };
    return { kind: min?.text.includes(".") ? "float" : "integer", word: min };
  });

  private readonly number = this.RULE("number", (): Word => {
    return this.OR<Word>([
      { ALT: () => word(this.CONSUME(t.FloatNumber)) },
      { ALT: () => word(this.CONSUME(t.UnsignedInteger)) },
      { ALT: () => word(this.CONSUME(t.NegativeInteger)) },
    ]);
  });
}
