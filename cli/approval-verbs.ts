/** The verbs of approvals: to give one, to see them, to take one back. */
import type { Command } from "commander";
import { durationArgument, wholeNumberOrZero } from "./arguments.ts";
import type { Verb } from "./command-context.ts";
import { examples } from "./help-examples.ts";

type RunVerb = (command: Command, verb: Verb) => Promise<void>;

export function addApprovalVerbs(root: Command, run: RunVerb): void {
  addApprove(root, run);
  const approvals = root
    .command("approvals")
    .description("see approvals and take them back")
    .addHelpText(
      "after",
      examples([
        "graphform approvals list",
        "graphform approvals show 01J9ZK3V6Y8T4N2Q5R7S9W1X3Z",
        "graphform approvals revoke 01J9ZK3V6Y8T4N2Q5R7S9W1X3Z --reason 'wrong graph'",
      ]),
    );
  addList(approvals, run);
  addShow(approvals, run);
  addRevoke(approvals, run);
}

interface ApproveFlags {
  readonly plan: string;
  readonly expires?: number;
  readonly tolerance: number;
  readonly dataLoss?: boolean;
  readonly reason?: string;
}

function addApprove(root: Command, run: RunVerb): void {
  root
    .command("approve")
    .argument("<address>", "what the plan says needs an approval, such as graph.knowledge")
    .requiredOption("--plan <id>", "the plan that was reviewed; `graphform plan` prints its id")
    .option("--expires <duration>", "how long it counts: 30m, 24h, 7d (default: 7d)", durationArgument)
    .option(
      "--tolerance <rows>",
      "rows that may still be written without making it void",
      wholeNumberOrZero,
      0,
    )
    .option("--data-loss", "destroy what a schema change drops, instead of hiding it")
    .option("--reason <text>", "why, for the record")
    .description("let one change of a reviewed plan happen")
    .addHelpText(
      "after",
      examples([
        "graphform approve graph.knowledge --plan 01J9ZK3V6Y8T4N2Q5R7S9W1X3Z --as dana",
        "graphform approve schema.knowledge --plan 01J9ZK3V6Y8T4N2Q5R7S9W1X3Z --data-loss --expires 24h",
      ]),
    )
    .action(async (resource: string, flags: ApproveFlags, command: Command) => {
      const { approve } = await import("./verbs/approve.ts");
      await run(command, (context) =>
        approve(context, {
          resource,
          plan_id: flags.plan,
          lifetime_ms: flags.expires,
          tolerance: flags.tolerance,
          data_loss: flags.dataLoss === true,
          reason: flags.reason ?? null,
        }),
      );
    });
}

function addList(approvals: Command, run: RunVerb): void {
  approvals
    .command("list", { isDefault: true })
    .option("--all", "also those that were used or revoked")
    .description("every approval that may still be used, and who holds it")
    .addHelpText("after", examples(["graphform approvals list", "graphform approvals list --all --json"]))
    .action(async (flags: { readonly all?: boolean }, command: Command) => {
      const { list } = await import("./verbs/approvals.ts");
      await run(command, (context) => list(context, flags.all === true));
    });
}

function addShow(approvals: Command, run: RunVerb): void {
  approvals
    .command("show")
    .argument("<approval-id>", "the id that approve printed")
    .description("everything that one approval binds, and what became of it")
    .addHelpText("after", examples(["graphform approvals show 01J9ZK3V6Y8T4N2Q5R7S9W1X3Z"]))
    .action(async (id: string, _options: unknown, command: Command) => {
      const { show } = await import("./verbs/approvals.ts");
      await run(command, (context) => show(context, id));
    });
}

function addRevoke(approvals: Command, run: RunVerb): void {
  approvals
    .command("revoke")
    .argument("<approval-id>", "the id that approve printed")
    .option("--reason <text>", "why, for the record")
    .description("take an approval back that no run has used yet")
    .addHelpText(
      "after",
      examples(["graphform approvals revoke 01J9ZK3V6Y8T4N2Q5R7S9W1X3Z --reason 'wrong graph'"]),
    )
    .action(async (id: string, flags: { readonly reason?: string }, command: Command) => {
      const { revoke } = await import("./verbs/approvals.ts");
      await run(command, (context) => revoke(context, id, flags.reason ?? null));
    });
}
