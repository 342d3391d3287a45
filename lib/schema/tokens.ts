/**
 * The tokens of the schema language (spec/schema 1.1), with word boundaries: `nodePerson` is one word, not two.
 *
 * Keywords are not reserved: each is also an identifier or a type name by its category, and every word is also an
 * enum value. A word may hold a hyphen (`phase-1`), but not the one that begins an arrow.
 */
import { createToken, Lexer, type TokenType } from "chevrotain";

/** What may not follow a word, so that no token ends in the middle of one. */
const BOUNDARY = "(?![A-Za-z0-9_]|-(?!>))";

function word(name: string, pattern: string, label: string, categories: TokenType[]): TokenType {
  return createToken({ name, pattern: new RegExp(pattern + BOUNDARY), label, categories });
}

function symbol(name: string, pattern: string): TokenType {
  return createToken({ name, pattern, label: `\`${pattern}\`` });
}

/** Anything that may stand in an enum; the category of every word. */
export const EnumWord = createToken({ name: "EnumWord", pattern: Lexer.NA, label: "an enum value" });
/** Any identifier, keywords included. */
export const AnyIdentifier = createToken({
  name: "AnyIdentifier",
  pattern: Lexer.NA,
  label: "a name that begins in lower case",
  categories: [EnumWord],
});
/** Any type name, the built-in ones included. */
export const AnyTypeName = createToken({
  name: "AnyTypeName",
  pattern: Lexer.NA,
  label: "a name that begins with a capital",
  categories: [EnumWord],
});
/** One of the five rules that may stand in a body. */
export const RuleName = createToken({
  name: "RuleName",
  pattern: Lexer.NA,
  label: "one of key, unique, index, range, check",
  categories: [AnyIdentifier],
});

export const NodeWord = word("NodeWord", "node", "`node`", [AnyIdentifier]);
export const EdgeWord = word("EdgeWord", "edge", "`edge`", [AnyIdentifier]);
export const InterfaceWord = word("InterfaceWord", "interface", "`interface`", [AnyIdentifier]);
export const ImplementsWord = word("ImplementsWord", "implements", "`implements`", [AnyIdentifier]);
export const EnumKeyword = word("EnumKeyword", "enum", "`enum`", [AnyIdentifier]);
export const CardWord = word("CardWord", "card", "`card`", [AnyIdentifier]);
export const BoolWord = word("BoolWord", "(?:true|false)", "`true` or `false`", [AnyIdentifier]);
const RuleWord = word("RuleWord", "(?:key|unique|index|range|check)", "a rule name", [RuleName]);
export const VectorWord = word("VectorWord", "Vector", "`Vector`", [AnyTypeName]);
const Identifier = word("Identifier", "[a-z_][A-Za-z0-9_]*", "a name", [AnyIdentifier]);
const TypeName = word("TypeName", "[A-Z][A-Za-z0-9_]*", "a type name", [AnyTypeName]);

export const FloatNumber = createToken({
  name: "FloatNumber",
  pattern: /-?[0-9]+\.[0-9]+/,
  label: "a number",
});
export const UnsignedInteger = word("UnsignedInteger", "[0-9]+", "a whole number", [EnumWord]);
export const NegativeInteger = word("NegativeInteger", "-[0-9]+", "a number", [EnumWord]);
/** A word that is neither name nor number, such as `1st` or `phase-1`: an enum value only. */
const OtherWord = word("OtherWord", "(?:[A-Za-z0-9_]|-(?!>))+", "an enum value", [EnumWord]);

export const StringText = createToken({
  name: "StringText",
  pattern: /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/,
  label: "a string",
  line_breaks: true,
});
/** A string or comment that never ends; reported by name instead of as a run of strange words. */
export const UnendedString = createToken({
  name: "UnendedString",
  pattern: /"[\s\S]*/,
  label: "a string without its closing quote",
  line_breaks: true,
});
export const UnendedComment = createToken({
  name: "UnendedComment",
  pattern: /\/\*[\s\S]*/,
  label: "a comment without its end",
  line_breaks: true,
});

export const BraceOpen = symbol("BraceOpen", "{");
export const BraceClose = symbol("BraceClose", "}");
export const ParenOpen = symbol("ParenOpen", "(");
export const ParenClose = symbol("ParenClose", ")");
export const BracketOpen = symbol("BracketOpen", "[");
export const BracketClose = symbol("BracketClose", "]");
export const Colon = symbol("Colon", ":");
export const Comma = symbol("Comma", ",");
export const Question = symbol("Question", "?");
export const Equals = symbol("Equals", "=");
export const At = symbol("At", "@");
export const Arrow = symbol("Arrow", "->");
export const DotDot = symbol("DotDot", "..");

const Space = createToken({ name: "Space", pattern: /[ \t\r\n]+/, group: Lexer.SKIPPED, line_breaks: true });
const LineComment = createToken({ name: "LineComment", pattern: /\/\/[^\n]*/, group: Lexer.SKIPPED });
const BlockComment = createToken({
  name: "BlockComment",
  pattern: /\/\*[\s\S]*?\*\//,
  group: Lexer.SKIPPED,
  line_breaks: true,
});

/** In the order in which the lexer tries them: longer and more special ones first. */
export const TOKENS: TokenType[] = [
  Space,
  LineComment,
  BlockComment,
  UnendedComment,
  NodeWord,
  EdgeWord,
  InterfaceWord,
  ImplementsWord,
  EnumKeyword,
  CardWord,
  BoolWord,
  RuleWord,
  VectorWord,
  Identifier,
  TypeName,
  FloatNumber,
  UnsignedInteger,
  NegativeInteger,
  Arrow,
  OtherWord,
  StringText,
  UnendedString,
  BraceOpen,
  BraceClose,
  ParenOpen,
  ParenClose,
  BracketOpen,
  BracketClose,
  Colon,
  Comma,
  Question,
  Equals,
  At,
  DotDot,
  EnumWord,
  AnyIdentifier,
  AnyTypeName,
  RuleName,
];
