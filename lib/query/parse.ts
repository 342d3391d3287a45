/**
 * From the text of a `.gq` file to its queries (spec/query 1 to 3).
 *
 * Guarantees: pure and total: for any text, either all queries or at least one diagnostic with file, line and column,
 * in order of the source. All syntax errors of a file are reported in one run. The parser is built at the first call
 * and used again by every later one.
 */
import { type IRecognitionException, type IToken, Lexer } from "chevrotain";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { QueryAst } from "./ast.ts";
import type { SyntaxProblem } from "./expression-grammar.ts";
import { NESTING_LEVELS_MAX, QUERY_FILE_CHARACTERS_MAX, SYNTAX_DIAGNOSTICS_MAX } from "./limits.ts";
import { type LineStarts, lineStartsOf, positionAt } from "./line-starts.ts";
import { QueryGrammar } from "./query-grammar.ts";
import { SYNTAX_MESSAGES, strayMessage } from "./syntax-message.ts";
import {
  LEXER_TOKENS,
  LeftBrace,
  LeftBracket,
  LeftParen,
  RightBrace,
  RightBracket,
  RightParen,
} from "./tokens.ts";

export type ParsedQueryFile =
  | { readonly tag: "parsed"; readonly queries: readonly QueryAst[] }
  | { readonly tag: "invalid"; readonly diagnostics: readonly Diagnostic[] };

interface Machine {
  readonly lexer: Lexer;
  readonly grammar: QueryGrammar;
}

let machine: Machine | undefined;

/** Lexer and parser; building them costs more than a small file, so that it happens once and only if needed. */
function machineOf(): Machine {
  machine ??= {
    lexer: new Lexer([...LEXER_TOKENS], {
      positionTracking: "onlyOffset",
      skipValidations: true,
    }),
    grammar: new QueryGrammar({ skipValidations: true, messages: SYNTAX_MESSAGES }),
  };
  return machine;
}

/** Parses a `.gq` file; an empty file is zero queries. */
export function parseQueryFile(source: string, file: string): ParsedQueryFile {
  if (source.length > QUERY_FILE_CHARACTERS_MAX) {
    const message = `the file has ${source.length} characters; at most ${QUERY_FILE_CHARACTERS_MAX} are read`;
    return { tag: "invalid", diagnostics: [diagnostic("query_file_too_large", { path: file, message })] };
  }
  const { lexer, grammar } = machineOf();
  const lineStarts = lineStartsOf(source);
  const { tokens, groups } = lexer.tokenize(source);
  const problems = problemsOfTokens(tokens, groups["stray"] ?? []);
  if (problems.length > 0) return invalid(problems, lineStarts, file);
  grammar.lineStarts = lineStarts;
  grammar.problems = [];
  grammar.input = tokens;
  const queries = grammar.file();
  if (grammar.errors.length === 0 && grammar.problems.length === 0) return { tag: "parsed", queries };
  const end = tokens.at(-1);
  const endOffset = end === undefined ? 0 : end.startOffset + end.image.length;
  const found = [...grammar.problems, ...grammar.errors.map((error) => problemOf(error, endOffset))];
  return invalid(found, lineStarts, file);
}

/** Text that begins no token, and brackets too deep for the parser. */
function problemsOfTokens(tokens: readonly IToken[], stray: readonly IToken[]): readonly SyntaxProblem[] {
  const problems: SyntaxProblem[] = stray.map((token) => ({
    code: "query_syntax",
    at: token.startOffset,
    message: strayMessage(token),
  }));
  const deep = firstTooDeep(tokens);
  if (deep !== undefined) {
    const message = `brackets are nested more than ${NESTING_LEVELS_MAX} levels deep`;
    problems.push({ code: "query_syntax", at: deep.startOffset, message });
  }
  return problems;
}

function firstTooDeep(tokens: readonly IToken[]): IToken | undefined {
  let depth = 0;
  for (const token of tokens) {
    const type = token.tokenType;
    if (type === LeftBrace || type === LeftParen || type === LeftBracket) depth += 1;
    else if (depth > 0 && (type === RightBrace || type === RightParen || type === RightBracket)) depth -= 1;
    if (depth > NESTING_LEVELS_MAX) return token;
  }
  return undefined;
}

function problemOf(error: IRecognitionException, endOffset: number): SyntaxProblem {
  const offset = error.token.startOffset;
  const at = Number.isFinite(offset) ? offset : endOffset;
  return { code: "query_syntax", at, message: error.message };
}

function invalid(problems: readonly SyntaxProblem[], lineStarts: LineStarts, file: string): ParsedQueryFile {
  const inOrder = [...problems].sort((a, b) => a.at - b.at).slice(0, SYNTAX_DIAGNOSTICS_MAX);
  const diagnostics = inOrder.map((problem) =>
    diagnostic(problem.code, {
      path: file,
      message: problem.message,
      source: positionAt(lineStarts, problem.at, file),
    }),
  );
  return { tag: "invalid", diagnostics };
}
