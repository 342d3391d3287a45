/**
 * The tables port over one Lance site. Everything here needs the native module; lance-tables loads it at first use.
 */
import type { Table } from "@lancedb/lancedb";
import type { Column, TableOutcome, TableReader, Tables, TableWriter } from "../tables.ts";
import { branchNames, dropBranch, makeBranch } from "./branches.ts";
import { arrowSchema, cellType } from "./cell-types.ts";
import { connectFor, datasetPaths, type LanceSite, openAt, openMain, tableName } from "./datasets.ts";
import { attempt, ok, unavailable } from "./failure.ts";
import type { GraphStorage } from "./graph-storage.ts";
import { openReader } from "./lance-reader.ts";
import { makeDurable, openWriter } from "./lance-writer.ts";
import { INDEX_CACHE_BYTES_MAX, METADATA_CACHE_BYTES_MAX } from "./limits.ts";
import { lance } from "./native.ts";

const FIRST_VERSION = 1;

export interface SiteOptions {
  readonly root: string;
  readonly storage_options: Readonly<Record<string, string>>;
  readonly storage: GraphStorage;
}

/** Tables below one root, with one cache for all their datasets. */
export function siteTables(options: SiteOptions): Tables {
  const session = new lance.Session(INDEX_CACHE_BYTES_MAX, METADATA_CACHE_BYTES_MAX);
  const site: LanceSite = { ...options, session };
  return {
    read: async (position) => {
      const table = await openAt(site, position);
      return table.tag === "ok" ? reader(table.value, position) : table;
    },
    create: (path, columns) => create(site, path, columns),
    branch: async (from, branch) => {
      const table = await makeBranch(site, from, branch);
      if (table.tag !== "ok") return table;
      return writer(site, table.value, { path: from.path, branch });
    },
    branches: (path) => branchNames(site, path),
    dropBranch: (path, branch) => dropBranch(site, path, branch),
    datasets: async (prefix) => {
      const names = await site.storage.listFolders(prefix);
      return names.tag === "ok" ? ok(datasetPaths(prefix, names.value)) : names;
    },
    erase: (prefix) => site.storage.removeTree(prefix),
  };
}

/**
 * Of several creators one makes version 1. Lance does not refuse the others: it lets a late one put an empty version 2
 * over the first, which no position of ours names. So whoever did not make version 1 is told that it exists.
 */
async function create(
  site: LanceSite,
  path: string,
  columns: readonly Column[],
): Promise<TableOutcome<TableWriter>> {
  const created = await attempt(async () => {
    const connection = await connectFor(site, path);
    const options = { mode: "create", existOk: false } as const;
    const table = await connection.createEmptyTable(tableName(path), arrowSchema(columns), options);
    return ok({ table, version: await table.version() });
  });
  if (created.tag !== "ok") return lostRace(site, path, created);
  const { table, version } = created.value;
  const line = { path, branch: null };
  const durable = await makeDurable(site.storage, line);
  if (durable.tag === "ok" && version === FIRST_VERSION) {
    return ok(openWriter({ table, line, columns, storage: site.storage }));
  }
  table.close();
  return durable.tag === "ok" ? { tag: "exists" } : durable;
}

/** A failed creation is `exists` exactly if the dataset can be opened now. */
async function lostRace(
  site: LanceSite,
  path: string,
  failure: Exclude<TableOutcome<never>, { tag: "ok" }>,
): Promise<TableOutcome<TableWriter>> {
  const present = await openMain(site, path);
  if (present.tag !== "ok") return failure;
  present.value.close();
  return { tag: "exists" };
}

async function reader(table: Table, position: TableReader["position"]): Promise<TableOutcome<TableReader>> {
  const columns = await columnsOf(table);
  return columns.tag === "ok" ? ok(openReader(table, position, columns.value)) : columns;
}

async function writer(
  site: LanceSite,
  table: Table,
  line: { readonly path: string; readonly branch: string | null },
): Promise<TableOutcome<TableWriter>> {
  const columns = await columnsOf(table);
  if (columns.tag !== "ok") return columns;
  return ok(openWriter({ table, line, columns: columns.value, storage: site.storage }));
}

async function columnsOf(table: Table): Promise<TableOutcome<readonly Column[]>> {
  return attempt<readonly Column[]>(async () => {
    const columns: Column[] = [];
    for (const field of (await table.schema()).fields) {
      const type = cellType(field.type);
      if (!type) return unavailable(`column ${field.name} has a type that we never write: ${field.type}`);
      columns.push({ name: field.name, type });
    }
    return ok(columns);
  });
}
