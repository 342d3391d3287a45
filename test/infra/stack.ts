/** The stack as tests see it: synthesised once, with stand-ins for everything that is bundled. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { type SettledInputs, settleArchitecture } from "../../infra/architecture.ts";
import { FEATURE_FLAGS } from "../../infra/feature-flags.ts";
import type { HandlerCode } from "../../infra/handler-code.ts";
import { HANDLER_NAMES } from "../../infra/handler-name.ts";
import { readInputs } from "../../infra/inputs.ts";
import { GraphformStack } from "../../infra/stack.ts";

/** What an operator has to say at least. */
export const LEAST_INPUTS = {
  format_version: 1,
  authorizer: { kind: "iam" },
  bootstrap_principal: "iam-role:arn:aws:iam::111122223333:role/admin",
} as const;

export function inputs(changes: Readonly<Record<string, unknown>> = {}): SettledInputs {
  const read = readInputs(JSON.stringify({ ...LEAST_INPUTS, ...changes }), "stand-in");
  if (read.tag === "invalid") throw new Error(read.problems.join("\n"));
  const settling = settleArchitecture(read.inputs, "stand-in");
  if (settling.tag === "unknown") throw new Error(settling.problem);
  return settling.inputs;
}

export interface TestStack {
  readonly app: App;
  readonly stack: GraphformStack;
  readonly template: Template;
}

export function testStack(changes: Readonly<Record<string, unknown>> = {}): TestStack {
  const app = new App({ context: FEATURE_FLAGS, outdir: mkdtempSync(join(tmpdir(), "graphform-cdk-")) });
  const stack = new GraphformStack(app, inputs(changes), standIns());
  return { app, stack, template: Template.fromStack(stack) };
}

function standIns(): HandlerCode {
  const root = mkdtempSync(join(tmpdir(), "graphform-code-"));
  const folder = (name: string): string => {
    const path = join(root, name);
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "index.mjs"), `// ${name}\n`);
    return path;
  };
  return {
    handlers: Object.fromEntries(
      HANDLER_NAMES.map((name) => [name, folder(name)]),
    ) as HandlerCode["handlers"],
    layers: { settings: folder("settings"), cedar: folder("cedar"), lance: folder("lance") },
  };
}

/** What stands at a place of a template, or undefined. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce(
    (inner, name) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, name) : undefined),
    value,
  );
}
