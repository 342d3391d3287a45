/**
 * The gate before every YAML parser: it refuses text that is too large, nested too deeply or made of too many parts,
 * with the position of the first excess.
 *
 * Guarantees: pure; time and memory linear in the size; no recursion, whatever the text. The parser behind it
 * recurses once per level, and a deep enough document ends the whole process there in a way that no handler can catch
 * (reliability 4.2): nothing reaches that parser before this gate said "safe". The text is cut into tokens by the
 * parser's own lexer, which is a flat loop, so that the gate and the parser cannot disagree on what is a bracket and
 * what is a letter of a quoted scalar, of a block scalar or of a comment.
 *
 * "safe" says nothing about whether the text is YAML at all: the parser decides that.
 */
import { CST, Lexer } from "yaml";
import type { SourcePosition } from "./diagnostic.ts";
import { YAML_DEPTH_MAX } from "./limits.ts";

/** What a YAML file may hold; every caller brings its own figures. */
export interface YamlLimits {
  /** Size of the file, in bytes of UTF-8. */
  readonly bytes_max: number;
  /** Levels of nesting: block and flow collections inside each other. Never above YAML_DEPTH_MAX. */
  readonly depth_max: number;
  /** Scalars, indicators, anchors, aliases and tags together: everything but spaces, line ends and comments. */
  readonly nodes_max: number;
}

export type YamlVerdict =
  | { readonly tag: "safe" }
  | { readonly tag: "refused"; readonly message: string; readonly position: SourcePosition };

/** Says whether `text` may be given to a YAML parser. */
export function guardYaml(text: string, file: string, limits: YamlLimits): YamlVerdict {
  const bytes = Buffer.byteLength(text, "utf8");
  if (bytes > limits.bytes_max) {
    return {
      tag: "refused",
      message: `the file has ${bytes} bytes; at most ${limits.bytes_max} are allowed`,
      position: { file, line: 1, column: 1 },
    };
  }
  const depthMax = Math.min(limits.depth_max, YAML_DEPTH_MAX);
  const place: Place = { line: 1, column: 1 };
  const nesting = new Nesting();
  let nodes = 0;
  let scalarFollows = false;
  for (const source of new Lexer().lex(text)) {
    if (source === CST.SCALAR) {
      scalarFollows = true;
      continue;
    }
    const type = scalarFollows ? "scalar" : (CST.tokenType(source) ?? "scalar");
    scalarFollows = false;
    nesting.enter(type, place.column);
    if (!UNCOUNTED.has(type)) nodes += 1;
    const excess = findExcess(nesting.depth(), depthMax, nodes, limits.nodes_max);
    if (excess !== null) return { tag: "refused", message: excess, position: { file, ...place } };
    if (type !== "doc-mode" && type !== "flow-error-end") advance(place, source);
  }
  return { tag: "safe" };
}

const UNCOUNTED: ReadonlySet<string> = new Set(["space", "newline", "comment", "doc-mode", "flow-error-end"]);

function findExcess(depth: number, depthMax: number, nodes: number, nodesMax: number): string | null {
  if (depth > depthMax) return `collections are nested more than ${depthMax} levels deep here`;
  if (nodes > nodesMax) return `the file holds more than ${nodesMax} parts; the excess begins here`;
  return null;
}

interface Place {
  line: number;
  column: number;
}

/** Moves `place` over `source`, the exact text of one token. */
function advance(place: Place, source: string): void {
  let lineStart = 0;
  for (let end = source.indexOf("\n"); end !== -1; end = source.indexOf("\n", lineStart)) {
    place.line += 1;
    place.column = 1;
    lineStart = end + 1;
  }
  place.column += source.length - lineStart;
}

interface OpenBlock {
  readonly kind: "map" | "seq";
  readonly column: number;
}

/** One open bracket. The entry that is being read may be pairs or items inside each other without brackets. */
interface OpenFlow {
  readonly kind: "map" | "seq";
  /** `:` of the entry that is being read. */
  values: number;
  /** The entry began with `?` or `-`. */
  marked: boolean;
}

/** Levels that the entry adds below its bracket: an entry of a sequence may be a pair, whose value may be a pair. */
function entryLevels(flow: OpenFlow): number {
  if (flow.kind === "map") return Math.max(0, flow.values - 1);
  return flow.values + (flow.marked ? 1 : 0);
}

/**
 * The collections that are open at one place. A block collection is known by the column of its items: an item at a
 * larger column opens one, a smaller column closes those right of it, and a sequence may stand at the column of the
 * map that holds it. Inside brackets the brackets count, and what an entry may nest without them.
 */
class Nesting {
  #blocks: OpenBlock[] = [];
  #flows: OpenFlow[] = [];
  /** The sum of `entryLevels` of all open brackets. */
  #entryDepth = 0;
  /** Where the node on this line began that a later `:` would make a key. */
  #nodeColumn: number | null = null;

  depth(): number {
    return this.#blocks.length + this.#flows.length + this.#entryDepth;
  }

  /** Takes in a token that begins at `column`. */
  enter(type: string, column: number): void {
    const flow = this.#flows.at(-1);
    if (type === "flow-error-end" || type === "doc-start" || type === "doc-end") {
      this.#flows = [];
      this.#entryDepth = 0;
      if (type !== "flow-error-end") this.#blocks = [];
    } else if (type === "flow-map-start" || type === "flow-seq-start") {
      if (flow === undefined) this.#nodeColumn ??= column;
      this.#flows.push({ kind: type === "flow-map-start" ? "map" : "seq", values: 0, marked: false });
    } else if (flow === undefined) {
      this.#enterBlock(type, column);
    } else {
      this.#enterFlow(flow, type);
    }
  }

  #enterFlow(flow: OpenFlow, type: string): void {
    this.#entryDepth -= entryLevels(flow);
    if (type === "flow-map-end" || type === "flow-seq-end") {
      this.#flows.pop();
      return;
    }
    if (type === "comma") {
      flow.values = 0;
      flow.marked = false;
    } else if (type === "map-value-ind") {
      flow.values += 1;
    } else if (type === "explicit-key-ind" || type === "seq-item-ind") {
      flow.marked = true;
    }
    this.#entryDepth += entryLevels(flow);
  }

  #enterBlock(type: string, column: number): void {
    if (type === "newline") this.#nodeColumn = null;
    else if (type === "seq-item-ind") this.#open("seq", column);
    else if (type === "explicit-key-ind") this.#open("map", column);
    else if (type === "map-value-ind") this.#open("map", this.#nodeColumn ?? column);
    else if (!UNCOUNTED.has(type)) this.#nodeColumn ??= column;
  }

  #open(kind: "map" | "seq", column: number): void {
    this.#nodeColumn = null;
    const blocks = this.#blocks;
    let top = blocks.at(-1);
    while (top !== undefined && (top.column > column || (top.column === column && top.kind !== kind))) {
      if (top.column === column && kind === "seq") break;
      blocks.pop();
      top = blocks.at(-1);
    }
    if (top === undefined || top.column < column || top.kind !== kind) blocks.push({ kind, column });
  }
}
