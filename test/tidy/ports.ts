/** A port is an interface whose comments are its contract, with a suite that holds every adapter to it (style 7.4, 7.5). */
import type { TidyRule } from "./rule.ts";
import type { SourceFile } from "./source-tree.ts";
import type { Node } from "./syntax.ts";
import { lineOf } from "./syntax.ts";

/** A call whose end may be unknown. */
const OUTCOME = /Promise<\w*(Outcome|Result|Read)/;

export const portsAreContracts: TidyRule = {
  guarantee: "every method of a port has a doc comment",
  check: (tree) =>
    tree.typescript("lib/ports/").flatMap((file) =>
      portMethods(file)
        .filter((node) => !(node.leadingComments ?? []).some((comment) => comment.value.startsWith("*")))
        .map((node) => ({
          path: file.path,
          line: lineOf(node),
          message:
            "say what is atomic, what each outcome means and what may be repeated, in a doc comment of the method",
        })),
    ),
  caught: [
    {
      files: { "lib/ports/a.ts": "export interface A {\n  b(): Promise<void>;\n}" },
      path: "lib/ports/a.ts",
      line: 2,
      says: "what is atomic",
    },
    {
      files: { "lib/ports/a.ts": "export interface A {\n  // Not a doc comment.\n  b(): void;\n}" },
      path: "lib/ports/a.ts",
      line: 3,
      says: "what is atomic",
    },
  ],
  spared: [
    {
      "lib/ports/a.ts":
        "export interface A {\n  /** Reads b. */\n  b(): Promise<void>;\n  readonly c: string;\n}",
      "lib/a/a.ts": "interface A {\n  b(): void;\n}",
    },
  ],
};

export const portsHaveSuites: TidyRule = {
  guarantee: "every port with calls that can fail has a contract suite that its adapters run",
  check: (tree) =>
    tree
      .typescript("lib/ports/")
      .filter((file) =>
        portMethods(file).some((node) => OUTCOME.test(file.text.slice(node.start ?? 0, node.end ?? 0))),
      )
      .flatMap((file) => {
        const name = file.path.slice("lib/ports/".length, -".ts".length);
        const suite = `test/contract/${name}.contract.ts`;
        return tree.find(suite) === undefined
          ? [{ path: file.path, line: 1, message: `write ${suite} and run it on every adapter` }]
          : [];
      }),
  caught: [
    {
      files: { "lib/ports/a.ts": "export interface A {\n  b(): Promise<Outcome<void>>;\n}" },
      path: "lib/ports/a.ts",
      line: 1,
      says: "test/contract/a.contract.ts",
    },
  ],
  spared: [
    {
      "lib/ports/a.ts": "export interface A {\n  b(): Promise<Outcome<void>>;\n}",
      "test/contract/a.contract.ts": "",
    },
    { "lib/ports/a.ts": "export interface A {\n  b(): string;\n}" },
  ],
};

function portMethods(file: SourceFile): readonly Node[] {
  const { nodes } = file.syntax();
  return nodes.filter((node) => {
    if (node.type === "TSMethodSignature") return true;
    return (
      node.type === "TSPropertySignature" && node.typeAnnotation?.typeAnnotation.type === "TSFunctionType"
    );
  });
}
