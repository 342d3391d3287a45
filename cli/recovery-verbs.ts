/** The verbs for what a crash, a delete or an earlier schema change left behind. */
import type { Command } from "commander";
import type { GraphId, IncarnationId } from "../lib/digest/ids.ts";
import { graphId, incarnationId } from "./arguments.ts";
import type { Verb } from "./command-context.ts";
import { examples } from "./help-examples.ts";

type RunVerb = (command: Command, verb: Verb) => Promise<void>;

export function addRecoveryVerbs(root: Command, run: RunVerb): void {
  addRecover(root, run);
  addRestore(root, run);
  addReclaim(root, run);
  addPurge(root, run);
}

function addRecover(root: Command, run: RunVerb): void {
  const recover = root
    .command("recover")
    .description("settle what a crash left open, and nothing else")
    .addHelpText(
      "after",
      examples([
        "graphform recover",
        "graphform recover discard 01J9ZK3V6Y8T4N2Q5R7S9W1X3Z --reason 'restored from a copy'",
      ]),
    )
    .action(async (_options: unknown, command: Command) => {
      const verbs = await import("./verbs/recover.ts");
      await run(command, verbs.recover);
    });
  recover
    .command("discard")
    .argument("<operation-id>", "the id that status shows")
    .option("--reason <text>", "why, for the record; a deployment wants to know")
    .description("give up an open operation that no program can judge")
    .action(async (id: string, flags: { readonly reason?: string }, command: Command) => {
      const { discard } = await import("./verbs/recover.ts");
      await run(command, (context) => discard(context, id, flags.reason ?? null));
    });
}

function addRestore(root: Command, run: RunVerb): void {
  root
    .command("restore")
    .argument("<graph>", "the deleted graph", graphId)
    .option("--incarnation <id>", "an earlier life than the last one", incarnationId)
    .description("let a deleted graph live again, with all its rows")
    .addHelpText("after", examples(["graphform restore graph.knowledge"]))
    .action(async (graph: GraphId, flags: { readonly incarnation?: IncarnationId }, command: Command) => {
      const { restore } = await import("./verbs/restore.ts");
      await run(command, (context) => restore(context, graph, flags.incarnation ?? null));
    });
}

function addReclaim(root: Command, run: RunVerb): void {
  root
    .command("reclaim")
    .argument("[graph]", "only this graph", graphId)
    .description("take the bytes of deleted graphs away once their grace period is over")
    .addHelpText("after", examples(["graphform reclaim", "graphform reclaim graph.knowledge"]))
    .action(async (graph: GraphId | undefined, _options: unknown, command: Command) => {
      const { reclaim } = await import("./verbs/reclaim.ts");
      await run(command, (context) => reclaim(context, graph ?? null));
    });
}

function addPurge(root: Command, run: RunVerb): void {
  root
    .command("purge")
    .argument("<schema>", "whose hidden data is to be destroyed, such as schema.knowledge", graphId)
    .option("--out <file>", "keep the plan for apply --plan")
    .description("plan to destroy what earlier schema changes have hidden; runs only with an approval")
    .addHelpText("after", examples(["graphform purge schema.knowledge"]))
    .action(async (graph: GraphId, flags: { readonly out?: string }, command: Command) => {
      const { plan } = await import("./verbs/plan.ts");
      const options = { out: flags.out, detailed_exitcode: false, targets: null, purge: graph };
      await run(command, (context) => plan(context, options));
    });
}
