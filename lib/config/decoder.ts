/**
 * Decoder: reads typed fields out of a YamlValue and collects every complaint instead of stopping at the first.
 *
 * Guarantees: total; a field that cannot be read gives a complaint and null, and decoding goes on. The rules for
 * scalars are those of spec/cluster 1.1: a text field takes any scalar's source text; null words mean null only
 * where null is allowed; nothing at all means empty where a list or a mapping is expected.
 */
import type { Diagnostic, SourcePosition } from "../diagnostic/diagnostic.ts";
import type { Located } from "./cluster-config.ts";
import { CONFIG_DIAGNOSTICS_MAX } from "./limits.ts";
import { didYouMean } from "./suggestion.ts";
import { invalidYaml } from "./yaml-document.ts";
import { describeValue, scalarKind, type YamlEntry, type YamlValue } from "./yaml-value.ts";

/** The fields of one mapping, by name. */
export type Fields = ReadonlyMap<string, YamlEntry>;

const U32_MAX = 4_294_967_295;

export class Decoder {
  readonly #complaints: Diagnostic[] = [];
  #omitted = 0;

  /** All complaints so far. */
  diagnostics(): readonly Diagnostic[] {
    const last = this.#complaints.at(-1);
    if (this.#omitted === 0 || last?.source === undefined) return this.#complaints;
    return [...this.#complaints, invalidYaml(`There are ${this.#omitted} more problems.`, last.source)];
  }

  complain(message: string, at: SourcePosition): null {
    if (this.#complaints.length < CONFIG_DIAGNOSTICS_MAX) this.#complaints.push(invalidYaml(message, at));
    else this.#omitted += 1;
    return null;
  }

  /** The entries of a mapping whose keys are names; nothing at all means none. */
  entries(value: YamlValue, path: string): readonly YamlEntry[] {
    if (value.tag === "map") return value.entries;
    if (value.tag !== "empty") this.#expected(path, "a mapping", value);
    return [];
  }

  /** The fields of a mapping whose keys are fixed; every unknown key is reported. */
  fields(value: YamlValue, path: string, known: readonly string[]): Fields {
    const fields = new Map<string, YamlEntry>();
    for (const entry of this.entries(value, path)) {
      if (known.includes(entry.key)) fields.set(entry.key, entry);
      else this.#unknownField(entry, path, known);
    }
    return fields;
  }

  #unknownField(entry: YamlEntry, path: string, known: readonly string[]): void {
    const place = path === "" ? "at the top level" : `in \`${path}\``;
    const merge = entry.key === "<<" ? " Merge keys are not supported." : "";
    const hint = didYouMean(entry.key, known) || ` Known here: ${known.join(", ")}.`;
    this.complain(`unknown field \`${entry.key}\` ${place}.${merge || hint}`, entry.key_at);
  }

  /** A field that must be there; `owner` and `at` name the mapping that lacks it. */
  required(fields: Fields, name: string, owner: string, at: SourcePosition): YamlValue | null {
    const entry = fields.get(name);
    if (entry !== undefined) return entry.value;
    const place = owner === "" ? "The document" : `\`${owner}\``;
    return this.complain(`${place} lacks the field \`${name}\`, which is required.`, at);
  }

  /** The source text of any scalar; nothing at all is the empty text. */
  text(value: YamlValue, path: string): Located<string> | null {
    if (value.tag === "empty") return { value: "", at: value.at };
    if (value.tag === "scalar") return { value: value.text, at: value.at };
    return this.#expected(path, "a text", value);
  }

  /** As `text`; null for an absent field, for nothing and for the words that mean null. */
  nullableText(entry: YamlEntry | undefined, path: string): Located<string> | null {
    if (entry === undefined || isNull(entry.value)) return null;
    return this.text(entry.value, path);
  }

  nullableBoolean(entry: YamlEntry | undefined, path: string): boolean | null {
    if (entry === undefined || isNull(entry.value)) return null;
    const { value } = entry;
    if (value.tag === "scalar" && scalarKind(value) === "boolean") return value.text.toLowerCase() === "true";
    return this.#expected(path, "true or false", value);
  }

  unsignedInteger(value: YamlValue, path: string): Located<number> | null {
    if (value.tag === "scalar" && scalarKind(value) === "integer") {
      const number = Number(value.text.replace(/^\+/, ""));
      if (number >= 0 && number <= U32_MAX) return { value: number, at: value.at };
    }
    return this.#expected(path, "a whole number without quotes", value);
  }

  list(value: YamlValue, path: string): readonly YamlValue[] {
    if (value.tag === "list") return value.items;
    if (value.tag !== "empty") this.#expected(path, "a list", value);
    return [];
  }

  #expected(path: string, what: string, value: YamlValue): null {
    const subject = path === "" ? "The document" : `\`${path}\``;
    return this.complain(`${subject} must be ${what}, not ${describeValue(value)}.`, value.at);
  }
}

function isNull(value: YamlValue): boolean {
  return value.tag === "empty" || (value.tag === "scalar" && scalarKind(value) === "null");
}
