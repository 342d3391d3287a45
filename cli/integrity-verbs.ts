/** The verbs that keep a deployment whole: what may not be deleted, and whether everything is as it should be. */
import type { Command } from "commander";
import type { Verb } from "./command-context.ts";
import { examples } from "./help-examples.ts";

type RunVerb = (command: Command, verb: Verb) => Promise<void>;

export function addIntegrityVerbs(root: Command, run: RunVerb): void {
  addProtection(root, run, "protect", "let nothing delete a graph until it is unprotected");
  addProtection(root, run, "unprotect", "let plans delete a graph again, with an approval");
  addFsck(root, run);
  addDoctor(root, run);
}

function addDoctor(root: Command, run: RunVerb): void {
  root
    .command("doctor")
    .requiredOption("--root <root>", "a folder or s3://bucket/prefix")
    .description(
      "find out whether a storage keeps what every write relies on; writes below __graphform/doctor",
    )
    .addHelpText("after", examples(["graphform doctor --root s3://my-bucket/clusters/company"]))
    .action(async (flags: { readonly root: string }, command: Command) => {
      const { doctor } = await import("./verbs/doctor.ts");
      await run(command, (context) => doctor(context, flags));
    });
}

function addFsck(root: Command, run: RunVerb): void {
  root
    .command("fsck")
    .option("--repair", "propose the commands that mend what is found; changes nothing")
    .description("compare every record of the deployment with every other, and with what is there")
    .addHelpText("after", examples(["graphform fsck", "graphform fsck --repair"]))
    .action(async (flags: { readonly repair?: boolean }, command: Command) => {
      const { fsck } = await import("./verbs/fsck.ts");
      await run(command, (context) => fsck(context, { repair: flags.repair === true }));
    });
}

function addProtection(root: Command, run: RunVerb, verb: "protect" | "unprotect", does: string): void {
  root
    .command(verb)
    .argument("<graph>", "graph.<id>")
    .option("--reason <text>", "why, for the record")
    .description(does)
    .addHelpText("after", examples([`graphform ${verb} graph.knowledge --reason 'the only copy'`]))
    .action(async (graph: string, flags: { readonly reason?: string }, command: Command) => {
      const { protect } = await import("./verbs/protect.ts");
      await run(command, (context) => protect(context, { verb, graph, reason: flags.reason ?? null }));
    });
}
