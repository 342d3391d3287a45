/**
 * TakeBackup: one cluster, as it is at one moment, into a place for backups.
 *
 * In order: (1) the cluster is at rest and its ledger is read; (2) the place holds nothing, or backups of the same
 * history; (3) every object is copied; (4) the cluster is still at rest and its ledger the same, else again from (1);
 * (5) the copy is checked; (6) inventory and record are put, the record last.
 *
 * Guarantees: writes nothing at the source. A backup that is there is whole: no apply came between, and each manifest
 * has its rows. It may be interrupted anywhere and repeated: what is there is not put again.
 */
import { type Diagnostic, diagnostic } from "../diagnostic/diagnostic.ts";
import { compareBytes, sha256 } from "../digest/digest.ts";
import type { RowFiles } from "../engine/row-files.ts";
import { readHeadOf } from "../ledger/history.ts";
import type { ReadyLedger } from "../ledger/reading.ts";
import { putOnce } from "../ledger/retry.ts";
import { type Clock, formatTimestamp } from "../ports/clock.ts";
import type { Ids } from "../ports/ids.ts";
import { STATE_KEY } from "../ports/state-key.ts";
import type { BackupOutput } from "./backup-output.ts";
import { backupKey, putInventory, readInventory, storedSizes } from "./backup-place.ts";
import {
  BACKUP_FORMAT_VERSION,
  type BackupRecord,
  encodeBackupRecord,
  type InventoryEntry,
} from "./backup-record.ts";
import { createBackupView } from "./backup-view.ts";
import { checkBackup, headsOf } from "./check-backup.ts";
import { findRest, type Rest, type SourcePorts } from "./cluster-at-rest.ts";
import { OPEN_RUNS_PREFIX } from "./cluster-keys.ts";
import { type CopyCounts, type CopyProgress, copyObjects, type Shelf, shelve } from "./copy-objects.ts";
import { findBackups, type StoredBackup } from "./find-backups.ts";
import {
  BACKUP_ROUNDS_MAX,
  CLOCK_BEHIND_TOLD_MS,
  COPY_LIMITS,
  type CopyLimits,
  ROUND_PAUSE_MS,
} from "./limits.ts";
import { listKeys } from "./list-keys.ts";
import type { ContentPorts } from "./long-content.ts";
import { scanCluster } from "./scan-cluster.ts";
import { done, type Step, someOf, stopped } from "./step.ts";

export interface BackupPorts {
  readonly source: SourcePorts & ContentPorts;
  readonly place: ContentPorts;
  readonly rows: RowFiles;
  readonly ids: Ids;
}

export interface BackupCommand {
  /** The storage root and the place, as people write them. */
  readonly root: string;
  readonly to: string;
  readonly actor: string | null;
  /** Read what is in the place already, and do not trust its sizes. */
  readonly verify: boolean;
  readonly progress: (progress: CopyProgress) => void;
}

type AtRest = Extract<Rest, { tag: "at_rest" }>;

interface Moment {
  readonly rest: AtRest;
  readonly entries: readonly InventoryEntry[];
}

export async function takeBackup(
  ports: BackupPorts,
  command: BackupCommand,
  limits: CopyLimits = COPY_LIMITS,
): Promise<BackupOutput> {
  const counts = { objects_written: 0, bytes_written: 0 };
  const { root, to } = command;
  const facts = { format_version: 1, operation: "backup", root, to } as const;
  const shelf = emptyShelf(ports, command, counts, limits);
  const made = await make(ports, command, shelf);
  const told = { ...counts, objects_repaired: shelf.repaired.size };
  const noticed = noticesOf(shelf);
  if (made.tag === "stopped") {
    const diagnostics = [...made.diagnostics, ...noticed];
    const none = { backup_id: null, digest: null, written: false, revision: null, objects: 0, bytes: 0 };
    return { ok: false, ...facts, ...none, ...told, diagnostics };
  }
  const { record, digest, written } = made.value;
  const diagnostics = [...made.value.diagnostics, ...noticed];
  const { backup_id, objects, bytes } = record;
  const { revision } = record.ledger;
  return { ok: true, ...facts, backup_id, digest, written, revision, objects, bytes, ...told, diagnostics };
}

function emptyShelf(
  { place, rows }: BackupPorts,
  { verify, progress }: BackupCommand,
  counts: CopyCounts,
  limits: CopyLimits,
): Shelf {
  const verified = verify ? new Set<string>() : null;
  const told = { repaired: new Set<string>(), lost: new Set<string>() };
  const found = { stored: new Map<string, number>(), known: new Map<string, InventoryEntry>() };
  return { ports: place, rows, limits, ...found, verified, ...told, counts, progress };
}

function noticesOf({ repaired, lost }: Shelf): readonly Diagnostic[] {
  const notices: Diagnostic[] = [];
  if (repaired.size > 0) {
    const message = `These were damaged and are whole again: ${someOf([...repaired])}.`;
    notices.push(diagnostic("backup_objects_repaired", { path: "--to", message }));
  }
  if (lost.size > 0) {
    const message = `These are damaged or missing, and the root has other contents now: ${someOf([...lost])}.`;
    notices.push(diagnostic("backup_objects_lost", { path: "--to", message }));
  }
  return notices;
}

interface Made extends StoredBackup {
  readonly written: boolean;
  readonly diagnostics: readonly Diagnostic[];
}

async function make(ports: BackupPorts, command: BackupCommand, shelf: Shelf): Promise<Step<Made>> {
  const first = await findRest(ports.source);
  if (first.tag === "stopped") return first;
  const opened = await openPlace(ports, shelf);
  if (opened.tag === "stopped") return opened;
  const { newest, diagnostics: refused } = opened.value;
  const moment = await copyMoment(ports, shelf, newest);
  if (moment.tag === "stopped") return moment;
  const { rest, entries } = moment.value;
  const inventory = new Map(entries.map((entry) => [entry.key as string, entry]));
  const view = createBackupView(ports.place, inventory);
  const { rows, source } = ports;
  const checked = await checkBackup({ view, inventory, rows, clock: source.clock });
  if (checked.tag === "stopped") return checked;
  const kept = await keepRecord(ports, command, moment.value, newest);
  if (kept.tag === "stopped") return kept;
  return done({ ...kept.value, diagnostics: [...rest.diagnostics, ...refused, ...kept.value.diagnostics] });
}

interface OpenedPlace {
  readonly newest: StoredBackup | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** What the place holds already. An inventory that is damaged only means that all rows are read again. */
async function openPlace({ place }: BackupPorts, shelf: Shelf): Promise<Step<OpenedPlace>> {
  const cluster = await listKeys(place, "__cluster/");
  if (cluster.tag === "stopped") return cluster;
  if (cluster.value.length > 0) {
    return stopped("backup_place_unfit", "--to", "A cluster lives there: backups need a place of their own.");
  }
  const sizes = await storedSizes(place);
  if (sizes.tag === "stopped") return sizes;
  for (const [digest, size] of sizes.value) shelf.stored.set(digest, size);
  const found = await findBackups(place);
  if (found.tag === "stopped") return found;
  const diagnostics = found.value.refused;
  const newest = found.value.backups[0];
  if (newest === undefined) return done({ newest: null, diagnostics });
  const inventory = await readInventory(place, newest.record);
  const unusable = inventory.tag === "stopped" && inventory.diagnostics[0]?.code === "backup_unusable";
  if (inventory.tag === "stopped") return unusable ? done({ newest, diagnostics }) : inventory;
  for (const [key, entry] of inventory.value) shelf.known.set(key, entry);
  return done({ newest, diagnostics });
}

/** Copies until nobody has been at work from the first look to the last. */
async function copyMoment(
  { source }: BackupPorts,
  shelf: Shelf,
  newest: StoredBackup | null,
): Promise<Step<Moment>> {
  let why = "";
  for (let round = 0; round < BACKUP_ROUNDS_MAX; round += 1) {
    if (round > 0) await source.clock.sleep(ROUND_PAUSE_MS);
    const rest = await findRest(source);
    if (rest.tag === "stopped") return rest;
    if (rest.value.tag === "busy") {
      why = rest.value.why;
      continue;
    }
    const fits = await continues(source, rest.value.ledger, newest);
    if (fits.tag === "stopped") return fits;
    const copied = await copyRound(source, shelf, rest.value);
    if (copied.tag === "stopped") return copied;
    if (copied.value.tag === "moment") return done(copied.value);
    why = copied.value.why;
  }
  const message = `The cluster was at work in each of ${BACKUP_ROUNDS_MAX} attempts; the last time ${why}.`;
  return stopped("backup_source_busy", STATE_KEY, message);
}

type Round = ({ readonly tag: "moment" } & Moment) | { readonly tag: "again"; readonly why: string };

async function copyRound(source: BackupPorts["source"], shelf: Shelf, rest: AtRest): Promise<Step<Round>> {
  const scan = await scanCluster(source);
  if (scan.tag === "stopped") return scan;
  const copied = await copyObjects(source, shelf, scan.value);
  if (copied.tag === "stopped") return copied;
  if (copied.value.tag === "gone") return done({ tag: "again", why: `${copied.value.key} was removed` });
  const ledger = await shelve(shelf, STATE_KEY, rest.document);
  if (ledger.tag === "stopped") return ledger;
  const after = await findRest(source);
  if (after.tag === "stopped") return after;
  if (after.value.tag === "busy") return done({ tag: "again", why: after.value.why });
  if (after.value.ledger.version !== rest.ledger.version) {
    return done({ tag: "again", why: "the ledger was changed" });
  }
  const entries = [...copied.value.entries, ledger.value].sort((a, b) => compareBytes(a.key, b.key));
  return done({ tag: "moment", rest, entries });
}

/** Backups of one place are of one history: the newest must be of a commit that the ledger builds on. */
async function continues(
  source: SourcePorts,
  { identity }: ReadyLedger,
  newest: StoredBackup | null,
): Promise<Step<null>> {
  if (newest === null) return done(null);
  const { revision, commit_id } = newest.record.ledger;
  if (revision > identity.revision) {
    const message = `The place holds revision ${revision}, which is newer than the ledger's, ${identity.revision}.`;
    return stopped("backup_place_unfit", "--to", message);
  }
  const head = revision === identity.revision ? identity : await headAt(source, revision);
  if (head !== null && head.commit_id === commit_id) return done(null);
  const what = head === null ? "is not known to be" : "is not";
  const message = `The place holds backups of revision ${revision} by commit ${commit_id}, which ${what} in the history of this cluster.`;
  return stopped("backup_place_unfit", "--to", message);
}

async function headAt(source: SourcePorts, revision: number) {
  const head = await readHeadOf(source, revision);
  return head.tag === "head" ? head.head : null;
}

/** Puts inventory and record, unless the newest backup is of exactly these objects. */
async function keepRecord(
  { place, ids, source }: BackupPorts,
  { actor, root }: BackupCommand,
  { rest, entries }: Moment,
  newest: StoredBackup | null,
): Promise<Step<Made>> {
  const inventory = await putInventory(place, entries);
  if (inventory.tag === "stopped") return inventory;
  const same = JSON.stringify(newest?.record.inventory) === JSON.stringify(inventory.value);
  if (newest !== null && same) return done({ ...newest, written: false, diagnostics: [] });
  const { revision, commit_id, receipt_digest } = rest.ledger.identity;
  const document = entries.find(({ key }) => key === STATE_KEY);
  if (document === undefined) return stopped("backup_incomplete", STATE_KEY, "The ledger was not copied.");
  const date = dateAfter(source.clock, newest, revision);
  const heads = headsOf(new Map(entries.map((entry) => [entry.key as string, entry])));
  const record: BackupRecord = {
    format_version: BACKUP_FORMAT_VERSION,
    backup_id: ids.next(),
    at: date.at,
    actor,
    root,
    ledger: { revision, commit_id, receipt_digest, digest: document.digest },
    graphs: [...heads].map(([graph, version]) => ({ graph, version })),
    open_runs: entries.filter(({ key }) => key.startsWith(OPEN_RUNS_PREFIX)).length,
    objects: entries.length,
    bytes: entries.reduce((sum, each) => sum + each.bytes, 0),
    inventory: inventory.value,
  };
  const key = backupKey(record.backup_id);
  const encoded = encodeBackupRecord(record);
  const put = await putOnce(place, key, encoded);
  const digest = sha256(encoded);
  if (put.tag === "present") return done({ record, digest, written: true, diagnostics: date.diagnostics });
  const reason = put.tag === "other" ? "its name is taken" : put.reason;
  return stopped("backup_store_error", key, `${key} could not be written: ${reason}.`);
}

/** The last instant that a record can hold. */
const LATEST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/** Now, or right after the newest backup of the revision if its clock was ahead, so that this one is newer. */
function dateAfter(clock: Clock, newest: StoredBackup | null, revision: number) {
  const now = clock.nowMs();
  const same = newest !== null && newest.record.ledger.revision === revision;
  const before = same ? Date.parse(newest.record.at) : Number.NEGATIVE_INFINITY;
  const at = formatTimestamp(Math.min(Math.max(now, before + 1), LATEST_MS));
  if (newest === null || before - now < CLOCK_BEHIND_TOLD_MS) return { at, diagnostics: [] };
  const message = `Backup ${newest.record.backup_id} is dated ${newest.record.at}; this one is dated ${at}.`;
  return { at, diagnostics: [diagnostic("backup_clock_behind", { path: "--to", message })] };
}
