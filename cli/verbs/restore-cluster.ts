/** `graphform restore-cluster`: a backup into an empty root, for the deployment that is to own it from then on. */
import type { RestoreClusterOutput } from "../../lib/backup/backup-output.ts";
import { openRestoredRows } from "../../lib/backup/open-restored-rows.ts";
import { restoreCluster } from "../../lib/backup/restore-cluster.ts";
import { diagnostic } from "../../lib/diagnostic/diagnostic.ts";
import { LANCE_ROW_FILES } from "../../lib/engine/lance/row-files.ts";
import { SYSTEM_CLOCK } from "../../lib/file/clock.ts";
import { FILE_LEASE_TABLE, type LeaseTableName } from "../../lib/ledger/deployment.ts";
import { type CommandContext, type ExitCode, printJson, printLines } from "../command-context.ts";
import { type OpenedRoot, openRoot } from "../open-root.ts";
import { renderRestoredCluster } from "../render/render-backup.ts";
import { copyProgress } from "./copy-progress.ts";
import { noRoot } from "./no-root.ts";
import { failure } from "./verb-failure.ts";

const VERB = "restore-cluster";

export interface RestoreClusterOptions {
  /** The place with the backups, a folder or `s3://bucket/prefix`. */
  readonly from: string;
  /** The new storage root, likewise; empty. */
  readonly root: string;
  /** Undefined: the newest. */
  readonly backup: string | undefined;
  /** SHA-256 that its record must have; undefined for whichever it has. */
  readonly digest: string | undefined;
  /** Of a bucket: `REGION/TABLE`, or `TABLE` where a server of one's own knows no regions. */
  readonly lease_table: string | undefined;
  /** Runs that had not ended go on. */
  readonly keep_open_runs: boolean;
  /** Undefined: who acts. */
  readonly owner: string | undefined;
}

export async function restoreClusterVerb(
  context: CommandContext,
  options: RestoreClusterOptions,
): Promise<ExitCode> {
  const place = await openRoot(options.from);
  if (place === null) return failure(context, VERB, [noRoot("--from")]);
  const target = await openRoot(options.root);
  if (target === null) return failure(context, VERB, [noRoot("--root")]);
  const lease_table = leaseTableOf(target, options.lease_table);
  if (typeof lease_table === "string") {
    const facts = { path: "--lease-table", message: lease_table };
    return failure(context, VERB, [diagnostic("invalid_lease_table_argument", facts)]);
  }
  const clock = SYSTEM_CLOCK;
  const { store, parts, ledger, root, tables } = target;
  const progress = copyProgress(context);
  const restored = await restoreCluster(
    {
      place: { store: place.store, parts: place.parts, clock },
      target: { store, parts, ledger, clock },
      rows: LANCE_ROW_FILES,
    },
    {
      ...{ from: place.root, root, actor: context.actor, progress: progress.update },
      ...{ backup_id: options.backup ?? null, digest: options.digest ?? null },
      keep_open_runs: options.keep_open_runs,
      deployment: { owner: options.owner ?? context.actor ?? "unknown", lease_table },
    },
  );
  progress.stop();
  const unreadable = restored.ok ? await openRestoredRows({ store, clock, tables }) : [];
  const output: RestoreClusterOutput = {
    ...restored,
    ok: restored.ok && unreadable.length === 0,
    diagnostics: [...restored.diagnostics, ...unreadable],
  };
  if (context.json) printJson(context, output);
  else printLines(context, renderRestoredCluster(output, context));
  return output.ok ? 0 : 1;
}

/** The table of the new owner, or what is wrong with the option. */
function leaseTableOf({ kind }: OpenedRoot, name: string | undefined): LeaseTableName | string {
  if (kind === "folder") {
    return name === undefined ? FILE_LEASE_TABLE : "The lease of a folder lies in the folder itself.";
  }
  if (name === undefined) return "A cluster in a bucket needs the lease table of its deployment.";
  if (/^([a-z0-9-]+\/)?[A-Za-z0-9_.-]{3,255}$/.test(name)) return { kind: "dynamodb", name };
  return "It takes the region and the name of a DynamoDB table, such as eu-west-1/my-leases.";
}
