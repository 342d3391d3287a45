/**
 * RestoreCluster: a backup into an empty root.
 *
 * In order: (1) the root is empty, or this same restore has begun there; (2) its claim; (3) a `deployment.json` that
 * keeps every writer out; (4) every object, rows first; (5) the ledger; (6) `deployment.json` of the new deployment.
 * Runs that had not ended are put as ended and without their marks, unless they are to be kept.
 *
 * Guarantees: every object is put if absent and nothing is removed, so that the policy of a bucket stands all the
 * while; only `deployment.json` is replaced, on its version. Interrupted anywhere it is no cluster that a command writes
 * to, and repeated it ends in the same objects. Whatever lies there that is not of the backup stops it.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { assertNever } from "../digest/assert.ts";
import { sha256 } from "../digest/digest.ts";
import type { RunId } from "../digest/ids.ts";
import { GRAPHS_PREFIX } from "../engine/paths.ts";
import type { RowFiles } from "../engine/row-files.ts";
import {
  DEPLOYMENT_FORMAT_VERSION,
  type Deployment,
  decodeDeployment,
  encodeDeployment,
} from "../ledger/deployment.ts";
import { DEPLOYMENT_KEY } from "../ledger/keys.ts";
import type { LedgerPorts } from "../ledger/ledger-document.ts";
import { ATTEMPTS_MAX } from "../ledger/limits.ts";
import { moveOnce, pauseBefore, putOnce, readObjectRetrying, retryRead } from "../ledger/retry.ts";
import { timestamp } from "../ports/clock.ts";
import type { StoreKey } from "../ports/object-store.ts";
import { STATE_KEY } from "../ports/state-key.ts";
import type { RestoreClusterOutput } from "./backup-output.ts";
import { notRead, objectKey, putChecked, readInventory, readStored } from "./backup-place.ts";
import type { InventoryEntry } from "./backup-record.ts";
import { CLUSTER_PREFIXES, isBesideHistory, OPEN_RUNS_PREFIX } from "./cluster-keys.ts";
import type { CopyCounts, CopyProgress } from "./copy-objects.ts";
import { endedByRestore, openRunIn } from "./end-restored-runs.ts";
import { type ChosenBackup, chooseBackup, type StoredBackup } from "./find-backups.ts";
import { COPY_LIMITS, type CopyLimits, KEYS_SHOWN_MAX } from "./limits.ts";
import { listSizes, refuseLinkedFolders } from "./list-keys.ts";
import { type ContentPorts, copyLong } from "./long-content.ts";
import { heldOf, moves } from "./moved-content.ts";
import {
  decodeRestoreClaim,
  encodeRestoreClaim,
  heldBy,
  isSameRestore,
  nextRestoreKey,
  type RestoreClaim,
} from "./restore-claim.ts";
import { done, eachOf, type Step, someOf, stopped } from "./step.ts";

export interface RestorePorts {
  readonly place: ContentPorts;
  readonly target: LedgerPorts & ContentPorts;
  readonly rows: RowFiles;
}

export interface RestoreCommand {
  readonly from: string;
  /** The new storage root, as people and engines write it. */
  readonly root: string;
  /** Null: the newest. */
  readonly backup_id: string | null;
  /** SHA-256 of its record; null for whichever it has. */
  readonly digest: string | null;
  /** Whose the restored cluster is. */
  readonly deployment: Pick<Deployment, "owner" | "lease_table">;
  readonly actor: string | null;
  /** Runs that had not ended go on in the restored cluster; else they are ended. */
  readonly keep_open_runs: boolean;
  readonly progress: (progress: CopyProgress) => void;
}

interface Restore {
  readonly ports: RestorePorts;
  readonly command: RestoreCommand;
  readonly backup: StoredBackup;
  readonly inventory: ReadonlyMap<string, InventoryEntry>;
  readonly claim: StoreKey;
  readonly counts: CopyCounts;
  /** Ids of the runs that this restore has ended. */
  readonly ended: Set<RunId>;
  readonly limits: CopyLimits;
}

export async function restoreCluster(
  ports: RestorePorts,
  command: RestoreCommand,
  limits: CopyLimits = COPY_LIMITS,
): Promise<RestoreClusterOutput> {
  const counts = { objects_written: 0, bytes_written: 0 };
  const ended = new Set<RunId>();
  const { from, root, deployment } = command;
  const facts = { format_version: 1, operation: "restore-cluster", from, root, ...deployment } as const;
  const restored = await restore(ports, command, { counts, ended, limits });
  if (restored.tag === "stopped") {
    const none = { backup_id: null, digest: null, revision: null, objects: 0, bytes: 0 };
    const runs = { open_runs: 0, ended_runs: [] };
    return { ok: false, ...facts, ...none, ...runs, ...counts, diagnostics: restored.diagnostics };
  }
  const { backup, diagnostics } = restored.value;
  const { digest } = backup;
  const { backup_id, ledger, objects, bytes } = backup.record;
  const told = { backup_id, digest, revision: ledger.revision, objects, bytes };
  const open_runs = command.keep_open_runs ? backup.record.open_runs : 0;
  const ended_runs = [...ended].sort();
  const notices = [...diagnostics, ...openNotice(open_runs), ...endedNotice(ended_runs)];
  return { ok: true, ...facts, ...told, open_runs, ended_runs, ...counts, diagnostics: notices };
}

function openNotice(openRuns: number): readonly Diagnostic[] {
  if (openRuns === 0) return [];
  const message = `${openRuns} runs had not ended when the backup was taken; a deployment goes on with them.`;
  return [diagnostic("restored_runs_open", { path: "__graphform/open-runs", message })];
}

function endedNotice(ids: readonly RunId[]): readonly Diagnostic[] {
  if (ids.length === 0) return [];
  const message = `These runs had not ended when the backup was taken, and are canceled here: ${someOf(ids)}.`;
  return [diagnostic("restored_runs_ended", { path: "__graphform/runs", message })];
}

async function restore(
  ports: RestorePorts,
  command: RestoreCommand,
  given: Pick<Restore, "counts" | "ended" | "limits">,
): Promise<Step<ChosenBackup>> {
  const chosen = await chooseBackup(ports.place, command);
  if (chosen.tag === "stopped") return chosen;
  const { backup } = chosen.value;
  const inventory = await readInventory(ports.place, backup.record);
  if (inventory.tag === "stopped") return inventory;
  const claim = nextRestoreKey(inventory.value.keys());
  const work: Restore = { ports, command, backup, inventory: inventory.value, claim, ...given };
  const present = await presentKeys(work);
  if (present.tag === "stopped") return present;
  const claimed = await putClaim(work);
  if (claimed.tag === "stopped") return claimed;
  const kept = await keepWritersOut(work);
  if (kept.tag === "stopped") return kept;
  for (const keys of inOrder(work)) {
    const put = await putObjects(work, keys, { present: present.value, claim: claimed.value });
    if (put.tag === "stopped") return put;
  }
  for (const step of [putLedger, handOver]) {
    const ended = await step(work);
    if (ended.tag === "stopped") return ended;
  }
  return chosen;
}

/** What lies at the root already. Anything but what this restore puts there stops it. */
async function presentKeys({ ports, inventory, claim, backup }: Restore): Promise<Step<ReadonlySet<string>>> {
  const { target } = ports;
  const ledger = await retryRead(target.clock, () => target.ledger.read());
  if (ledger.tag === "unavailable") return notRead(STATE_KEY, ledger.reason);
  const folders = [...CLUSTER_PREFIXES, GRAPHS_PREFIX];
  const unlinked = await refuseLinkedFolders(target, folders);
  if (unlinked.tag === "stopped") return unlinked;
  const present = new Set<string>();
  const foreign: string[] = [];
  const ours = ledger.tag === "found" && sha256(ledger.bytes) === backup.record.ledger.digest;
  if (ledger.tag !== "absent" && !ours) foreign.push(STATE_KEY);
  for (const prefix of folders) {
    const listed = await listSizes(target, prefix);
    if (listed.tag === "stopped") return listed;
    for (const key of listed.value.keys()) {
      present.add(key);
      const expected = inventory.has(key) || key === claim || key === DEPLOYMENT_KEY || isBesideHistory(key);
      if (!expected && key !== STATE_KEY) foreign.push(key);
    }
  }
  const old = [...present].filter((key) => !isBesideHistory(key));
  const begun = old.length === 0 || present.has(claim);
  if (begun && foreign.length === 0) return done(present);
  const inTheWay = foreign.length > 0 ? foreign : old;
  const message = `The root is not empty; it holds ${someOf(inTheWay, KEYS_SHOWN_MAX)}.`;
  return stopped("restore_root_not_empty", "--root", message);
}

/** The claim that lies there, of this attempt or of an earlier one. */
async function putClaim({ ports, command, backup, inventory, claim }: Restore): Promise<Step<RestoreClaim>> {
  const { target, place } = ports;
  const old = inventory.get(DEPLOYMENT_KEY);
  const bytes = old === undefined ? null : await readStored(place, old.digest);
  if (bytes?.tag === "stopped") return bytes;
  const replaced = bytes === null ? null : decodeDeployment(bytes.value);
  const { backup_id, root, ledger } = backup.record;
  const record: RestoreClaim = {
    format_version: 1,
    backup: { backup_id, digest: backup.digest, root, revision: ledger.revision },
    replaced,
    deployment: command.deployment,
    actor: command.actor,
    at: timestamp(target.clock),
  };
  const found = await readObjectRetrying(target, claim);
  if (found.tag === "unavailable") return notRead(claim, found.reason);
  const put =
    found.tag === "found"
      ? ({ tag: "other", bytes: found.bytes } as const)
      : await putOnce(target, claim, encodeRestoreClaim(record));
  if (put.tag === "present") return done(record);
  if (put.tag !== "other")
    return stopped("backup_store_error", claim, `${claim} could not be written: ${put.reason}.`);
  const other = decodeRestoreClaim(put.bytes);
  if (other.tag === "read" && isSameRestore(other.value, record)) return done(other.value);
  const whose =
    other.tag === "read"
      ? `of backup ${other.value.backup.backup_id} for ${other.value.deployment.owner}`
      : "that cannot be read";
  return stopped("restore_root_not_empty", claim, `The root is taken by another restore, ${whose}.`);
}

function deploymentsOf({ command, claim }: Restore) {
  const { owner, lease_table } = command.deployment;
  const encoded = (table: Deployment["lease_table"]) =>
    encodeDeployment({ format_version: DEPLOYMENT_FORMAT_VERSION, owner, lease_table: table });
  return { held: encoded(heldBy(claim)), own: encoded(lease_table) };
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

async function keepWritersOut(work: Restore): Promise<Step<null>> {
  const { held, own } = deploymentsOf(work);
  const put = await putOnce(work.ports.target, DEPLOYMENT_KEY, held);
  if (put.tag === "present" || (put.tag === "other" && isSame(put.bytes, own))) return done(null);
  if (put.tag === "other") {
    return stopped("restore_root_not_empty", DEPLOYMENT_KEY, "The root belongs to a deployment already.");
  }
  return stopped(
    "backup_store_error",
    DEPLOYMENT_KEY,
    `${DEPLOYMENT_KEY} could not be written: ${put.reason}.`,
  );
}

/** Rows, then manifests, then all records: what names others comes after them. */
function inOrder({ inventory, command }: Restore): readonly (readonly InventoryEntry[])[] {
  const isLeft = (key: string) =>
    key === STATE_KEY ||
    key === DEPLOYMENT_KEY ||
    (!command.keep_open_runs && key.startsWith(OPEN_RUNS_PREFIX));
  const entries = [...inventory.values()].filter(({ key }) => !isLeft(key));
  const isRow = ({ key }: InventoryEntry) => key.startsWith(GRAPHS_PREFIX) && key.includes(".lance/");
  const isGraph = ({ key }: InventoryEntry) => key.startsWith(GRAPHS_PREFIX);
  return [
    entries.filter(isRow),
    entries.filter((entry) => isGraph(entry) && !isRow(entry)),
    entries.filter((entry) => !isGraph(entry)),
  ];
}

/** What the root says of the restore. */
interface Found {
  readonly present: ReadonlySet<string>;
  readonly claim: RestoreClaim;
}

async function putObjects(
  work: Restore,
  entries: readonly InventoryEntry[],
  found: Found,
): Promise<Step<null>> {
  const { ports, command, counts, limits } = work;
  let objects = 0;
  return eachOf(entries, heldOf(ports.rows, limits), async (entry) => {
    const put = await putEntry(work, entry, found);
    objects += 1;
    command.progress({ objects, of: entries.length, bytes_written: counts.bytes_written });
    return put;
  });
}

async function putEntry(work: Restore, entry: InventoryEntry, found: Found): Promise<Step<null>> {
  const way = moves(work.ports.rows, work.limits, entry);
  if (way.tag === "stopped") return way;
  return way.value === "in parts" ? putInParts(work, entry) : putWhole(work, entry, found);
}

async function putWhole(work: Restore, { key, digest }: InventoryEntry, found: Found): Promise<Step<null>> {
  const { ports, command, inventory } = work;
  const stored = await readStored(ports.place, digest);
  if (stored.tag === "stopped") return stored;
  const moved = ports.rows.relocate(key, stored.value, command.root);
  if (moved.tag === "unknown")
    return stopped("restore_rows_unmovable", key, `${key} cannot be moved: ${moved.detail}.`);
  const run = command.keep_open_runs ? null : openRunIn(key, moved.bytes);
  if (run === null) return putObject(work, key, moved.bytes, found);
  const { record, answer_key, answer } = endedByRestore(run, found.claim);
  work.ended.add(run.run_id);
  if (!inventory.has(answer_key)) {
    const told = await putObject(work, answer_key, answer, found);
    if (told.tag === "stopped") return told;
  }
  return putObject(work, key, record, found);
}

async function putObject(
  { ports, counts }: Restore,
  key: StoreKey,
  bytes: Uint8Array,
  { present }: Found,
): Promise<Step<null>> {
  const { target } = ports;
  if (present.has(key)) {
    const there = await readObjectRetrying(target, key);
    if (there.tag === "found" && isSame(there.bytes, bytes)) return done(null);
    if (there.tag === "unavailable") return notRead(key, there.reason);
  }
  const put = await putChecked(target, key, bytes);
  if (put.tag === "stopped") return put;
  counts.objects_written += 1;
  counts.bytes_written += bytes.length;
  return done(null);
}

async function putInParts(
  { ports, counts, limits }: Restore,
  { key, digest, bytes }: InventoryEntry,
): Promise<Step<null>> {
  const from = { ports: ports.place, key: objectKey(digest) };
  const to = { ports: ports.target, key };
  const copied = await copyLong({ from, to, digest, bytes, replaces: false }, limits);
  switch (copied.tag) {
    case "present":
      if (!copied.written) return done(null);
      counts.objects_written += 1;
      counts.bytes_written += bytes;
      return done(null);
    case "other":
      return stopped("backup_store_error", key, `${key} is there already with another content.`);
    case "gone":
      return stopped("backup_unusable", from.key, `${from.key} could not be read whole: it is not there.`);
    case "not_read":
      return stopped("backup_unusable", from.key, `${from.key} could not be read whole: ${copied.reason}.`);
    case "not_written":
      return stopped("backup_store_error", key, `${key} could not be written: ${copied.reason}.`);
    default:
      return assertNever(copied);
  }
}

async function putLedger({ ports, backup }: Restore): Promise<Step<null>> {
  const { target, place } = ports;
  const { revision, commit_id, digest } = backup.record.ledger;
  const stored = await readStored(place, digest);
  if (stored.tag === "stopped") return stored;
  const bytes = stored.value;
  let reason = "the store decided nothing";
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    await pauseBefore(target.clock, attempt);
    const put = await target.ledger.commit({ revision, commit_id, base: null, bytes });
    const current = put.tag === "refused" ? put.current : await target.ledger.read();
    if (current.tag === "found" && isSame(current.bytes, bytes)) return done(null);
    if (current.tag === "found" || current.tag === "forked") {
      return stopped("restore_root_not_empty", STATE_KEY, "Another ledger was put meanwhile.");
    }
    if (current.tag === "unavailable") reason = current.reason;
  }
  return stopped("backup_store_error", STATE_KEY, `The ledger could not be written: ${reason}.`);
}

/** The restored cluster becomes the new deployment's. */
async function handOver(work: Restore): Promise<Step<null>> {
  const { target } = work.ports;
  const { held, own } = deploymentsOf(work);
  const found = await readObjectRetrying(target, DEPLOYMENT_KEY);
  if (found.tag === "unavailable") return notRead(DEPLOYMENT_KEY, found.reason);
  if (found.tag === "found" && isSame(found.bytes, own)) return done(null);
  if (found.tag === "absent" || !isSame(found.bytes, held)) {
    return stopped("restore_root_not_empty", DEPLOYMENT_KEY, "Another deployment took the root meanwhile.");
  }
  const isOurs = (bytes: Uint8Array) => isSame(bytes, own);
  const moved = await moveOnce(target, { key: DEPLOYMENT_KEY, from: found.version, bytes: own, isOurs });
  if (moved.tag === "moved") return done(null);
  const reason = moved.tag === "unknown" ? moved.reason : "it was changed meanwhile";
  return stopped("backup_store_error", DEPLOYMENT_KEY, `${DEPLOYMENT_KEY} could not be written: ${reason}.`);
}
