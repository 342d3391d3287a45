/**
 * Backups in memory. Rows lie in memory tables; each finished writer also puts the file that a manifest pins into the
 * object store, as Lance does, so that a copy without it is told.
 */
import type { BackupOutput } from "../../lib/backup/backup-output.ts";
import type { CopyLimits } from "../../lib/backup/limits.ts";
import { type RestoreCommand, restoreCluster } from "../../lib/backup/restore-cluster.ts";
import { takeBackup } from "../../lib/backup/take-backup.ts";
import { createEngine } from "../../lib/engine/create-engine.ts";
import { createMemoryTables } from "../../lib/engine/memory/memory-tables.ts";
import type { RowFiles } from "../../lib/engine/row-files.ts";
import type { TableOutcome, TablePosition, Tables, TableWriter } from "../../lib/engine/tables.ts";
import { createCountingIds } from "../../lib/memory/ids.ts";
import { createMemoryLeaseTable } from "../../lib/memory/lease-table.ts";
import { createMemoryObjectParts } from "../../lib/memory/object-parts.ts";
import { createMemoryObjectStore } from "../../lib/memory/object-store.ts";
import type { Ids } from "../../lib/ports/ids.ts";
import { createLedgerStoreOver } from "../../lib/ports/ledger-over-objects.ts";
import { SILENT_LOG } from "../../lib/ports/log.ts";
import type { ObjectParts } from "../../lib/ports/object-parts.ts";
import { type ObjectStore, type StoreKey, storeKey } from "../../lib/ports/object-store.ts";
import { type Client, newWorld, openClient, type World } from "../apply/cluster.ts";
import {
  type Interference,
  interferedLease,
  interferedParts,
  interferedStore,
  NO_INTERFERENCE,
} from "../apply/interference.ts";

const FIRST_CLIENT_ELSEWHERE = 10;
export const NEW_ROOT = "/elsewhere";
export const NEW_OWNER = { owner: "new deployment", lease_table: { kind: "memory", name: "new" } } as const;

function fileOf({ path, branch, lance_version }: TablePosition): StoreKey {
  return storeKey(`${path}/${branch ?? "main"}/${lance_version}.rows`);
}

export function rowsAt(root: string, key: string): Uint8Array {
  return Buffer.from(`root=${root} ${key}`, "utf8");
}

/** What moves is the text `root=` of each file. */
export const FILED_ROWS: RowFiles = {
  namesAddresses: (key) => key.endsWith(".rows"),
  relocate: (key, bytes, root) => {
    if (!key.endsWith(".rows")) return { tag: "bytes", bytes };
    const text = Buffer.from(bytes).toString("utf8");
    if (!text.startsWith("root=")) return { tag: "unknown", detail: "it is no file with rows" };
    return { tag: "bytes", bytes: rowsAt(root, key) };
  },
  pinned: async (position) => ({ tag: "files", keys: [fileOf(position)] }),
};

function filedTables(tables: Tables, store: ObjectStore): Tables {
  const filed = (made: TableOutcome<TableWriter>): TableOutcome<TableWriter> =>
    made.tag === "ok" ? { tag: "ok", value: filedWriter(made.value, store) } : made;
  return {
    ...tables,
    create: async (path, columns) => filed(await tables.create(path, columns)),
    branch: async (from, branch) => filed(await tables.branch(from, branch)),
  };
}

function filedWriter(writer: TableWriter, store: ObjectStore): TableWriter {
  return {
    addColumns: (columns) => writer.addColumns(columns),
    append: (batch) => writer.append(batch),
    upsert: (batch) => writer.upsert(batch),
    compact: () => writer.compact(),
    abandon: () => writer.abandon(),
    async finish() {
      const finished = await writer.finish();
      if (finished.tag === "ok") {
        const key = fileOf(finished.value.position);
        await store.putIfAbsent(key, rowsAt("/cluster", key));
      }
      return finished;
    },
  };
}

/** A client whose rows leave files. */
export function openFiled(world: World): Client {
  const { ports } = openClient(world);
  const { store, clock, ids } = ports;
  const tables = filedTables(createMemoryTables(world.rows), store);
  return { world, ports: { ...ports, engine: createEngine({ store, tables, clock, ids, log: SILENT_LOG }) } };
}

export interface Backing {
  readonly source: World;
  readonly place: World;
  readonly ids: Ids;
  /** What becomes of the calls of the backup, of both stores in one count. */
  readonly interference?: Interference;
  /** Keys of one page of a listing; small pages let a listing take time. */
  readonly page_keys?: number;
  /** What copying may hold; smaller for contents of a few bytes. */
  readonly limits?: CopyLimits;
  /** Stands between a backup and both stores. */
  readonly counted?: Counted;
}

export interface Counted {
  readonly store: (inner: ObjectStore, world: World) => ObjectStore;
  readonly parts: (inner: ObjectParts) => ObjectParts;
}

const UNCOUNTED: Counted = { store: (inner) => inner, parts: (inner) => inner };

export function newBacking(source: World): Backing {
  return { source, place: newWorld(), ids: createCountingIds(31) };
}

export function backUp(backing: Backing, verify = false): Promise<BackupOutput> {
  const { source, place, ids, interference = NO_INTERFERENCE, page_keys = 1_000 } = backing;
  const { clock } = source;
  const { store: whole, parts } = contentsOf(source, interference, backing.counted);
  const store: ObjectStore = { ...whole, list: (options) => whole.list({ ...options, limit: page_keys }) };
  return takeBackup(
    {
      source: {
        ...{ store, parts, ledger: createLedgerStoreOver(store), clock },
        lease: interferedLease(createMemoryLeaseTable(source.objects, clock), interference),
      },
      place: { ...contentsOf(place, interference, backing.counted), clock },
      rows: FILED_ROWS,
      ids,
    },
    { root: "/cluster", to: "/backups", actor: "ana", verify, progress: () => undefined },
    backing.limits,
  );
}

function contentsOf(world: World, interference: Interference, counted: Counted = UNCOUNTED) {
  const { objects } = world;
  return {
    store: counted.store(interferedStore(createMemoryObjectStore(objects), interference), world),
    parts: counted.parts(interferedParts(createMemoryObjectParts(objects), interference)),
  };
}

export function restoreInto(
  target: World,
  place: World,
  command: Partial<RestoreCommand> = {},
  interference: Interference = NO_INTERFERENCE,
  limits?: CopyLimits,
  counted?: Counted,
) {
  const contents = contentsOf(target, interference, counted);
  const { clock } = target;
  return restoreCluster(
    {
      place: { ...contentsOf(place, interference, counted), clock },
      target: { ...contents, ledger: createLedgerStoreOver(contents.store), clock },
      rows: FILED_ROWS,
    },
    {
      ...{ from: "/backups", root: NEW_ROOT, backup_id: null, digest: null, deployment: NEW_OWNER },
      ...{ actor: "bo", keep_open_runs: false, progress: () => undefined },
      ...command,
    },
    limits,
  );
}

/** A client of the deployment that the cluster was restored for; the rows are those of the original. */
export function openRestored(target: World, rows: World): Client {
  // Ids of the original come back with its records, and nobody else's process ever makes them again.
  target.clients = Math.max(target.clients, FIRST_CLIENT_ELSEWHERE) + 1;
  const client = openFiled({ ...target, rows: rows.rows });
  return { ...client, ports: { ...client.ports, lease_table: NEW_OWNER.lease_table } };
}

/** Every object by its key, as text. */
export function objectsOf({ objects }: World): Readonly<Record<string, string>> {
  const texts = [...objects.objects].map(
    ([key, bytes]) => [key, Buffer.from(bytes).toString("latin1")] as const,
  );
  return Object.fromEntries(texts.sort(([a], [b]) => (a < b ? -1 : 1)));
}
