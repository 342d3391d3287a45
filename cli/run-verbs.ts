/** The verbs for runs that have a record: those with a deadline, and those that a deployment was asked for. */
import type { Command } from "commander";
import type { RunId } from "../lib/digest/ids.ts";
import { runId } from "./arguments.ts";
import type { Verb } from "./command-context.ts";
import { examples } from "./help-examples.ts";

export function addRunVerbs(root: Command, run: (command: Command, verb: Verb) => Promise<void>): void {
  const runs = root
    .command("runs")
    .description("runs with a record: those of a deployment, and those that stopped at their deadline")
    .addHelpText(
      "after",
      examples([
        "graphform runs list --open",
        "graphform runs show 01J9ZK3V6Y8T4N2Q5R7S9W1X3Z",
        "graphform runs watch 01J9ZK3V6Y8T4N2Q5R7S9W1X3Z --on prod",
        "graphform runs cancel 01J9ZK3V6Y8T4N2Q5R7S9W1X3Z",
      ]),
    );
  runs
    .command("list")
    .option("--open", "only those that have not ended")
    .description("list the 20 newest runs, and all of a folder that have not ended")
    .action(async (flags: { readonly open?: boolean }, command: Command) => {
      const { listRunRecords } = await import("./verbs/runs.ts");
      await run(command, (context) => listRunRecords(context, flags.open === true));
    });
  runs
    .command("show")
    .argument("<run-id>", "the id that list shows", runId)
    .description("show one run: what it is, how far it came, and how it goes on")
    .action(async (id: RunId, _options: unknown, command: Command) => {
      const { showRunRecord } = await import("./verbs/runs.ts");
      await run(command, (context) => showRunRecord(context, id));
    });
  runs
    .command("watch")
    .argument("<run-id>", "the id that list shows", runId)
    .description("wait for the end of a run of a deployment; Ctrl-C leaves it, and it goes on")
    .action(async (id: RunId, _options: unknown, command: Command) => {
      const { watchRunRecord } = await import("./verbs/runs.ts");
      await run(command, (context) => watchRunRecord(context, id));
    });
  runs
    .command("cancel")
    .argument("<run-id>", "the id that list shows", runId)
    .description("give up a run that has not ended; what it has done stays")
    .action(async (id: RunId, _options: unknown, command: Command) => {
      const { cancelRunRecord } = await import("./verbs/runs.ts");
      await run(command, (context) => cancelRunRecord(context, id));
    });
}
