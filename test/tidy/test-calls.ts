/** The calls of `test`, `it` and `describe` in a file, with their titles. */
import type { SourceFile } from "./source-tree.ts";
import type { Node, Syntax } from "./syntax.ts";
import { lineOf } from "./syntax.ts";

export interface TestCall {
  /** `test`, `test.each`, `describe.skip` and so on. */
  readonly name: string;
  /** The title as written, with its placeholders; null when it is not a literal. */
  readonly title: string | null;
  /** The titles of the suites around it. */
  readonly suites: readonly string[];
  readonly line: number;
}

/** Every call that declares a test or a suite. */
export function testCallsOf(file: SourceFile): readonly TestCall[] {
  const syntax = file.syntax();
  return syntax.nodes.flatMap((node) => {
    const call = declaration(node);
    return call === null ? [] : [{ ...call, suites: suitesAround(syntax, node) }];
  });
}

function declaration(node: Node): Omit<TestCall, "suites"> | null {
  if (node.type !== "CallExpression") return null;
  const name = calleeName(node.callee);
  if (!/^(test|it|describe)(\.|$)/.test(name)) return null;
  // `test.each(rows)` is itself a call; the title is the first argument of the call around it.
  if (/\.(each|for|runIf|skipIf)$/.test(name) && node.callee.type === "MemberExpression") return null;
  return { name, title: literalText(node.arguments[0]), line: lineOf(node) };
}

function suitesAround(syntax: Syntax, node: Node): readonly string[] {
  const titles: string[] = [];
  for (let parent = syntax.parentOf(node); parent !== null; parent = syntax.parentOf(parent)) {
    const call = declaration(parent);
    if (call?.name.startsWith("describe") && call.title !== null) titles.unshift(call.title);
  }
  return titles;
}

function calleeName(node: Node): string {
  switch (node.type) {
    case "Identifier":
      return node.name;
    case "MemberExpression": {
      const object = calleeName(node.object);
      return object === "" || node.property.type !== "Identifier" ? "" : `${object}.${node.property.name}`;
    }
    case "CallExpression":
      return calleeName(node.callee);
    case "TaggedTemplateExpression":
      return calleeName(node.tag);
    default:
      return "";
  }
}

function literalText(node: Node | undefined): string | null {
  if (node?.type === "StringLiteral") return node.value;
  if (node?.type === "TemplateLiteral") return node.quasis.map((part) => part.value.raw).join("%s");
  return null;
}
