/**
 * The CDK app: `npm run synth -- -c name=value`, which writes to `cdk.out`, or `npx cdk deploy -c name=value`. Context:
 *
 * - `inputs`: the file of inputs (inputs.ts); `infra/example-inputs.json` shows all of them.
 * - `lance=stand-in`: leaves the native module out, for looking at the stack without the network.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks } from "cdk-nag";
import { settleArchitecture } from "./architecture.ts";
import { FEATURE_FLAGS } from "./feature-flags.ts";
import { makeHandlerCode } from "./handler-code.ts";
import { type Inputs, readInputs } from "./inputs.ts";
import { settingsOf } from "./settings.ts";
import { GraphformStack } from "./stack.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const DEFAULT_INPUTS = "graphform.inputs.json";

type Lance = "install" | "stand-in";

function inputsOrExit(path: string, lance: Lance): Inputs {
  if (!existsSync(path)) {
    return exit([`There is no file ${path}. Copy infra/example-inputs.json there and change it.`]);
  }
  const reading = readInputs(readFileSync(path, "utf8"), lance);
  if (reading.tag === "inputs") return reading.inputs;
  return exit([`${path} cannot be used:`, ...reading.problems.map((problem) => `  ${problem}`)]);
}

function settledOrExit(asked: Inputs, lance: Lance) {
  const settling = settleArchitecture(asked, lance);
  return settling.tag === "settled" ? settling : exit([settling.problem]);
}

function exit(lines: readonly string[]): never {
  process.stderr.write(`${lines.join("\n")}\n`);
  process.exit(1);
}

/** What `-c` says on the command line of this program; the CDK command hands it on in its own way. */
function contextArguments(): Readonly<Record<string, string>> {
  const options = {
    context: { type: "string", short: "c", multiple: true, default: [] as string[] },
  } as const;
  const values = parsedOrExit(() => parseArgs({ options }).values);
  return Object.fromEntries(
    values.context.map((each) => {
      const [name = "", ...value] = each.split("=");
      return [name, value.join("=")];
    }),
  );
}

function parsedOrExit<Parsed>(parse: () => Parsed): Parsed {
  try {
    return parse();
  } catch (error) {
    const usage = "Only -c NAME=VALUE is understood. The folder that is written to is named by CDK_OUTDIR.";
    return exit([error instanceof Error ? error.message : String(error), usage]);
  }
}

const app = new App({
  context: { ...FEATURE_FLAGS, ...contextArguments() },
  outdir: process.env["CDK_OUTDIR"] ?? join(ROOT, "cdk.out"),
});
const lance: Lance = app.node.tryGetContext("lance") === "stand-in" ? "stand-in" : "install";
const asked = inputsOrExit(String(app.node.tryGetContext("inputs") ?? DEFAULT_INPUTS), lance);
const { inputs, note } = settledOrExit(asked, lance);
if (note !== null) process.stderr.write(`${note}\n`);
const code = await makeHandlerCode({
  folder: join(ROOT, "node_modules", ".cache", "graphform-functions"),
  settings: settingsOf(inputs),
  architecture: inputs.architecture,
  lance,
});
new GraphformStack(app, inputs, code);
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
app.synth();
