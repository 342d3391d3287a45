/**
 * The tokens of the query language (spec/query 1).
 *
 * Guarantees: longest match with word boundaries; no word is reserved, because every keyword is also an identifier
 * to the grammar. Text that is nearly a token lands in the group `stray`, so that a message can say what is wrong with it.
 */
import { createToken, Lexer, type TokenType } from "chevrotain";

/** A word that begins with a lower-case letter or `_`; the category of all keywords. */
export const Identifier = createToken({
  name: "Identifier",
  pattern: /[a-z_][A-Za-z0-9_]*/,
  label: "a name",
});

const WORDS = [
  "query",
  "match",
  "return",
  "order",
  "limit",
  "not",
  "insert",
  "update",
  "delete",
  "set",
  "where",
  "as",
  "asc",
  "desc",
  "contains",
  "starts_with",
  "now",
  "nearest",
  "search",
  "fuzzy",
  "match_text",
  "bm25",
  "rrf",
  "count",
  "sum",
  "avg",
  "min",
  "max",
  "date",
  "datetime",
  "true",
  "false",
] as const;
export type Keyword = (typeof WORDS)[number];

function keyword(word: Keyword): TokenType {
  return createToken({
    name: `word ${word}`,
    pattern: word,
    longer_alt: Identifier,
    categories: Identifier,
    label: `\`${word}\``,
  });
}

/** The keyword tokens by their spelling. */
export const Word = Object.fromEntries(WORDS.map((word) => [word, keyword(word)])) as Record<
  Keyword,
  TokenType
>;

function mark(name: string, text: string): TokenType {
  return createToken({ name, pattern: text, label: `\`${text}\`` });
}

export const LeftParen = mark("LeftParen", "(");
export const RightParen = mark("RightParen", ")");
export const LeftBrace = mark("LeftBrace", "{");
export const RightBrace = mark("RightBrace", "}");
export const LeftBracket = mark("LeftBracket", "[");
export const RightBracket = mark("RightBracket", "]");
export const Comma = mark("Comma", ",");
export const Colon = mark("Colon", ":");
export const Dot = mark("Dot", ".");
export const QuestionMark = mark("QuestionMark", "?");
export const Minus = mark("Minus", "-");
export const GreaterOrEqual = mark("GreaterOrEqual", ">=");
export const LessOrEqual = mark("LessOrEqual", "<=");
export const NotEqual = mark("NotEqual", "!=");
export const Greater = mark("Greater", ">");
export const Less = mark("Less", "<");
export const Equal = mark("Equal", "=");
export const Description = createToken({
  name: "Description",
  pattern: /@description(?![A-Za-z0-9_])/,
  label: "`@description`",
});
export const Instruction = createToken({
  name: "Instruction",
  pattern: /@instruction(?![A-Za-z0-9_])/,
  label: "`@instruction`",
});
export const TypeName = createToken({
  name: "TypeName",
  pattern: /[A-Z][A-Za-z0-9_]*/,
  label: "a type name",
});
export const Variable = createToken({
  name: "Variable",
  pattern: /\$[a-z_][A-Za-z0-9_]*/,
  label: "a variable",
});
export const Text = createToken({
  name: "Text",
  pattern: /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/,
  label: "a string",
});
export const Float = createToken({
  name: "Float",
  pattern: /[0-9]+\.[0-9]+/,
  label: "a number",
});
export const Integer = createToken({
  name: "Integer",
  pattern: /[0-9]+/,
  label: "an integer",
});

const Space = createToken({ name: "Space", pattern: /[ \t\r\n]+/, group: Lexer.SKIPPED });
const LineComment = createToken({ name: "LineComment", pattern: /\/\/[^\n]*/, group: Lexer.SKIPPED });
const BlockComment = createToken({
  name: "BlockComment",
  pattern: /\/\*[\s\S]*?\*\//,
  group: Lexer.SKIPPED,
});

const STRAY = "stray";
export const OpenComment = createToken({ name: "OpenComment", pattern: /\/\*[\s\S]*/, group: STRAY });
export const OpenText = createToken({ name: "OpenText", pattern: /"[\s\S]*/, group: STRAY });
export const BadNumber = createToken({
  name: "BadNumber",
  pattern: /[0-9]+(?:\.[0-9]+)?[A-Za-z_][A-Za-z0-9_]*/,
  group: STRAY,
});
export const BadVariable = createToken({
  name: "BadVariable",
  pattern: /\$[A-Za-z0-9_]*/,
  group: STRAY,
});
export const BadAnnotation = createToken({
  name: "BadAnnotation",
  pattern: /@[A-Za-z0-9_]*/,
  group: STRAY,
});
/** The tokens that the grammar uses; a keyword stands before those that it begins with, as `asc` before `as`. */
export const GRAMMAR_TOKENS: readonly TokenType[] = [
  Variable,
  LeftParen,
  RightParen,
  LeftBrace,
  RightBrace,
  LeftBracket,
  RightBracket,
  Comma,
  Colon,
  Dot,
  QuestionMark,
  Minus,
  GreaterOrEqual,
  LessOrEqual,
  NotEqual,
  Greater,
  Less,
  Equal,
  Description,
  Instruction,
  TypeName,
  Text,
  Float,
  Integer,
  ...WORDS.toSorted((a, b) => b.length - a.length).map((word) => Word[word]),
  Identifier,
];

/** All tokens in the order in which the lexer tries them. */
export const LEXER_TOKENS: readonly TokenType[] = [
  Space,
  LineComment,
  BlockComment,
  BadNumber,
  ...GRAMMAR_TOKENS,
  OpenComment,
  OpenText,
  BadVariable,
  BadAnnotation,
];
