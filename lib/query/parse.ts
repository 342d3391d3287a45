/**
 * From the text of a `.gq` file to its queries (spec/query 1 to 3).
 *
 * Guarantees: pure and total: for any text, either all queries or at least one diagnostic with file, line and column,
 * in order of the source. One run reports the first syntax error of every query. The parser is built at the first call
 * and used again by every later one.
 */
import { type IToken, Lexer } from "chevrotain";
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import type { QueryAst } from "./ast.ts";
import type { SyntaxProblem } from "./expression-grammar.ts";
import { NESTING_LEVELS_MAX, QUERY_FILE_CHARACTERS_MAX, SYNTAX_DIAGNOSTICS_MAX } from "./limits.ts";
import { type LineStarts, lineStartsOf, positionAt } from "./line-starts.ts";
import { QueryGrammar } from "./query-grammar.ts";
import { SYNTAX_MESSAGES, strayCharacters, strayMessage } from "./syntax-message.ts";
import {
  LEXER_TOKENS,
  LeftBrace,
  LeftBracket,
  LeftParen,
  RightBrace,
  RightBracket,
  RightParen,
  Word,
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
  const { tokens, groups, errors } = lexer.tokenize(source);
  const stray: readonly SyntaxProblem[] = [
    ...(groups["stray"] ?? []).map((token) => problem(token.startOffset, strayMessage(token))),
    ...errors.map(({ offset, length }) =>
      problem(offset, strayCharacters(source.slice(offset, offset + length))),
    ),
  ];
  const deep = firstTooDeep(tokens);
  if (stray.length > 0) return invalid(stray, lineStarts, file);
  if (deep !== undefined) {
    const message = `brackets are nested more than ${NESTING_LEVELS_MAX} levels deep`;
    return invalid([problem(deep.startOffset, message)], lineStarts, file);
  }
  grammar.lineStarts = lineStarts;
  grammar.problems = [];
  grammar.input = tokens;
  const queries = grammar.file();
  if (grammar.errors.length === 0 && grammar.problems.length === 0) return { tag: "parsed", queries };
  const last = tokens.at(-1);
  const end = last === undefined ? 0 : last.startOffset + last.image.length;
  const found = [
    ...grammar.problems,
    ...grammar.errors.map((error) => problem(error.token.startOffset, error.message)),
  ];
  const placed = found.map((each) => (Number.isFinite(each.at) ? each : { ...each, at: end }));
  return invalid(withoutFollowUps(placed, tokens), lineStarts, file);
}

function problem(at: number, message: string): SyntaxProblem {
  return { code: "query_syntax", at, message };
}

/**
 * Of the errors against the grammar only the first of each query: what follows it in the same query is mostly its
 * consequence.
 */
function withoutFollowUps(
  problems: readonly SyntaxProblem[],
  tokens: readonly IToken[],
): readonly SyntaxProblem[] {
  const starts = tokens
    .filter((token, index) => token.tokenType === Word.query && tokens[index + 2]?.tokenType === LeftParen)
    .map((token) => token.startOffset);
  const seen = new Set<number>();
  return [...problems]
    .sort((a, b) => a.at - b.at)
    .filter(({ code, at }) => {
      if (code !== "query_syntax") return true;
      const query = starts.findLastIndex((start) => start <= at);
      if (seen.has(query)) return false;
      seen.add(query);
      return true;
    });
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

function invalid(problems: readonly SyntaxProblem[], lineStarts: LineStarts, file: string): ParsedQueryFile {
  const inOrder = [...problems].sort((a, b) => a.at - b.at).slice(0, SYNTAX_DIAGNOSTICS_MAX);
  const diagnostics = inOrder.map(({ code, at, message }) =>
    diagnostic(code, { path: file, message, source: positionAt(lineStarts, at, file) }),
  );
  return { tag: "invalid", diagnostics };
}
