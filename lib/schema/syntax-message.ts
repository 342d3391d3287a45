/**
 * What a syntax error says: what was expected, what was found, and for the usual slips what to write instead
 * (spec/schema 1.2, consequences).
 */
import type { IParserErrorMessageProvider, IToken, TokenType } from "chevrotain";
import { tokenLabel, tokenMatcher } from "chevrotain";
import { EXPECTED_NAMES_MAX, FOUND_LENGTH_MAX } from "./limits.ts";
import { AnyTypeName, At, BraceOpen, Comma, DotDot, ImplementsWord, UnendedString } from "./tokens.ts";

/** What was found, as a person sees it. */
function found(token: IToken | undefined): string {
  if (token === undefined || token.tokenType.name === "EOF") return "the end of the declaration";
  if (token.tokenType === UnendedString) return "a string without its closing quote";
  const image = token.image.replace(/\s+/g, " ");
  return `\`${image.length > FOUND_LENGTH_MAX ? `${image.slice(0, FOUND_LENGTH_MAX)}...` : image}\``;
}

/** A hint for slips that people make often; empty for all others. */
function hint(rule: string, token: IToken | undefined, expected?: TokenType): string {
  if (token === undefined) return "";
  if (rule === "cardinality")
    return "; a cardinality is @card(min..max) or @card(min..), without `*` and with a minimum";
  if (token.tokenType === At) return strayAnnotation(rule, expected);
  if (rule === "annotation" && tokenMatcher(token, AnyTypeName))
    return "; a name that begins with a capital must be quoted here";
  if (token.tokenType === ImplementsWord) return "; only a node implements interfaces";
  if (token.tokenType === DotDot) return "; @card(min..max) comes directly after the target type";
  if (token.tokenType === Comma && (rule === "body" || rule === "interface"))
    return "; nothing separates properties";
  return "";
}

function strayAnnotation(rule: string, expected: TokenType | undefined): string {
  if (rule === "interface" && expected === BraceOpen) return "; an interface takes no annotations of its own";
  if (rule === "interface")
    return "; an interface takes no rules in parentheses, write @key, @unique or @index after the property";
  if (expected === BraceOpen)
    return "; annotations of a type come before `implements`, and rules belong in the body";
  if (rule === "body") return "; inside a body an annotation follows the type of its property";
  return "";
}

function firstNames(paths: readonly (readonly TokenType[])[]): string {
  const labels = [...new Set(paths.flatMap((path) => (path[0] ? [tokenLabel(path[0])] : [])))];
  if (labels.length === 0) return "something else";
  const shown = labels.slice(0, EXPECTED_NAMES_MAX);
  if (shown.length === 1) return shown[0]!;
  return `${shown.slice(0, -1).join(", ")} or ${shown.at(-1)}`;
}

export const SYNTAX_MESSAGES: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected, actual, ruleName }) =>
    `expected ${tokenLabel(expected)}, found ${found(actual)}${hint(ruleName, actual, expected)}`,
  buildNotAllInputParsedMessage: ({ firstRedundant }) =>
    `unexpected ${found(firstRedundant)} after the declaration${hint("", firstRedundant)}`,
  buildNoViableAltMessage: ({ expectedPathsPerAlt, actual, ruleName }) =>
    ruleName === "type"
      ? `expected a type such as String, [I32] or enum(a, b), found ${found(actual[0])}`
      : `expected ${firstNames(expectedPathsPerAlt.flat())}, found ${found(actual[0])}${hint(ruleName, actual[0])}`,
  buildEarlyExitMessage: ({ expectedIterationPaths, actual, ruleName }) =>
    `expected ${firstNames(expectedIterationPaths)}, found ${found(actual[0])}${hint(ruleName, actual[0])}`,
};
