/** The records of forced unlocks below a root. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export function forceUnlockFacts(folder: string): readonly unknown[] {
  const records = join(folder, "__graphform", "unlocks");
  if (!existsSync(records)) return [];
  return readdirSync(records).map((name) => JSON.parse(readFileSync(join(records, name), "utf8")));
}
