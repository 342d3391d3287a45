/** A process of its own that uses Lance tables, for tests about loading and dying. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

export const REPOSITORY = join(import.meta.dirname, "../../..");

/**
 * Writes a program whose `body` finds `root`, `createLanceTables`, `createGraphFolder` and `createRequire`, and gives
 * the arguments with which Node runs it.
 */
export async function lanceScript(folder: string, root: string, body: string): Promise<readonly string[]> {
  const from = (file: string) => JSON.stringify(pathToFileURL(join(REPOSITORY, file)).href);
  const text = `
    import { createRequire } from "node:module";
    import { createLanceTables } from ${from("lib/engine/lance/lance-tables.ts")};
    import { createGraphFolder } from ${from("lib/file/graph-folder.ts")};
    const root = ${JSON.stringify(root)};
    ${body}
  `;
  const file = join(folder, "script.mts");
  await writeFile(file, text);
  return ["--import", "tsx", file];
}
