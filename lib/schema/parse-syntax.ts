/**
 * Text to syntax: lexes, cuts the tokens into declarations and parses each (spec/schema 1).
 *
 * `node`, `edge` or `interface` followed by a type name begins a declaration and can stand nowhere else, so a
 * missing brace costs one declaration and not the rest of the file. Declarations with errors are left out.
 * Lexer and parser are made on first use and kept: they hold no state between texts.
 */
import { type IRecognitionException, type IToken, Lexer, tokenMatcher } from "chevrotain";
import { SchemaGrammar } from "./grammar.ts";
import { RECOVERY_TOKENS_MAX, SCHEMA_BYTES_MAX } from "./limits.ts";
import type { Place, Reporter } from "./reporter.ts";
import type { DeclarationSyntax } from "./syntax.ts";
import {
  AnyTypeName,
  At,
  EdgeWord,
  InterfaceWord,
  NodeWord,
  TOKENS,
  UnendedComment,
  UnendedString,
} from "./tokens.ts";

let lexer: Lexer | null = null;
let recovering: SchemaGrammar | null = null;
let plain: SchemaGrammar | null = null;

function readyLexer(): Lexer {
  lexer ??= new Lexer(TOKENS, { ensureOptimizations: true, positionTracking: "full" });
  return lexer;
}

/** The parser for a declaration of that many tokens. */
function readyGrammar(tokenCount: number): SchemaGrammar {
  if (tokenCount <= RECOVERY_TOKENS_MAX) {
    recovering ??= new SchemaGrammar(true);
    return recovering;
  }
  plain ??= new SchemaGrammar(false);
  return plain;
}

/** The declarations of `source` that are free of syntax errors; the errors go to `reporter`. */
export function parseSyntax(source: string, reporter: Reporter): readonly DeclarationSyntax[] {
  if (Buffer.byteLength(source, "utf8") > SCHEMA_BYTES_MAX) {
    const message = `the schema is larger than ${SCHEMA_BYTES_MAX} bytes`;
    reporter.report("schema_too_large", { line: 1, column: 1 }, message);
    return [];
  }
  const { tokens, errors } = readyLexer().tokenize(source);
  for (const each of errors) {
    const at = { line: each.line ?? 1, column: each.column ?? 1 };
    reporter.report("schema_syntax", at, strangeText(source.slice(each.offset, each.offset + each.length)));
  }
  const unended = tokens.find(
    (each) => each.tokenType === UnendedComment || each.tokenType === UnendedString,
  );
  if (unended) {
    reporter.report("schema_syntax", place(unended), `${unended.tokenType.LABEL} begins here`);
    return [];
  }
  return cut(tokens).flatMap((segment) => (reporter.full() ? [] : parseSegment(segment, reporter)));
}

function parseSegment(segment: IToken[], reporter: Reporter): DeclarationSyntax[] {
  if (!begins(segment[0], segment[1]) && !isDeclarationWord(segment[0])) {
    const message = `expected \`node\`, \`edge\` or \`interface\`, found \`${segment[0]!.image}\``;
    reporter.report("schema_syntax", place(segment[0]!), message);
    return [];
  }
  const grammar = readyGrammar(segment.length);
  grammar.input = segment;
  const declaration = grammar.declaration();
  if (grammar.errors.length === 0) return [declaration];
  let lineBefore = 0;
  for (const error of grammar.errors) {
    const at = errorPlace(error, segment);
    // A second error of one line is nearly always the echo of the first.
    if (at.line !== lineBefore)
      reporter.report("schema_syntax", at, `${error.message}${enclosing(error, segment)}`);
    lineBefore = at.line;
  }
  return [];
}

/** The tokens of each declaration; what stands before the first one is a segment of its own. */
function cut(tokens: readonly IToken[]): IToken[][] {
  const segments: IToken[][] = [];
  tokens.forEach((token, index) => {
    if (segments.length === 0 || begins(token, tokens[index + 1])) segments.push([]);
    segments.at(-1)!.push(token);
  });
  return segments;
}

function begins(token: IToken | undefined, next: IToken | undefined): boolean {
  return isDeclarationWord(token) && next !== undefined && tokenMatcher(next, AnyTypeName);
}

function isDeclarationWord(token: IToken | undefined): boolean {
  const type = token?.tokenType;
  return type === NodeWord || type === EdgeWord || type === InterfaceWord;
}

function place(token: IToken): Place {
  return { line: token.startLine ?? 1, column: token.startColumn ?? 1 };
}

/** Where an error is: at its token, or behind the last one when the declaration ends too early. */
function errorPlace(error: IRecognitionException, segment: readonly IToken[]): Place {
  const token = error.token;
  if (!Number.isNaN(token.startOffset) && token.startLine) return place(token);
  const last = segment.at(-1)!;
  return { line: last.endLine ?? 1, column: (last.endColumn ?? 0) + 1 };
}

/** ` in @name` when the error lies inside the parentheses of an annotation or rule. */
function enclosing(error: IRecognitionException, segment: readonly IToken[]): string {
  if (!error.context.ruleStack.some((rule) => rule === "annotation" || rule === "rule")) return "";
  const end = segment.indexOf(error.token);
  const before = segment.slice(0, end === -1 ? segment.length : end);
  const at = before.findLastIndex((token) => token.tokenType === At);
  const name = before[at + 1];
  return at === -1 || name === undefined ? "" : ` in @${name.image}`;
}

function strangeText(text: string): string {
  if (text.startsWith("\uFEFF")) return "a byte order mark stands before the first declaration";
  if (text.startsWith(";")) return "unexpected `;`: nothing separates or ends declarations and properties";
  return `unexpected ${JSON.stringify(text.slice(0, 20))}`;
}
