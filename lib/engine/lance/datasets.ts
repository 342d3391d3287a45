/**
 * Datasets: how a path of the port becomes an open Lance table. A dataset at `graphs/<id>.omni/<incarnation>/<name>.lance`
 * is the table `<name>` of a Lance connection to the incarnation's folder.
 *
 * Guarantees: reading never creates anything. Connecting makes the folder that it is given, so what is not known to
 * exist is first looked for in a listing. Nothing is kept between calls but Lance's own cache, which knows files by
 * name, and Lance never reuses a name for other content.
 */
import type { Connection, Session, Table } from "@lancedb/lancedb";
import { assert } from "../../digest/assert.ts";
import type { TableOutcome, TablePosition } from "../tables.ts";
import { attemptOpen, ok } from "./failure.ts";
import type { GraphStorage } from "./graph-storage.ts";
import { lance } from "./native.ts";

const SUFFIX = ".lance";

export interface LanceSite {
  /** An absolute folder or an `s3://` address, without a slash at the end. */
  readonly root: string;
  readonly storage_options: Readonly<Record<string, string>>;
  readonly storage: GraphStorage;
  readonly session: Session;
}

interface Place {
  /** Key of the folder that holds the dataset. */
  readonly folder: string;
  readonly table: string;
}

/** Connects to the folder that holds, or is to hold, the dataset. Makes that folder. */
export async function connectFor(site: LanceSite, path: string): Promise<Connection> {
  return lance.connect(`${site.root}/${placeOf(path).folder}`, {
    session: site.session,
    storageOptions: { ...site.storage_options },
  });
}

/** Lance's name of the dataset within its folder. */
export function tableName(path: string): string {
  return placeOf(path).table;
}

/** The newest version of the dataset's main line, to reach its branches from. */
export async function openMain(site: LanceSite, path: string): Promise<TableOutcome<Table>> {
  const { folder, table } = placeOf(path);
  const names = await site.storage.listFolders(folder);
  if (names.tag !== "ok") return names;
  if (!names.value.includes(`${table}${SUFFIX}`)) return { tag: "missing" };
  return attemptOpen(async () => ok(await (await connectFor(site, path)).openTable(table)));
}

/** The dataset at exactly the pinned branch and version; such a table cannot be written to. */
export async function openAt(site: LanceSite, position: TablePosition): Promise<TableOutcome<Table>> {
  const main = await openMain(site, position.path);
  if (main.tag !== "ok") return main;
  const { branch, lance_version: version } = position;
  return attemptOpen(async () => {
    if (branch === null) {
      await main.value.checkout(version);
      return main;
    }
    const pinned = await (await main.value.branches()).checkout(branch, version);
    main.value.close();
    return ok(pinned);
  });
}

/** Paths of the datasets among the folder names below a prefix. */
export function datasetPaths(prefix: string, names: readonly string[]): readonly string[] {
  const folder = prefix.endsWith("/") ? prefix : `${prefix}/`;
  return names.filter((name) => name.endsWith(SUFFIX)).map((name) => `${folder}${name}`);
}

function placeOf(path: string): Place {
  const slash = path.lastIndexOf("/");
  assert(slash > 0 && path.endsWith(SUFFIX), `a dataset's path ends in a name with ${SUFFIX}: ${path}`);
  return { folder: path.slice(0, slash), table: path.slice(slash + 1, -SUFFIX.length) };
}
