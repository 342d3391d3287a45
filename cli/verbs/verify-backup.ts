/** `graphform verify-backup`: reads every object of a backup and says which are not what they should be. */
import { verifyBackup } from "../../lib/backup/verify-backup.ts";
import { SYSTEM_CLOCK } from "../../lib/file/clock.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openRoot } from "../open-root.ts";
import { renderVerifiedBackup } from "../render/render-backup.ts";
import { copyProgress } from "./copy-progress.ts";
import { noRoot } from "./no-root.ts";
import { failure } from "./verb-failure.ts";

export interface VerifyBackupOptions {
  /** The place with the backups, a folder or `s3://bucket/prefix`. */
  readonly from: string;
  /** Undefined: the newest. */
  readonly backup: string | undefined;
}

export async function verifyBackupVerb(
  context: CommandContext,
  { from, backup }: VerifyBackupOptions,
): Promise<ExitCode> {
  const place = await openRoot(from);
  if (place === null) return failure(context, "verify-backup", [noRoot("--from")]);
  const progress = copyProgress(context);
  const output = await verifyBackup(
    { store: place.store, parts: place.parts, clock: SYSTEM_CLOCK },
    { from: place.root, backup_id: backup ?? null, digest: null, progress: progress.update },
  );
  progress.stop();
  if (context.json) printJson(context, output);
  else printLines(context, renderVerifiedBackup(output, context.out));
  return output.ok ? 0 : 1;
}
