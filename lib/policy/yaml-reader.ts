/**
 * YamlReader: takes a policy file apart, value by value, with the position of each (spec/policy 1.4).
 *
 * Guarantees: no value is ever given another type than text: `012345678901` stays an account id. Aliases mean what
 * they name, merge keys are ordinary keys, a key that stands twice in one mapping is reported. Everything that does
 * not fit is collected in `problems` and read as null, so that the caller sees all of it at once. The work is
 * bounded by POLICY_VALUES_MAX, however often aliases repeat a value.
 */
import type { Alias, Document, LineCounter, Node, Pair } from "yaml";
import { isAlias, isMap, isNode, isScalar, isSeq, visit } from "yaml";
import type { Diagnostic, DiagnosticCode, SourcePosition } from "../diagnostic/diagnostic.ts";
import { diagnostic } from "../diagnostic/diagnostic.ts";
import { POLICY_VALUES_MAX } from "./limits.ts";

/** A value of the file and where it stands. `path` leads to it from the root: `rules[0].allow.actions[1]`. */
export interface Located<Value> {
  readonly value: Value;
  readonly path: string;
  readonly source: SourcePosition;
}

/** A node that has not been read yet; null: a key of a flow mapping without a value. */
export type Slot = Located<Node | null>;

/** The fields of a mapping whose keys are known in advance. */
export type Fields = ReadonlyMap<string, Slot>;

const KNOWN_TAGS: ReadonlySet<string | undefined> = new Set([
  undefined,
  "!",
  "tag:yaml.org,2002:str",
  "tag:yaml.org,2002:map",
  "tag:yaml.org,2002:seq",
]);
const NULL_WORDS: ReadonlySet<string> = new Set(["~", "null", "Null", "NULL"]);
/** Control characters, marks that turn the direction of writing, halves of surrogate pairs. */
const UNSEEN = /[\p{Cc}\p{Bidi_Control}\p{Surrogate}]/u;

export class YamlReader {
  readonly problems: Diagnostic[] = [];
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #targets: ReadonlyMap<Alias, Node>;
  #values = 0;

  constructor(document: Document, lines: LineCounter, file: string) {
    this.#file = file;
    this.#lines = lines;
    this.#targets = resolveAliases(document);
  }

  /** The place of the character at `offset`. */
  positionAt(offset: number): SourcePosition {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line, column: col };
  }

  /** The whole document. */
  root(document: Document): Slot {
    const node = document.contents;
    return { value: node, path: "", source: this.positionAt(node?.range?.[0] ?? 0) };
  }

  report(code: DiagnosticCode, place: Located<unknown>, message: string): null {
    this.problems.push(diagnostic(code, { path: place.path, message, source: place.source }));
    return null;
  }

  /** Reads a mapping with the keys `known`; others are reported, and so is each of `required` that is missing. */
  fields(slot: Slot, what: string, known: readonly string[], required: readonly string[]): Fields | null {
    const entries = this.entries(slot, what);
    if (entries === null) return null;
    const fields = new Map<string, Slot>();
    for (const { key, slot: field } of entries) {
      if (known.includes(key.value)) fields.set(key.value, field);
      else
        this.report(
          "policy_shape",
          key,
          `unknown field '${key.value}' in ${what}, expected ${listing(known)}`,
        );
    }
    for (const name of required) {
      if (!fields.has(name)) this.report("policy_shape", slot, `missing field '${name}' in ${what}`);
    }
    return fields;
  }

  /** Reads a mapping with free keys; nothing at all means an empty one. */
  entries(slot: Slot, what: string): readonly { key: Located<string>; slot: Slot }[] | null {
    const node = this.#open(slot);
    if (node === undefined) return null;
    if (isEmptyNode(node)) return [];
    if (!isMap(node)) return this.#wrongType(slot, what, "a mapping");
    const seen = new Set<string>();
    const entries: { key: Located<string>; slot: Slot }[] = [];
    for (const pair of node.items) {
      const key = this.#key(pair, slot);
      if (key === null) continue;
      if (seen.has(key.value)) this.report("policy_shape", key, `duplicate key '${key.value}' in ${what}`);
      else entries.push({ key, slot: this.#slot(pair.value, key.path, key.source) });
      seen.add(key.value);
    }
    return entries;
  }

  /** Reads a list; nothing at all means an empty one. */
  items(slot: Slot, what: string): readonly Slot[] | null {
    const node = this.#open(slot);
    if (node === undefined) return null;
    if (isEmptyNode(node)) return [];
    if (!isSeq(node)) return this.#wrongType(slot, what, "a list");
    return node.items.map((item, index) => this.#slot(item, `${slot.path}[${index}]`, slot.source));
  }

  /** Reads text exactly as written; nothing at all means empty text. Characters that nobody can see are refused. */
  text(slot: Slot, what: string): Located<string> | null {
    const node = this.#open(slot);
    if (node === undefined) return null;
    if (node === null) return { ...slot, value: "" };
    if (!isScalar(node)) return this.#wrongType(slot, what, "a string");
    const value = String(node.value);
    if (UNSEEN.test(value)) {
      return this.report("policy_shape", slot, `${what} contains a character that a reviewer cannot see`);
    }
    return { ...slot, value };
  }

  /** Reads text that may be left out: nothing, `~` and `null` are null. */
  optionalText(slot: Slot | undefined, what: string): Located<string> | null {
    if (slot === undefined) return null;
    const node = this.#resolve(slot.value);
    if (isEmptyNode(node) || (isPlain(node) && NULL_WORDS.has(node.source))) return null;
    return this.text(slot, what);
  }

  /** The source text if the value is a scalar without quotes, else null. */
  plainText(slot: Slot): string | null {
    const node = this.#resolve(slot.value);
    return isPlain(node) ? node.source : null;
  }

  #key(pair: Pair, owner: Slot): Located<string> | null {
    const slot = this.#slot(pair.key, owner.path, owner.source);
    const key = this.text(slot, "a key");
    if (key === null) return null;
    return { ...key, path: owner.path === "" ? key.value : `${owner.path}.${key.value}` };
  }

  #slot(value: unknown, path: string, fallback: SourcePosition): Slot {
    const node = isNode(value) ? value : null;
    return { value: node, path, source: node?.range ? this.positionAt(node.range[0]) : fallback };
  }

  /** The node of `slot`, null for none, undefined when it is unreadable and reported as such. */
  #open(slot: Slot): Node | null | undefined {
    this.#values += 1;
    if (this.#values > POLICY_VALUES_MAX) {
      const first = this.#values === POLICY_VALUES_MAX + 1;
      if (first)
        this.report("policy_limit_exceeded", slot, `aliases repeat more than ${POLICY_VALUES_MAX} values`);
      return undefined;
    }
    const node = this.#resolve(slot.value);
    if (isAlias(node)) {
      this.report("policy_shape", slot, `the alias '*${node.source}' names no anchor before it`);
      return undefined;
    }
    if (node === null || KNOWN_TAGS.has(node.tag)) return node;
    this.report("policy_shape", slot, `the tag '${node.tag}' is not understood here`);
    return undefined;
  }

  #resolve(node: Node | null): Node | null {
    return isAlias(node) ? (this.#targets.get(node) ?? node) : node;
  }

  #wrongType(slot: Slot, what: string, expected: string): null {
    const node = this.#resolve(slot.value);
    const found = isMap(node)
      ? "a mapping"
      : isSeq(node)
        ? "a list"
        : `'${isScalar(node) ? node.value : ""}'`;
    return this.report("policy_shape", slot, `invalid type: ${what} is ${found}, expected ${expected}`);
  }
}

function isPlain(node: Node | null): node is Node & { source: string } {
  return isScalar(node) && node.type === "PLAIN" && typeof node.source === "string";
}

/** True for a value that is not there: `groups:` and the end of the line. */
function isEmptyNode(node: Node | null): boolean {
  return node === null || (isPlain(node) && node.source === "");
}

function listing(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(" or ");
}

/** What each alias stands for: the latest node before it that carries its anchor. One walk, in document order. */
function resolveAliases(document: Document): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Alias(_, alias) {
      const target = anchors.get(alias.source);
      if (target !== undefined) targets.set(alias, target);
    },
    Value(_, node) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}
