/** Unions are closed: a switch over a tag says so at its end (style 7.6). */
import type { TidyRule } from "./rule.ts";
import type { SourceFile } from "./source-tree.ts";
import type { Node } from "./syntax.ts";
import { lineOf } from "./syntax.ts";

export const switchesAreClosed: TidyRule = {
  guarantee:
    "every switch over a tag or kind ends in assertNever, or ends a function that must return a value",
  check: (tree) =>
    tree.typescript("lib/", "cli/", "functions/").flatMap((file) =>
      file
        .syntax()
        .nodes.filter(
          (node) => node.type === "SwitchStatement" && isTag(node.discriminant) && !isClosed(file, node),
        )
        .map((node) => ({
          path: file.path,
          line: lineOf(node),
          message:
            "end the switch with default: return assertNever(...), so that a new variant is an error here",
        })),
    ),
  caught: [
    {
      files: {
        "lib/a/a.ts": 'function a(b: B): void {\n  switch (b.tag) {\n    case "c":\n      d();\n  }\n}',
      },
      path: "lib/a/a.ts",
      line: 2,
      says: "assertNever",
    },
    {
      files: { "lib/a/a.ts": 'switch (a.tag) {\n  case "b":\n    c();\n}' },
      path: "lib/a/a.ts",
      line: 1,
      says: "assertNever",
    },
    {
      files: { "cli/a.ts": "\nswitch (a.kind) {\n  default:\n    c();\n}" },
      path: "cli/a.ts",
      line: 2,
      says: "assertNever",
    },
  ],
  spared: [
    { "lib/a/a.ts": 'switch (a.kind) {\n  case "b":\n    break;\n  default:\n    scalar(a.kind);\n}' },
    {
      "lib/a/a.ts":
        'function a(b: B): string {\n  switch (b.tag) {\n    case "c":\n      return "d";\n  }\n}',
    },
    { "lib/a/a.ts": 'switch (a.tag) {\n  case "b":\n    break;\n  default:\n    assertNever(a);\n}' },
    { "lib/a/a.ts": 'switch (character) {\n  case "b":\n    break;\n}', "test/a.ts": "switch (a.tag) {\n}" },
  ],
};

function isTag(node: Node): boolean {
  return (
    node.type === "MemberExpression" &&
    node.property.type === "Identifier" &&
    /^(tag|kind)$/.test(node.property.name)
  );
}

function isClosed(file: SourceFile, node: Node): boolean {
  if (node.type !== "SwitchStatement") return true;
  const last = node.cases.find((each) => each.test === null || each.test === undefined);
  if (last === undefined) return endsFunctionWithValue(file, node);
  // A rest that is handed on by its tag is checked by the type of whoever takes it.
  const discriminant = file.text.slice(node.discriminant.start ?? 0, node.discriminant.end ?? 0);
  const rest = file.text.slice(last.start ?? 0, last.end ?? 0);
  return rest.includes("assertNever(") || rest.includes(discriminant);
}

/** True if the compiler itself demands every case: the function must return something, and nothing follows. */
function endsFunctionWithValue(file: SourceFile, node: Node): boolean {
  const { parentOf } = file.syntax();
  const block = parentOf(node);
  const owner = block === null ? null : parentOf(block);
  if (block?.type !== "BlockStatement" || block.body.at(-1) !== node) return false;
  if (owner === null || !("returnType" in owner) || owner.returnType?.type !== "TSTypeAnnotation")
    return false;
  const type = file.text.slice(owner.returnType.start ?? 0, owner.returnType.end ?? 0);
  return !/\b(void|undefined|unknown)\b/.test(type);
}
