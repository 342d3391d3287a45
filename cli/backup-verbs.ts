/** The verbs of whole clusters: to back one up, to see its backups, to restore one into an empty root. */
import type { Command } from "commander";
import { backupId, recordDigest } from "./arguments.ts";
import type { Verb } from "./command-context.ts";
import { examples } from "./help-examples.ts";
import type { BackupOptions } from "./verbs/backup.ts";

type RunVerb = (command: Command, verb: Verb) => Promise<void>;

const A_ROOT = "a folder or s3://bucket/prefix";

export function addBackupVerbs(root: Command, runHere: RunVerb): void {
  root
    .command("backup")
    .requiredOption("--root <root>", `storage root of the cluster: ${A_ROOT}`)
    .requiredOption("--to <place>", `place for the backups of this one cluster: ${A_ROOT}`)
    .option("--verify", "read what is in the place already, and put again what is damaged", false)
    .description(
      "copy ledger, history and graphs of a cluster as they are at one moment; changes nothing there",
    )
    .addHelpText(
      "after",
      examples(["graphform backup --root s3://my-bucket/clusters/company --to s3://my-backups/company"]),
    )
    .action(async (flags: BackupOptions, command: Command) => {
      const { backup } = await import("./verbs/backup.ts");
      await runHere(command, (context) => backup(context, flags));
    });
  root
    .command("backups")
    .requiredOption("--from <place>", `place with the backups: ${A_ROOT}`)
    .description("list the backups of a cluster, newest first")
    .addHelpText("after", examples(["graphform backups --from s3://my-backups/company"]))
    .action(async (flags: { readonly from: string }, command: Command) => {
      const { backups } = await import("./verbs/backup.ts");
      await runHere(command, (context) => backups(context, flags.from));
    });
  addVerify(root, runHere);
  addRestore(root, runHere);
}

function addVerify(root: Command, runHere: RunVerb): void {
  root
    .command("verify-backup")
    .requiredOption("--from <place>", `place with the backups: ${A_ROOT}`)
    .option("--backup <id>", "which backup; default: the newest", backupId)
    .description("read every object of a backup and report what is damaged or missing; changes nothing")
    .addHelpText("after", examples(["graphform verify-backup --from s3://my-backups/company"]))
    .action(
      async ({ from, backup }: { readonly from: string; readonly backup?: string }, command: Command) => {
        const { verifyBackupVerb } = await import("./verbs/verify-backup.ts");
        await runHere(command, (context) => verifyBackupVerb(context, { from, backup }));
      },
    );
}

interface RestoreFlags {
  readonly from: string;
  readonly root: string;
  readonly backup?: string;
  readonly digest?: string;
  readonly leaseTable?: string;
  readonly owner?: string;
  readonly keepOpenRuns: boolean;
}

function addRestore(root: Command, runHere: RunVerb): void {
  root
    .command("restore-cluster")
    .requiredOption("--from <place>", `place with the backups: ${A_ROOT}`)
    .requiredOption("--root <root>", `new storage root, empty: ${A_ROOT}`)
    .option("--backup <id>", "which backup; default: the newest", backupId)
    .option("--digest <sha256>", "restore only the backup whose record has this digest", recordDigest)
    .option("--lease-table <table>", "of a bucket: the lease table of its deployment, as REGION/TABLE")
    .option("--owner <name>", "whose the cluster is from then on; default: who acts")
    .option("--keep-open-runs", "let runs go on that had not ended; default: they are canceled", false)
    .description("restore a backup of a whole cluster into an empty root")
    .addHelpText(
      "after",
      examples([
        "graphform restore-cluster --from s3://my-backups/company --root s3://new-bucket/clusters/company \\\n      --lease-table eu-west-1/graphform-leases --owner prod",
        "graphform restore-cluster --from backups --root restored --backup 01J9ZK3V6Y8T4N2Q5R7S9W1X3Z",
      ]),
    )
    .action(async (flags: RestoreFlags, command: Command) => {
      const { restoreClusterVerb } = await import("./verbs/restore-cluster.ts");
      const { from, root: target, backup, digest, owner } = flags;
      const { leaseTable: lease_table, keepOpenRuns: keep_open_runs } = flags;
      await runHere(command, (context) =>
        restoreClusterVerb(context, {
          ...{ from, root: target, backup, digest },
          ...{ lease_table, owner, keep_open_runs },
        }),
      );
    });
}
