/**
 * Reading a YAML document: bytes in; a tree with positions, or every reason why there is none, out.
 *
 * Guarantees: total. The size and depth gate runs before the parser (reliability 4.2); the parser's errors are all
 * reported, not only the first; tags and further documents are refused; aliases are followed with sharing, so an
 * alias bomb costs nothing and is refused by its expanded size. Duplicate keys come from the parsed tree, so that
 * quotes, anchors, flow style and block scalars neither hide nor invent one (W22).
 */
import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLParseError,
} from "yaml";
import { type Diagnostic, diagnostic, type SourcePosition } from "../diagnostic/diagnostic.ts";
import { guardYaml } from "../diagnostic/yaml-guard.ts";
import {
  CONFIG_BYTES_MAX,
  CONFIG_DEPTH_MAX,
  CONFIG_DIAGNOSTICS_MAX,
  CONFIG_EXPANDED_NODES_MAX,
  CONFIG_NODES_MAX,
} from "./limits.ts";
import type { YamlEntry, YamlValue } from "./yaml-value.ts";

export interface YamlDocument {
  /** The tree, or null if the document is empty or its syntax is broken. */
  readonly root: YamlValue | null;
  /** Repeated keys: `duplicate_yaml_key`. */
  readonly duplicates: readonly Diagnostic[];
  /** Everything else that is wrong with the text: `invalid_cluster_yaml`. */
  readonly errors: readonly Diagnostic[];
}

/** Parses `text`, the content of `file`. */
export function parseYaml(text: string, file: string): YamlDocument {
  const refusal = refuseText(text, file);
  if (refusal !== null) return { root: null, duplicates: [], errors: [refusal] };
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: "1.2",
    schema: "failsafe",
    merge: false,
    uniqueKeys: false,
    strict: true,
    prettyErrors: false,
    logLevel: "error",
    lineCounter: lines,
  });
  const reader = new TreeReader(file, lines);
  const root = document.contents === null ? null : reader.read(document.contents as Node, "");
  const syntax = document.errors
    .slice(0, CONFIG_DIAGNOSTICS_MAX)
    .map((error) =>
      invalidYaml(`cluster.yaml is not valid YAML: ${syntaxReason(error)}`, reader.position(error.pos[0])),
    );
  if (syntax.length > 0) {
    // After the first syntax error the parser guesses, so only what it saw before is worth telling.
    const firstOffset = document.errors.reduce((least, error) => Math.min(least, error.pos[0]), text.length);
    return { root: null, duplicates: reader.duplicatesBefore(firstOffset), errors: syntax };
  }
  const errors = reader.errors.slice(0, CONFIG_DIAGNOSTICS_MAX);
  if (root !== null && root.size > CONFIG_EXPANDED_NODES_MAX) {
    const message = `cluster.yaml holds more than ${CONFIG_EXPANDED_NODES_MAX} values once its aliases are followed`;
    errors.push(invalidYaml(message, root.at));
  }
  return { root: errors.length > 0 ? null : root, duplicates: reader.duplicatesBefore(text.length), errors };
}

/** A violation of the document's form; all of them share code and path (spec/cluster 2.1). */
export function invalidYaml(message: string, source: SourcePosition, fix?: string): Diagnostic {
  return diagnostic("invalid_cluster_yaml", { path: "cluster.yaml", message, source, fix });
}

const LINE_FEED = 0x0a;
/** Below the space, YAML allows only these. */
const ALLOWED_CONTROLS: ReadonlySet<number> = new Set([0x09, LINE_FEED, 0x0d]);

function refuseText(text: string, file: string): Diagnostic | null {
  const verdict = guardYaml(text, file, {
    bytes_max: CONFIG_BYTES_MAX,
    depth_max: CONFIG_DEPTH_MAX,
    nodes_max: CONFIG_NODES_MAX,
  });
  if (verdict.tag === "refused") return invalidYaml(`cluster.yaml: ${verdict.message}.`, verdict.position);
  let line = 1;
  let lineStart = 0;
  for (let offset = 0; offset < text.length; offset += 1) {
    const code = text.charCodeAt(offset);
    if (code === LINE_FEED) {
      line += 1;
      lineStart = offset + 1;
    } else if (code < 0x20 && !ALLOWED_CONTROLS.has(code)) {
      const name = `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
      const at = { file, line, column: offset - lineStart + 1 };
      return invalidYaml(`cluster.yaml holds the control character ${name}, which YAML does not allow.`, at);
    }
  }
  return null;
}

function syntaxReason({ code, message }: YAMLParseError): string {
  if (code === "MULTIPLE_DOCS") return "a second document begins here, and only one is allowed.";
  return message.endsWith(".") ? message : `${message}.`;
}

interface FoundDuplicate {
  readonly offset: number;
  readonly diagnostic: Diagnostic;
}

/** Walks the parser's nodes once, in document order, so that an anchor is always known before its aliases. */
class TreeReader {
  readonly errors: Diagnostic[] = [];
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #anchors = new Map<string, YamlValue | "open">();
  readonly #duplicates: FoundDuplicate[] = [];

  constructor(file: string, lines: LineCounter) {
    this.#file = file;
    this.#lines = lines;
  }

  /** In file order; so many that nobody would read the rest are enough. */
  duplicatesBefore(offset: number): readonly Diagnostic[] {
    const before = this.#duplicates.filter((each) => each.offset < offset);
    const inOrder = before.sort((a, b) => a.offset - b.offset).slice(0, CONFIG_DIAGNOSTICS_MAX);
    return inOrder.map((each) => each.diagnostic);
  }

  position(offset: number): SourcePosition {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  /** The value of `node`; `path` is its dotted key path. */
  read(node: Node, path: string): YamlValue {
    const at = this.position(node.range?.[0] ?? 0);
    if (isAlias(node)) return this.#follow(node.source, at);
    if (node.tag !== undefined) {
      this.errors.push(invalidYaml(`The tag \`${node.tag}\` is not allowed.`, at, "Remove the tag."));
    }
    const anchor = isScalar(node) || isCollection(node) ? node.anchor : undefined;
    if (anchor !== undefined) this.#anchors.set(anchor, "open");
    const value = this.#readContent(node, path, at);
    if (anchor !== undefined) this.#anchors.set(anchor, value);
    return value;
  }

  #readContent(node: Node, path: string, at: SourcePosition): YamlValue {
    if (isMap(node)) return this.#readMap(node.items as readonly ParsedPair[], path, at);
    if (isCollection(node)) {
      const items = (node.items as readonly Node[]).map((item) => this.read(item, `${path}[]`));
      return { tag: "list", at, size: sizeOf(items), items };
    }
    return readScalar(node as Scalar, at);
  }

  #readMap(pairs: readonly ParsedPair[], path: string, at: SourcePosition): YamlValue {
    const entries = new Map<string, YamlEntry>();
    for (const pair of pairs) {
      const keyOffset = pair.key.range?.[0] ?? 0;
      const keyAt = this.position(keyOffset);
      const key = this.#readKey(pair.key, keyAt);
      if (key === null) continue;
      const keyPath = path === "" ? key : `${path}.${key}`;
      const value: YamlValue =
        pair.value === null ? { tag: "empty", at: keyAt, size: 1 } : this.read(pair.value, keyPath);
      const first = entries.get(key);
      if (first === undefined) entries.set(key, { key, key_at: keyAt, value });
      else
        this.#duplicates.push({ offset: keyOffset, diagnostic: duplicateKey(keyPath, keyAt, first.key_at) });
    }
    const list = [...entries.values()];
    return { tag: "map", at, size: sizeOf(list.map((entry) => entry.value)), entries: list };
  }

  /** The text of a key, or null after saying why there is none. */
  #readKey(node: Node, at: SourcePosition): string | null {
    const value = this.read(node, "");
    if (value.tag === "scalar") return value.text;
    if (value.tag === "empty") return "";
    this.errors.push(invalidYaml("A key must be a text, not a list or a mapping.", at));
    return null;
  }

  #follow(name: string, at: SourcePosition): YamlValue {
    const target = this.#anchors.get(name);
    if (target !== undefined && target !== "open") return target;
    const why = target === "open" ? "stands inside the value that it names" : "names no earlier anchor";
    this.errors.push(invalidYaml(`The alias \`*${name}\` ${why}.`, at));
    return { tag: "empty", at, size: 1 };
  }
}

interface ParsedPair {
  readonly key: Node;
  readonly value: Node | null;
}

function readScalar(node: Scalar, at: SourcePosition): YamlValue {
  const text = String(node.value ?? "");
  const plain = node.type === "PLAIN" || node.type === undefined;
  return plain && text === "" ? { tag: "empty", at, size: 1 } : { tag: "scalar", at, size: 1, text, plain };
}

function sizeOf(values: readonly YamlValue[]): number {
  return values.reduce((sum, value) => sum + value.size, 1);
}

function duplicateKey(path: string, at: SourcePosition, first: SourcePosition): Diagnostic {
  return diagnostic("duplicate_yaml_key", {
    path,
    message: `The key \`${path}\` on line ${at.line} was already given on line ${first.line}.`,
    source: at,
  });
}
