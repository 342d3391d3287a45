/**
 * Bundles the command line with esbuild. `node bin/bundle.js` writes `dist/` for publishing; the launcher calls
 * `developmentBundle` in a source checkout, which bundles once per state of the sources into `node_modules/.cache`,
 * because one file starts several times faster than two hundred that are translated one by one.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const ENTRY = join(ROOT, "cli", "main.ts");
/** Native or wasm packages stay outside the bundle and are loaded when they are first needed. */
const EXTERNAL = ["@lancedb/lancedb", "apache-arrow", "@cedar-policy/cedar-wasm"];
const CACHES_KEPT_MAX = 3;

async function bundleInto(outdir) {
  const { build } = await import("esbuild");
  await build({
    entryPoints: { graphform: ENTRY },
    outdir,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    outExtension: { ".js": ".mjs" },
    external: EXTERNAL,
    minifySyntax: true,
    legalComments: "none",
    logLevel: "error",
    banner: {
      js: 'import { createRequire as bundleRequire } from "node:module"; const require = bundleRequire(import.meta.url);',
    },
  });
}

function sourceFiles(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function fingerprint() {
  const hash = createHash("sha256");
  for (const file of [
    ...sourceFiles(join(ROOT, "cli")),
    ...sourceFiles(join(ROOT, "lib")),
    join(ROOT, "package-lock.json"),
  ]) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file}\0${size}\0${mtimeMs}\0`);
  }
  return hash.digest("hex").slice(0, 16);
}

function forgetOldBundles(cache) {
  const bundles = readdirSync(cache, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => ({ path: join(cache, entry.name), age: statSync(join(cache, entry.name)).mtimeMs }))
    .sort((a, b) => b.age - a.age);
  for (const { path } of bundles.slice(CACHES_KEPT_MAX)) rmSync(path, { recursive: true, force: true });
}

/** The URL of a bundle of the sources as they are now; made if need be, also beside another process that makes it. */
export async function developmentBundle() {
  const cache = join(ROOT, "node_modules", ".cache", "graphform");
  const folder = join(cache, fingerprint());
  const entry = join(folder, "graphform.mjs");
  if (!existsSync(entry)) {
    const staging = `${folder}.${process.pid}`;
    await bundleInto(staging);
    try {
      renameSync(staging, folder);
    } catch (error) {
      rmSync(staging, { recursive: true, force: true });
      if (!existsSync(entry)) throw error;
    }
    forgetOldBundles(cache);
  }
  return pathToFileURL(entry).href;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  rmSync(join(ROOT, "dist"), { recursive: true, force: true });
  await bundleInto(join(ROOT, "dist"));
}
