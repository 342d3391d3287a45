/**
 * The handlers as they are deployed, bundled once for every state of the sources and shared by all tests: each bundle is
 * made aside and gets its name by one rename, so that several processes may ask at once.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleHandler } from "../../infra/handler-code.ts";
import type { HandlerName } from "../../infra/handler-name.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** What is native is found from here. */
const CACHE = join(ROOT, "node_modules", ".cache", "graphform-handlers");
const SOURCES = ["functions", "lib"];
const OTHERS = ["package-lock.json", join("infra", "handler-code.ts")];
/** Bundles of other states that were made in the last hour may still be running. */
const KEPT_MS = 60 * 60 * 1000;

/** The folder that holds them, each in a folder of its name. */
export async function bundledHandlers(names: readonly HandlerName[]): Promise<string> {
  const folder = join(CACHE, fingerprint());
  mkdirSync(folder, { recursive: true });
  forgetOthers(folder);
  await Promise.all(names.map((name) => bundleOnce(name, folder)));
  return folder;
}

async function bundleOnce(name: HandlerName, folder: string): Promise<void> {
  const place = join(folder, name);
  if (existsSync(place)) return;
  const staging = mkdtempSync(join(folder, `.${name}-`));
  await bundleHandler(name, staging);
  try {
    renameSync(staging, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
    rmSync(staging, { recursive: true });
  }
}

function fingerprint(): string {
  const hash = createHash("sha256");
  const files = SOURCES.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => join(folder, file)),
  );
  for (const file of [...files.sort(), ...OTHERS]) {
    const { size, mtimeMs } = statSync(join(ROOT, file));
    hash.update(`${file}\0${size}\0${mtimeMs}\0`);
  }
  return hash.digest("hex").slice(0, 16);
}

function forgetOthers(kept: string): void {
  for (const entry of readdirSync(CACHE)) {
    const path = join(CACHE, entry);
    const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (path !== kept && made < Date.now() - KEPT_MS) rmSync(path, { recursive: true, force: true });
  }
}
