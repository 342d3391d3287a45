/**
 * A second, independent reading of the grammar (spec/query 2.1), as the ordered choices that the specification states.
 *
 * Each rule can read a list of tokens and write one that it would read. The model knows nothing of signs and nothing of
 * how the parser is built; it is slow and obviously right.
 */

/** Draws a number from 0 up to and without `end`. */
export type Draw = (end: number) => number;

export interface Rule {
  /** The place behind what the rule reads at `at`, or null. */
  readonly read: (tokens: readonly string[], at: number) => number | null;
  /** Tokens that the rule reads; `depth` is how much further it may nest. */
  readonly write: (draw: Draw, depth: number) => readonly string[];
}

function word(text: string): Rule {
  return { read: (tokens, at) => (tokens[at] === text ? at + 1 : null), write: () => [text] };
}

function oneOf(pattern: RegExp, samples: readonly string[]): Rule {
  return {
    read: (tokens, at) => (pattern.test(tokens[at] ?? "") ? at + 1 : null),
    write: (draw) => [samples[draw(samples.length)]!],
  };
}

const rule = (part: Rule | string): Rule => (typeof part === "string" ? word(part) : part);

function all(...parts: readonly (Rule | string)[]): Rule {
  const rules = parts.map(rule);
  return {
    read: (tokens, at) =>
      rules.reduce<number | null>((place, each) => (place === null ? null : each.read(tokens, place)), at),
    write: (draw, depth) => rules.flatMap((each) => each.write(draw, depth)),
  };
}

/** The first alternative that fits; the last ones are the shallow ones. */
function first(...parts: readonly (Rule | string)[]): Rule {
  const rules = parts.map(rule);
  return {
    read(tokens, at) {
      for (const each of rules) {
        const place = each.read(tokens, at);
        if (place !== null) return place;
      }
      return null;
    },
    write: (draw, depth) => (depth > 0 ? rules[draw(rules.length)]! : rules.at(-1)!).write(draw, depth - 1),
  };
}

const NOTHING: Rule = { read: (_, at) => at, write: () => [] };
const maybe = (part: Rule | string): Rule => first(part, NOTHING);

function many(part: Rule): Rule {
  return {
    read(tokens, at) {
      for (let place = at; ; ) {
        const next = part.read(tokens, place);
        if (next === null) return place;
        place = next;
      }
    },
    write: (draw, depth) => (draw(3) === 0 ? [...part.write(draw, depth), ...part.write(draw, depth)] : []),
  };
}

const some = (part: Rule): Rule => all(part, many(part));
const list = (part: Rule): Rule => all(part, many(all(",", part)));
/** A rule that is declared further down. */
const later = (name: () => Rule): Rule => ({
  read: (tokens, at) => name().read(tokens, at),
  write: (draw, depth) => name().write(draw, depth),
});

const WORDS = [
  "knows",
  "name",
  "contains",
  "starts_with",
  "count",
  "date",
  "match",
  "limit",
  "not",
  "desc",
  "now",
];
const identifier = oneOf(/^[a-z_]\w*$/, [...WORDS, "notes", "true_x", "_"]);
const edgeWord = oneOf(/^(?!not(?![A-Za-z0-9]))[a-z_]\w*$/, [
  ...WORDS.filter((each) => each !== "not"),
  "notes",
]);
const typeName = oneOf(/^[A-Z]\w*$/, ["Member", "String"]);
const variable = oneOf(/^\$[a-z_]\w*$/, ["$a", "$b", "$_"]);
const text = oneOf(/^"/, ['"x"', '"y z"']);
const integer = oneOf(/^\d+$/, ["1", "20"]);
const float = oneOf(/^\d+\.\d+$/, ["2.5"]);

const call = (name: string, ...parts: readonly (Rule | string)[]): Rule => all(name, "(", ...parts, ")");
const literal: Rule = first(
  all("[", maybe(list(later(() => literal))), "]"),
  call("datetime", text),
  call("date", text),
  text,
  float,
  integer,
  "true",
  "false",
);
const now = call("now");
const value = first(literal, variable, now);
const property = all(variable, ".", identifier);
const inner = later(() => expression);
const nearest = call("nearest", property, ",", inner);
const search = call("search", inner, ",", inner);
const fuzzy = call("fuzzy", inner, ",", inner, maybe(all(",", inner)));
const matchText = call("match_text", inner, ",", inner);
const bm25 = call("bm25", inner, ",", inner);
const arm = first(nearest, bm25);
const rrf = call("rrf", arm, ",", arm, maybe(all(",", inner)));
const aggregate = first(...["count", "sum", "avg", "min", "max"].map((name) => call(name, inner)));
const expression: Rule = first(
  ...[now, nearest, search, fuzzy, matchText, bm25, rrf, aggregate, property, variable, literal, identifier],
);
const comparison = first(">=", "<=", "!=", ">", "<", "=");

const propMatch = all(identifier, ":", value);
const matches = all("{", list(propMatch), maybe(","), "}");
const binding = all(variable, ":", typeName, maybe(matches));
const bounds = all("{", integer, ",", maybe(integer), "}");
const edge = first(all("<", edgeWord, ">"), edgeWord);
const traversal = all(variable, maybe(all(variable, ":")), edge, maybe(bounds), variable);
const filter = all(expression, first("starts_with", "contains", comparison), expression);
const negation = all("not", "{", some(later(() => clause)), "}");
const clause: Rule = first(negation, binding, traversal, filter, search, fuzzy, matchText);

const projection = all(expression, maybe(all("as", identifier)), maybe(","));
const ordering = first(nearest, all(expression, maybe(first("asc", "desc"))));
const order = all("order", "{", list(ordering), "}");
const read = all(
  "match",
  "{",
  some(clause),
  "}",
  "return",
  "{",
  some(projection),
  "}",
  maybe(order),
  maybe(all("limit", integer)),
);
const assignments = all("{", some(all(propMatch, maybe(","))), "}");
const predicate = all("where", identifier, comparison, value);
const mutation = first(
  all("insert", typeName, assignments),
  all("update", typeName, "set", assignments, predicate),
  all("delete", typeName, predicate),
);
const base = oneOf(/^(String|Blob|Bool|I32|I64|U32|U64|F32|F64|DateTime|Date)$/, ["String", "I32", "Date"]);
const parameterType = first(all("[", base, "]"), base, call("Vector", integer));
const parameter = all(variable, ":", parameterType, maybe("?"));
const query = all(
  ...["query", identifier, "(", maybe(list(parameter)), ")", "{", first(some(mutation), read), "}"],
);

/** All queries of a file. */
export const FILE: Rule = many(query);
/** One query. */
export const QUERY: Rule = query;
