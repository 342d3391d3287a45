/** Backups and restores as a person reads them. */
import type { BackupOutput, RestoreClusterOutput } from "../../lib/backup/backup-output.ts";
import type { BackupRecord } from "../../lib/backup/backup-record.ts";
import type { CommandContext } from "../command-context.ts";
import type { Style } from "../style.ts";
import { printable, printableFields } from "./printable.ts";
import { renderDiagnostics } from "./render-diagnostics.ts";

interface Counts {
  readonly objects: number;
  readonly bytes: number;
  readonly objects_written: number;
  readonly bytes_written: number;
}

function counted({ objects, bytes, objects_written, bytes_written }: Counts): readonly string[] {
  return [`  objects  ${objects}, ${bytes} bytes`, `  written  ${objects_written}, ${bytes_written} bytes`];
}

export function renderBackup(raw: BackupOutput, style: Style): readonly string[] {
  const output = printableFields(raw);
  const problems = renderDiagnostics(output.diagnostics, style);
  if (!output.ok) {
    const { objects_written, bytes_written } = output;
    const kept = `  written  ${objects_written}, ${bytes_written} bytes, which the next attempt finds there`;
    return [style.red("cluster backup failed"), kept, ...problems];
  }
  const what = output.written ? "made" : "nothing has changed since";
  return [
    style.green(`cluster backup: ${output.backup_id} of revision ${output.revision}, ${what}`),
    `  from     ${output.root}`,
    `  to       ${output.to}`,
    ...counted(output),
    ...problems,
  ];
}

export function renderBackups(records: readonly BackupRecord[], place: string): readonly string[] {
  if (records.length === 0) return [`no backups in ${printable(place)}`];
  return printableFields(records).map(({ backup_id, at, ledger, objects, bytes, root }) =>
    [backup_id, at, `revision ${ledger.revision}`, `${objects} objects`, `${bytes} bytes`, root].join("  "),
  );
}

export function renderRestoredCluster(raw: RestoreClusterOutput, { out }: CommandContext): readonly string[] {
  const output = printableFields(raw);
  const problems = renderDiagnostics(output.diagnostics, out);
  if (!output.ok) {
    const kept = `  written  ${output.objects_written}, ${output.bytes_written} bytes`;
    return [out.red("cluster restore-cluster failed"), kept, ...problems];
  }
  const { backup_id, revision, owner, lease_table } = output;
  return [
    out.green(`cluster restore-cluster: ${backup_id} of revision ${revision} is restored`),
    `  from     ${output.from}`,
    `  to       ${output.root}`,
    `  owner    ${owner}, lease ${lease_table.kind} ${lease_table.name}`,
    ...counted(output),
    ...problems,
    "",
    "Next: graphform fsck, then graphform plan, with a config whose storage is the new root",
  ];
}
