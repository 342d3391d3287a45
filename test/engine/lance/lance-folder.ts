/** A temporary root with Lance tables over it, for tests that look behind the port. */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GraphStorage } from "../../../lib/engine/lance/graph-storage.ts";
import { createLanceTables } from "../../../lib/engine/lance/lance-tables.ts";
import type { Tables } from "../../../lib/engine/tables.ts";
import { createGraphFolder } from "../../../lib/file/graph-folder.ts";

export interface LanceFolder {
  readonly root: string;
  readonly tables: Tables;
  /** Another client of the same folder, with parts of its storage replaced. */
  readonly client: (replaced: Partial<GraphStorage>) => Tables;
  readonly remove: () => Promise<void>;
}

export async function lanceFolder(): Promise<LanceFolder> {
  const root = await mkdtemp(join(tmpdir(), "graphform-lance-"));
  const client = (replaced: Partial<GraphStorage>): Tables =>
    createLanceTables({ root, storage: { ...createGraphFolder(root), ...replaced } });
  return { root, tables: client({}), client, remove: () => rm(root, { recursive: true, force: true }) };
}

/** Every file below the folder, by its path relative to it. */
export async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

/** The files below the folder whose bytes contain the text. */
export async function filesContaining(folder: string, text: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const file of await filesBelow(folder)) {
    if ((await readFile(join(folder, file))).includes(text)) found.push(file);
  }
  return found;
}
