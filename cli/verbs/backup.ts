/** `graphform backup` and `graphform backups`: a copy of a whole cluster, and which copies a place holds. */
import { findBackups } from "../../lib/backup/find-backups.ts";
import { takeBackup } from "../../lib/backup/take-backup.ts";
import { LANCE_ROW_FILES } from "../../lib/engine/lance/row-files.ts";
import { SYSTEM_CLOCK } from "../../lib/file/clock.ts";
import { createUlids } from "../../lib/file/ids.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { openRoot } from "../open-root.ts";
import { renderBackup, renderBackups } from "../render/render-backup.ts";
import { renderDiagnostics } from "../render/render-diagnostics.ts";
import { copyProgress } from "./copy-progress.ts";
import { noRoot } from "./no-root.ts";
import { failure } from "./verb-failure.ts";

export interface BackupOptions {
  /** The storage root of the cluster, a folder or `s3://bucket/prefix`. */
  readonly root: string;
  /** The place for its backups, likewise. */
  readonly to: string;
  /** Read what is there already. */
  readonly verify: boolean;
}

export async function backup(context: CommandContext, options: BackupOptions): Promise<ExitCode> {
  const source = await openRoot(options.root);
  if (source === null) return failure(context, "backup", [noRoot("--root")]);
  const place = await openRoot(options.to);
  if (place === null) return failure(context, "backup", [noRoot("--to")]);
  const { store, parts, ledger } = source;
  const clock = SYSTEM_CLOCK;
  const progress = copyProgress(context);
  const output = await takeBackup(
    {
      source: { store, parts, ledger, clock, lease: await source.lease() },
      place: { store: place.store, parts: place.parts, clock },
      rows: LANCE_ROW_FILES,
      ids: createUlids(),
    },
    {
      ...{ root: source.root, to: place.root, verify: options.verify },
      ...{ actor: context.actor, progress: progress.update },
    },
  );
  progress.stop();
  if (context.json) printJson(context, output);
  else printLines(context, renderBackup(output, context.out));
  return output.ok ? 0 : 1;
}

export async function backups(context: CommandContext, from: string): Promise<ExitCode> {
  const place = await openRoot(from);
  if (place === null) return failure(context, "backups", [noRoot("--from")]);
  const found = await findBackups({ store: place.store, clock: SYSTEM_CLOCK });
  if (found.tag === "stopped") return failure(context, "backups", found.diagnostics);
  const { backups: stored, refused: diagnostics } = found.value;
  if (!context.json) {
    printLines(context, [
      ...renderBackups(stored, place.root),
      ...renderDiagnostics(diagnostics, context.out),
    ]);
    return 0;
  }
  const list = stored.map(({ record: { inventory: _, ...record }, digest }) => ({ ...record, digest }));
  printJson(context, { ok: true, format_version: 1, from: place.root, backups: list, diagnostics });
  return 0;
}
