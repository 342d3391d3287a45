/**
 * YamlValue: a YAML document as a plain tree with positions, before anything is known about its meaning.
 *
 * Guarantees: pure data. Scalars keep their source text and whether they were written without quotes, because a
 * string field takes the text whatever YAML would make of it (spec/cluster 1.1: `name: 1.0` is the text "1.0").
 * Aliases are followed; equal parts are shared, and `size` counts them as often as they are used.
 */
import type { SourcePosition } from "../diagnostic/diagnostic.ts";

export interface YamlEntry {
  readonly key: string;
  readonly key_at: SourcePosition;
  readonly value: YamlValue;
}

export type YamlValue =
  /** Nothing at all after a key or a dash. */
  | { readonly tag: "empty"; readonly at: SourcePosition; readonly size: number }
  | {
      readonly tag: "scalar";
      readonly at: SourcePosition;
      readonly size: number;
      readonly text: string;
      /** False for quoted and block scalars, which are never numbers, booleans or null. */
      readonly plain: boolean;
    }
  | {
      readonly tag: "list";
      readonly at: SourcePosition;
      readonly size: number;
      readonly items: readonly YamlValue[];
    }
  | {
      readonly tag: "map";
      readonly at: SourcePosition;
      readonly size: number;
      /** In file order; of a key that appears twice, only the first is here. */
      readonly entries: readonly YamlEntry[];
    };

const NULL = /^(?:null|Null|NULL|~)$/;
const BOOLEAN = /^(?:true|True|TRUE|false|False|FALSE)$/;
const INTEGER = /^[-+]?(?:0x[0-9A-Fa-f]+|0o[0-7]+|0b[01]+|0|[1-9][0-9]*)$/;
const FLOAT = /^[-+]?(?:\.(?:inf|Inf|INF)|(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)$/;
const NOT_A_NUMBER = /^\.(?:nan|NaN|NAN)$/;
/** Digits that only look like a number, such as an account id with a leading zero. */
const LEADING_ZERO = /^[-+]?0[0-9]+$/;

export type ScalarKind = "null" | "boolean" | "integer" | "float" | "text";

/** What YAML 1.2 makes of a scalar; `yes`, `no` and digits with a leading zero are text. */
export function scalarKind(scalar: { readonly text: string; readonly plain: boolean }): ScalarKind {
  if (!scalar.plain) return "text";
  if (NULL.test(scalar.text)) return "null";
  if (BOOLEAN.test(scalar.text)) return "boolean";
  if (INTEGER.test(scalar.text)) return "integer";
  if (LEADING_ZERO.test(scalar.text)) return "text";
  return FLOAT.test(scalar.text) || NOT_A_NUMBER.test(scalar.text) ? "float" : "text";
}

/** What a value is, for a message: "a list". */
export function describeValue(value: YamlValue): string {
  switch (value.tag) {
    case "empty":
      return "nothing";
    case "list":
      return "a list";
    case "map":
      return "a mapping";
    case "scalar": {
      const kind = scalarKind(value);
      const article = kind === "integer" ? "an" : "a";
      return kind === "null" ? "null" : `${article} ${kind === "float" ? "number" : kind}`;
    }
  }
}
