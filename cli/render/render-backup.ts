/** Backups and restores as a person reads them. */
import type {
  BackupOutput,
  RestoreClusterOutput,
  VerifyBackupOutput,
} from "../../lib/backup/backup-output.ts";
import type { StoredBackup } from "../../lib/backup/find-backups.ts";
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
    `  digest   ${output.digest}`,
    ...counted(output),
    ...problems,
  ];
}

export function renderBackups(backups: readonly StoredBackup[], place: string): readonly string[] {
  if (backups.length === 0) return [`no backups in ${printable(place)}`];
  return printableFields(backups).map(({ record, digest }) => {
    const { backup_id, at, ledger, objects, bytes, root } = record;
    const size = [`${objects} objects`, `${bytes} bytes`];
    return [backup_id, at, `revision ${ledger.revision}`, ...size, root, digest].join("  ");
  });
}

export function renderVerifiedBackup(raw: VerifyBackupOutput, style: Style): readonly string[] {
  const output = printableFields(raw);
  const problems = renderDiagnostics(output.diagnostics, style);
  if (output.backup_id === null) return [style.red("cluster verify-backup failed"), ...problems];
  const { backup_id, revision, digest, objects, bytes, damaged } = output;
  const which = `${backup_id} of revision ${revision}`;
  const headline = output.ok
    ? style.green(`cluster verify-backup: ${which} is whole`)
    : style.red(`cluster verify-backup failed: ${which}, ${damaged.length} objects are damaged or missing`);
  const read = `  read     ${objects} objects, ${bytes} bytes`;
  return [headline, `  from     ${output.from}`, `  digest   ${digest}`, read, ...problems];
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
    `  digest   ${output.digest}`,
    `  owner    ${owner}, lease ${lease_table.kind} ${lease_table.name}`,
    ...counted(output),
    ...problems,
    "",
    "Next: graphform fsck, then graphform plan, with a config whose storage is the new root",
  ];
}
