/** The verbs for what a cluster records of itself, and for ending what keeps its runs from going on. */
import type { Command } from "commander";
import { receiptsArgument, wholeNumber } from "./arguments.ts";
import type { Verb } from "./command-context.ts";
import { examples } from "./help-examples.ts";

type RunVerb = (command: Command, verb: Verb) => Promise<void>;

/** Receipts that are listed unless more are asked for. */
const RECEIPTS_LISTED = 20;

export function addHistoryVerbs(root: Command, run: RunVerb): void {
  addHistory(root, run);
  addLedger(root, run);
  addUnblock(root, run);
}

function addHistory(root: Command, run: RunVerb): void {
  root
    .command("history")
    .argument("[revision]", "only this revision, in full", wholeNumber)
    .option("--limit <n>", `how many of the newest (default: ${RECEIPTS_LISTED})`, receiptsArgument)
    .description("show who changed what, when and by which run, newest first")
    .addHelpText(
      "after",
      examples(["graphform history", "graphform history --limit 100", "graphform history 5 --json"]),
    )
    .action(async (revision: number | undefined, flags: { readonly limit?: number }, command: Command) => {
      if (revision !== undefined && flags.limit !== undefined)
        command.error("error: --limit is for the list, and one revision is none.");
      const verbs = await import("./verbs/history.ts");
      await run(command, (context) =>
        revision === undefined
          ? verbs.history(context, flags.limit ?? RECEIPTS_LISTED)
          : verbs.showRevision(context, revision),
      );
    });
}

function addLedger(root: Command, run: RunVerb): void {
  root
    .command("ledger")
    .description("print the ledger as it is stored, as JSON")
    .addHelpText("after", examples(["graphform ledger > ledger.json", "graphform ledger --on prod"]))
    .action(async (_options: unknown, command: Command) => {
      const { ledger } = await import("./verbs/ledger.ts");
      await run(command, ledger);
    });
}

function addUnblock(root: Command, run: RunVerb): void {
  root
    .command("unblock")
    .requiredOption("--reason <text>", "what was wrong and why runs may go on, for the record")
    .description("let the runs of a cluster go on that was blocked because no worker could finish one")
    .addHelpText("after", examples(["graphform unblock --reason 'the disk was full' --on prod"]))
    .action(async (flags: { readonly reason: string }, command: Command) => {
      const { unblock } = await import("./verbs/unblock.ts");
      await run(command, (context) => unblock(context, flags.reason));
    });
}
