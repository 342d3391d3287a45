/** The graphform command: its verbs and options. Every verb is a file of its own and is loaded when it is called. */
import { homedir, userInfo } from "node:os";
import { Command, Option } from "commander";
import type { RunId } from "../lib/digest/ids.ts";
import type { LoadMode } from "../lib/engine/engine.ts";
import { chooseTarget } from "./api/choose-target.ts";
import { targetsFile } from "./api/targets-file.ts";
import { addApprovalVerbs } from "./approval-verbs.ts";
import {
  actorArgument,
  commitArgument,
  durationArgument,
  graphArgument,
  refArgument,
  repositoryArgument,
  runId,
  targetArgument,
  wholeNumber,
} from "./arguments.ts";
import { addBackupVerbs } from "./backup-verbs.ts";
import type { CommandContext, Verb } from "./command-context.ts";
import { addDeploymentVerbs } from "./deployment-verbs.ts";
import type { GitFlags } from "./git/git-origin.ts";
import { examples } from "./help-examples.ts";
import { addHistoryVerbs } from "./history-verbs.ts";
import { addIntegrityVerbs } from "./integrity-verbs.ts";
import { addPolicyVerbs } from "./policy-verbs.ts";
import { addRecoveryVerbs } from "./recovery-verbs.ts";
import { addRunVerbs } from "./run-verbs.ts";
import { openStandardStreams } from "./standard-streams.ts";
import { styleFor } from "./style.ts";
import { reportUnexpected } from "./unexpected-failure.ts";
import { VERSION } from "./version.ts";

interface GlobalOptions {
  readonly config: string;
  readonly json?: boolean;
  readonly as?: string;
  readonly api?: string;
  readonly on?: string;
  readonly cluster?: string;
}

const streams = openStandardStreams();

function contextOf(command: Command): CommandContext {
  const { config, json, as } = command.optsWithGlobals<GlobalOptions>();
  const terminal = process.stdout.isTTY === true;
  return {
    config_dir: config,
    json: json === true,
    actor: as ?? systemUser(),
    out: styleFor(terminal && json !== true, process.env["NO_COLOR"]),
    interactive: terminal && process.stdin.isTTY === true,
    write: streams.write,
    writeError: streams.writeError,
  };
}

function systemUser(): string | null {
  try {
    return userInfo().username;
  } catch {
    return null;
  }
}

/** Runs a verb and keeps its exit code; nothing a verb is meant to report arrives here as an exception. */
async function run(command: Command, verb: Verb): Promise<void> {
  const context = contextOf(command);
  const chosen = chooseTarget(command.optsWithGlobals<GlobalOptions>(), targetsFile(homedir()));
  if (chosen.tag === "refused") {
    const { failure } = await import("./verbs/verb-failure.ts");
    process.exitCode = streams.settle(failure(context, command.name(), chosen.diagnostics));
    return;
  }
  const { target } = chosen;
  process.exitCode = streams.settle(await verb(target === null ? context : { ...context, api: target }));
}

/** The same for a verb that is about this machine, whatever target is in use. */
async function runHere(command: Command, verb: Verb): Promise<void> {
  process.exitCode = streams.settle(await verb(contextOf(command)));
}

function program(): Command {
  const root = new Command("graphform")
    .description("Plan and apply the graphs, queries and policies of a cluster from a folder of files.")
    .version(VERSION)
    .option("--config <dir>", "config folder", ".")
    .option("--json", "print the result as JSON")
    .option("--as <actor>", "who acts on a folder; default: the user of this machine", actorArgument)
    .addOption(new Option("--api <url>", "ask the API of a deployment instead of the folder").conflicts("on"))
    .option("--on <target>", "the same, by the name that `graphform targets` knows; folder: none")
    .option("--cluster <name>", "which cluster of the deployment; default: metadata.name of cluster.yaml")
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError("Run `graphform --help` for the verbs and options, or `graphform VERB --help`.")
    .showSuggestionAfterError(true)
    .addHelpText(
      "after",
      examples([
        "graphform init",
        "graphform validate",
        "graphform import",
        "graphform plan",
        "graphform apply",
      ]),
    );
  addConfigVerbs(root);
  addClusterVerbs(root);
  addDataVerbs(root);
  addApprovalVerbs(root, run);
  addRecoveryVerbs(root, run);
  addRunVerbs(root, run);
  addIntegrityVerbs(root, run);
  addHistoryVerbs(root, run);
  addBackupVerbs(root, runHere);
  addPolicyVerbs(root, runHere);
  addDeploymentVerbs(root, run, runHere);
  return root;
}

function addConfigVerbs(root: Command): void {
  root
    .command("init")
    .argument("[dir]", "folder to write to", ".")
    .description("write a commented starter folder")
    .addHelpText("after", examples(["graphform init my-cluster"]))
    .action(async (dir: string, _options: unknown, command: Command) => {
      const { init } = await import("./verbs/init.ts");
      await runHere(command, (context) => init(context, dir));
    });
  root
    .command("validate")
    .description("check the config folder without touching anything")
    .addHelpText("after", examples(["graphform validate", "graphform validate --config infra/brain --json"]))
    .action(async (_options: unknown, command: Command) => {
      const { validate } = await import("./verbs/validate.ts");
      await run(command, validate);
    });
}

interface OriginFlags {
  readonly gitCommit?: string;
  readonly gitRef?: string;
  readonly gitRepository?: string;
}

/** Where the config comes from, for the record; without them the build system or the checkout says. */
function withOrigin(command: Command): Command {
  return command
    .option(
      "--git-commit <id>",
      "the commit of the config, for the record; default: CI's or .git's",
      commitArgument,
    )
    .option("--git-ref <ref>", "its branch or tag", refArgument)
    .option("--git-repository <address>", "its repository", repositoryArgument);
}

function originIn({ gitCommit, gitRef, gitRepository }: OriginFlags): GitFlags {
  return { commit: gitCommit, ref: gitRef, repository: gitRepository };
}

interface PlanFlags extends OriginFlags {
  readonly out?: string;
  readonly markdown?: string;
  readonly detailedExitcode?: boolean;
  readonly target?: readonly string[];
}

interface ApplyFlags extends OriginFlags {
  readonly plan?: string;
  readonly autoApprove?: boolean;
  readonly allowMassDelete?: boolean;
  readonly stopAfter?: number;
  readonly continue?: RunId;
  readonly target?: readonly string[];
}

const TARGET_HELP = "only this graph, its schema and its queries (repeatable)";

function addClusterVerbs(root: Command): void {
  root
    .command("import")
    .description("create the ledger of a cluster that has none, from what is really there")
    .addHelpText("after", examples(["graphform import --as ana"]))
    .action(async (_options: unknown, command: Command) => {
      const { refresh } = await import("./verbs/refresh.ts");
      await run(command, (context) => refresh(context, "import"));
    });
  withOrigin(root.command("plan"))
    .description("show what apply would do; takes no lock and changes nothing")
    .option("--out <file>", "keep the plan for apply --plan")
    .option("--markdown <file>", "also write what is printed as Markdown, short enough for a comment")
    .option("--target <graph>", TARGET_HELP, targetArgument)
    .option("--detailed-exitcode", "exit with 2 if there are changes")
    .addHelpText(
      "after",
      examples(["graphform plan", "graphform plan --out reviewed.plan --detailed-exitcode"]),
    )
    .action(async (flags: PlanFlags, command: Command) => {
      const { plan } = await import("./verbs/plan.ts");
      const { markdown, out, target } = flags;
      const detailed_exitcode = flags.detailedExitcode === true;
      const planned = { out, detailed_exitcode, targets: target ?? null, git: originIn(flags) };
      const planning: Verb = (context) => plan(context, planned);
      if (markdown === undefined) return run(command, planning);
      const { withMarkdownCopy } = await import("./verbs/markdown-copy.ts");
      return run(command, withMarkdownCopy("plan", markdown, planning));
    });
  addApply(root);
  addObservingVerbs(root);
}

function addApply(root: Command): void {
  withOrigin(root.command("apply"))
    .description("converge the cluster to the config folder")
    .addOption(
      new Option("--plan <file or id>", "run exactly this reviewed plan or nothing").conflicts("target"),
    )
    .option("--target <graph>", TARGET_HELP, targetArgument)
    .option("--auto-approve", "do not ask on a terminal")
    .option("--allow-mass-delete", "delete more graphs than one run may, if their deletes are approved")
    .option(
      "--stop-after <time>",
      "begin no step that may not be over by then (30s, 5m); of a deployment: wait no longer; exit with 3",
      durationArgument,
    )
    .addOption(
      new Option("--continue <run id>", "go on with a run that stopped at its deadline, with its own plan")
        .argParser(runId)
        .conflicts(["plan", "target", "allowMassDelete"]),
    )
    .addHelpText(
      "after",
      examples([
        "graphform apply",
        "graphform apply --plan reviewed.plan",
        "graphform apply --target graph.knowledge",
        "graphform apply --stop-after 5m",
        "graphform apply --continue 01J9ZK3V6Y8T4N2Q5R7S9W1X3Z",
      ]),
    )
    .action(async (flags: ApplyFlags, command: Command) => {
      const stop_after_ms = flags.stopAfter;
      const going = flags.continue;
      if (going !== undefined) {
        const { goOn } = await import("./verbs/continue-apply.ts");
        return run(command, (context) => goOn(context, going, stop_after_ms ?? null));
      }
      const { apply } = await import("./verbs/apply.ts");
      const auto_approve = flags.autoApprove === true;
      const allow_mass_delete = flags.allowMassDelete === true;
      const { plan, target } = flags;
      const told = { git: originIn(flags), targets: target ?? null };
      const options = { plan, auto_approve, allow_mass_delete, stop_after_ms, ...told };
      return run(command, (context) => apply(context, options));
    });
}

function addObservingVerbs(root: Command): void {
  root
    .command("status")
    .description("show what is deployed, who holds the lock, and what is not as it should be")
    .addHelpText("after", examples(["graphform status", "graphform status --json"]))
    .action(async (_options: unknown, command: Command) => {
      const { status } = await import("./verbs/status.ts");
      await run(command, status);
    });
  root
    .command("refresh")
    .description("record what is really there, so that the next plan shows drift")
    .addHelpText("after", examples(["graphform refresh"]))
    .action(async (_options: unknown, command: Command) => {
      const { refresh } = await import("./verbs/refresh.ts");
      await run(command, (context) => refresh(context, "refresh"));
    });
  root
    .command("force-unlock")
    .argument("<lock-id>", "the id that status or the refusal shows")
    .option("--reason <text>", "why, for the record; a deployment wants to know")
    .description("end a lock whose holder is gone")
    .addHelpText(
      "after",
      examples(["graphform force-unlock 01J9ZK3V6Y8T4N2Q5R7S9W1X3Z --reason 'laptop died'"]),
    )
    .action(async (lockId: string, flags: { readonly reason?: string }, command: Command) => {
      const { unlock } = await import("./verbs/force-unlock.ts");
      await run(command, (context) => unlock(context, lockId, flags.reason ?? null));
    });
}

interface ExportFlags {
  readonly graph: string;
  readonly at?: number;
  readonly edgeIds?: boolean;
  readonly out?: string;
}

function addDataVerbs(root: Command): void {
  root
    .command("load")
    .argument("<file>", "JSON lines")
    .requiredOption("--graph <id>", "graph to load into", graphArgument)
    .addOption(
      new Option("--mode <mode>", "how rows meet those that are there")
        .choices(["append", "merge", "overwrite"])
        .default("append"),
    )
    .description("load all rows of a file or none")
    .addHelpText(
      "after",
      examples([
        "graphform load --graph knowledge data/seed.jsonl",
        "graphform load --graph knowledge --mode merge updates.jsonl",
      ]),
    )
    .action(
      async (file: string, flags: { readonly graph: string; readonly mode: LoadMode }, command: Command) => {
        const { load } = await import("./verbs/load.ts");
        await run(command, (context) => load(context, { file, graph: flags.graph, mode: flags.mode }));
      },
    );
  root
    .command("export")
    .requiredOption("--graph <id>", "graph to export", graphArgument)
    .option("--at <version>", "an earlier version of the graph", wholeNumber)
    .option("--edge-ids", "also write the ids of edges, for a later load with --mode merge")
    .option("--out <file>", "write to a file instead of standard output")
    .description("write the rows of a graph as JSON lines")
    .addHelpText(
      "after",
      examples([
        "graphform export --graph knowledge > rows.jsonl",
        "graphform export --graph knowledge --at 3 --out before.jsonl",
      ]),
    )
    .action(async (flags: ExportFlags, command: Command) => {
      const { exportRows } = await import("./verbs/export.ts");
      await run(command, (context) =>
        exportRows(context, {
          graph: flags.graph,
          version: flags.at,
          edge_ids: flags.edgeIds === true,
          out: flags.out,
        }),
      );
    });
}

try {
  await program().parseAsync();
} catch (error) {
  process.exitCode = reportUnexpected(error, Boolean(process.env["GRAPHFORM_TRACE"]));
}
