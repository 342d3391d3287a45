/** Syntax: the tree of one TypeScript file, flattened, so that a rule is a filter over nodes. */
import { parse } from "@babel/parser";
import type { Comment, Node } from "@babel/types";

export type { Comment, Node };

export interface Syntax {
  /** Every node, parents before children. */
  readonly nodes: readonly Node[];
  readonly comments: readonly Comment[];
  parentOf(node: Node): Node | null;
}

/** Parses `text`; a file that does not parse fails the test with its path. */
export function parseSyntax(path: string, text: string): Syntax {
  const file = parse(text, {
    sourceType: "module",
    sourceFilename: path,
    plugins: ["typescript"],
    // Examples of rules are fragments.
    allowReturnOutsideFunction: true,
  });
  const parents = new Map<Node, Node | null>();
  collect(file.program, null, parents);
  return {
    nodes: [...parents.keys()],
    comments: file.comments ?? [],
    parentOf: (node) => parents.get(node) ?? null,
  };
}

const NOT_CHILDREN: ReadonlySet<string> = new Set([
  "loc",
  "leadingComments",
  "trailingComments",
  "innerComments",
  "extra",
]);

function collect(node: Node, parent: Node | null, parents: Map<Node, Node | null>): void {
  parents.set(node, parent);
  for (const [name, value] of Object.entries(node)) {
    if (NOT_CHILDREN.has(name)) continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) collect(child, node, parents);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value && "loc" in value;
}

/** The line that `node` begins on. */
export function lineOf(node: Node | Comment): number {
  return node.loc?.start.line ?? 1;
}

/** The line that `node` ends on. */
export function endLineOf(node: Node | Comment): number {
  return node.loc?.end.line ?? 1;
}

/** The dotted name that `node` spells (`process.env`), or an empty text. */
export function dottedName(node: Node | null | undefined): string {
  if (node?.type === "Identifier") return node.name;
  if (node?.type === "ThisExpression") return "this";
  if (node?.type !== "MemberExpression" || node.computed || node.property.type !== "Identifier") return "";
  const object = dottedName(node.object);
  return object === "" ? "" : `${object}.${node.property.name}`;
}

export interface Imported {
  readonly specifier: string;
  readonly typeOnly: boolean;
  readonly line: number;
}

/** Everything that the file imports or re-exports, `import()` included. */
export function importsOf(syntax: Syntax): readonly Imported[] {
  return syntax.nodes.flatMap((node) => {
    const source = sourceOf(node);
    if (source?.type !== "StringLiteral") return [];
    const typeOnly =
      (node.type === "ImportDeclaration" && node.importKind === "type") ||
      (node.type === "ExportNamedDeclaration" && node.exportKind === "type") ||
      node.type === "TSImportType";
    return [{ specifier: source.value, typeOnly, line: lineOf(node) }];
  });
}

function sourceOf(node: Node): Node | null | undefined {
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportAllDeclaration":
    case "ExportNamedDeclaration":
      return node.source;
    case "ImportExpression":
      return node.source;
    case "CallExpression":
      return node.callee.type === "Import" ? node.arguments[0] : null;
    case "TSImportType":
      return node.argument;
    default:
      return null;
  }
}
