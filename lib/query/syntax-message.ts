/**
 * What a syntax error says (spec/query 2.4): what was expected and what stands there, and for common slips what to
 * write instead.
 */
import { EOF, type IParserErrorMessageProvider, type IToken, type TokenType, tokenLabel } from "chevrotain";
import { QUOTED_CHARACTERS_MAX } from "./limits.ts";
import { BadAnnotation, BadNumber, BadVariable, OpenComment, OpenText, TypeName } from "./tokens.ts";

/** A piece of the source in backquotes, cut where it gets long. */
export function quote(text: string): string {
  if (text.length <= QUOTED_CHARACTERS_MAX) return `\`${text}\``;
  return `\`${text.slice(0, QUOTED_CHARACTERS_MAX)}...\``;
}

function found(token: IToken): string {
  return token.tokenType === EOF ? "the end of the file" : quote(token.image);
}

/** What stands in a place, by the rule of the grammar that reads it. */
const EXPECTED: ReadonlyMap<string, string> = new Map([
  ["file", "`query`"],
  ["query", "`match`, `insert`, `update` or `delete`"],
  ["annotations", "`@description` or `@instruction`"],
  ["parameterType", "a parameter type"],
  ["clause", "a match clause"],
  ["readBody", "a match clause"],
  ["negation", "a match clause"],
  ["traversal", "an edge"],
  ["returnClause", "an expression to return"],
  ["expression", "an expression"],
  ["value", "a literal, a parameter or `now()`"],
  ["literal", "a literal"],
  ["listItem", "a literal"],
  ["signedNumber", "a number"],
  ["rankArm", "`nearest(...)` or `bm25(...)`"],
  ["comparison", "one of `=`, `!=`, `<`, `<=`, `>`, `>=`"],
  ["filterOperator", "a comparison"],
  ["orderClause", "an expression to order by"],
  ["assignments", "a property to assign"],
  ["mutationBody", "`insert`, `update` or `delete`"],
]);

function expectedIn(rule: string): string {
  return EXPECTED.get(rule) ?? "something else";
}

/** Slips that people make often, by the rule and the token that stands there. */
function slip(rule: string, actual: IToken, expected: TokenType | null): string {
  if (rule === "propMatch" && actual.image === "}") return "; leave the empty braces out";
  if (expected?.name === "TypeName" && /^[a-z]/.test(actual.image)) {
    return "; type names begin with an upper-case letter";
  }
  if (expected?.name === "Identifier" && /^[A-Z]/.test(actual.image)) {
    return "; names of queries, properties and edges begin with a lower-case letter";
  }
  if (rule === "bounds" && actual.image === "}") return "; write both bounds, as in `{1,3}`";
  if (actual.image === "," && (rule === "readBody" || rule === "negation")) {
    return "; match clauses are not separated by commas";
  }
  if (rule === "orderClause" && /^(asc|desc)$/.test(actual.image)) {
    return "; `nearest` is always ascending and takes no direction";
  }
  if (rule === "query" && actual.image === "order") return "; `order` comes before `limit`";
  if (
    rule === "query" &&
    expected?.name === "RightBrace" &&
    /^(insert|update|delete|match)$/.test(actual.image)
  ) {
    return "; one query either reads or changes, never both";
  }
  if (rule === "value" && actual.image === "null") return "; there is no null literal";
  return "";
}

/** At the top of a file the end is expected only where another query could begin. */
function labelOf(expected: TokenType): string {
  return expected === EOF ? "`query`" : tokenLabel(expected);
}

/** What is wrong with an expression that stands in a match block and is not compared with anything. */
export function unfinishedClauseMessage(next: IToken): string {
  if (next.tokenType === TypeName) {
    return `the edge of a traversal begins with a lower-case letter, and ${found(next)} does not`;
  }
  return `expected a comparison or an edge but found ${found(next)}`;
}

/** The messages of chevrotain in our words. */
export const SYNTAX_MESSAGES: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, actual, ruleName }) =>
    `expected ${labelOf(expected)} but found ${found(actual)}${slip(ruleName, actual, expected)}`,
  buildNotAllInputParsedMessage: ({ firstRedundant }) =>
    `expected \`query\` but found ${found(firstRedundant)}`,
  buildNoViableAltMessage: ({ actual, ruleName }) => {
    const first = actual[0]!;
    return `expected ${expectedIn(ruleName)} but found ${found(first)}${slip(ruleName, first, null)}`;
  },
  buildEarlyExitMessage: ({ actual, ruleName }) => {
    const first = actual[0]!;
    return `expected ${expectedIn(ruleName)} but found ${found(first)}${slip(ruleName, first, null)}`;
  },
};

/** What is wrong with text that begins no token. */
export function strayMessage(token: IToken): string {
  switch (token.tokenType) {
    case OpenComment:
      return "a block comment is opened here and never closed";
    case OpenText:
      return "a string is opened here and never closed";
    case BadNumber:
      return `${quote(token.image)} is not a number; numbers are digits with at most one dot between them`;
    case BadVariable:
      return `${quote(token.image)} is not a variable; after \`$\` comes a lower-case letter or \`_\``;
    case BadAnnotation:
      return `${quote(token.image)} is not an annotation; a query has \`@description\` and \`@instruction\``;
    default:
      return strayCharacters(token.image);
  }
}

/** What is wrong with characters that no token has. */
export function strayCharacters(text: string): string {
  return `${quote(text)} is not part of the query language`;
}
