/** The verbs around a deployment: to name it, to be one on this machine, and to ask what only a deployment answers. */
import { type Command, Option } from "commander";
import type { GraphId } from "../lib/digest/ids.ts";
import { durationArgument, graphId, portNumber } from "./arguments.ts";
import type { Verb } from "./command-context.ts";
import { examples } from "./help-examples.ts";

type RunVerb = (command: Command, verb: Verb) => Promise<void>;

export function addDeploymentVerbs(root: Command, run: RunVerb, runHere: RunVerb): void {
  addServe(root, runHere);
  addTargets(root, runHere);
  addQueries(root, run);
}

interface ServeFlags {
  readonly root: string;
  readonly port: number;
  readonly host: string;
  readonly tokens?: string;
  readonly settings?: string;
  readonly schedule: number;
}

function addServe(root: Command, runHere: RunVerb): void {
  root
    .command("serve")
    .requiredOption("--root <dir>", "folder that holds clusters, inbox and queues")
    .option("--port <port>", "0: whichever is free", portNumber, 7474)
    .option("--host <host>", "address to listen on; other machines need --tokens", "127.0.0.1")
    .option("--tokens <file>", "who may ask; without it one token is made and kept in the root")
    .option("--settings <file>", "settings of the deployment, as JSON")
    .addOption(
      new Option("--schedule <time>", "how often drift is looked for (30s, 5m, 1h)")
        .argParser(durationArgument)
        .default(300_000, "5m"),
    )
    .description("run a deployment on this machine: the API, the workers and the schedule in one process")
    .addHelpText(
      "after",
      examples([
        "graphform serve --root deployment",
        "GRAPHFORM_TOKEN=$(cat deployment/token) graphform plan --api http://127.0.0.1:7474",
      ]),
    )
    .action(async (flags: ServeFlags, command: Command) => {
      const { serve } = await import("./verbs/serve.ts");
      const { root: folder, port, host, tokens = null, settings = null, schedule } = flags;
      const options = { root: folder, port, host, tokens, settings, schedule_ms: schedule };
      await runHere(command, (context) => serve(context, options));
    });
}

interface AddFlags {
  readonly api: string;
  readonly cluster?: string;
  readonly auth?: "iam" | "token";
  readonly region?: string;
  readonly tokenEnv?: string;
}

function addTargets(root: Command, runHere: RunVerb): void {
  const targets = root
    .command("targets")
    .description("deployments by a short name, kept in ~/.graphform/config.yaml")
    .addHelpText(
      "after",
      examples([
        "graphform targets add prod --api https://abc123.execute-api.eu-west-1.amazonaws.com --auth iam",
        "graphform plan --on prod",
        "graphform targets use prod",
        "graphform targets use folder",
      ]),
    );
  targets
    .command("list", { isDefault: true })
    .description("the targets, and which one is in use")
    .action(async (_options: unknown, command: Command) => {
      const verbs = await import("./verbs/targets.ts");
      await runHere(command, verbs.listTargets);
    });
  targets
    .command("add")
    .argument("<name>", "lower-case letters, digits and hyphens")
    .addOption(new Option("--auth <kind>", "how callers prove who they are").choices(["iam", "token"]))
    .option("--region <region>", "region of the signature, with --auth iam")
    .option("--token-env <variable>", "variable that holds the token (default: GRAPHFORM_TOKEN)")
    .description("name the deployment at --api; its cluster with --cluster")
    .action(async (name: string, _flags: unknown, command: Command) => {
      const { addTarget } = await import("./verbs/targets.ts");
      const { api, cluster, auth, region, tokenEnv } = command.optsWithGlobals<Partial<AddFlags>>();
      await runHere(command, (context) =>
        addTarget(context, name, { api, cluster, auth, region, token_env: tokenEnv }),
      );
    });
  targets
    .command("use")
    .argument("<name>", "folder: the config folder again")
    .description("the target of commands that name none")
    .action(async (name: string, _flags: unknown, command: Command) => {
      const { useTarget } = await import("./verbs/targets.ts");
      await runHere(command, (context) => useTarget(context, name));
    });
  targets
    .command("remove")
    .argument("<name>")
    .description("forget a target; the deployment is not touched")
    .action(async (name: string, _flags: unknown, command: Command) => {
      const { removeTarget } = await import("./verbs/targets.ts");
      await runHere(command, (context) => removeTarget(context, name));
    });
}

function addQueries(root: Command, run: RunVerb): void {
  root
    .command("queries")
    .requiredOption("--graph <id>", "graph whose stored queries are listed", graphId)
    .description("the stored queries of a graph of a deployment that its policy lets you see")
    .addHelpText("after", examples(["graphform queries --graph knowledge --on prod"]))
    .action(async (flags: { readonly graph: GraphId }, command: Command) => {
      const { queries } = await import("./verbs/queries.ts");
      await run(command, (context) => queries(context, flags.graph));
    });
}
