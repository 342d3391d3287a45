/**
 * Bundles the command line with esbuild. `node bin/bundle.js` writes `dist/` for publishing; the launcher calls
 * `developmentBundle` in a source checkout, which bundles once per state of the sources, because one file starts
 * several times faster than two hundred that are translated one by one.
 *
 * Development bundles are kept in `node_modules/.cache`, or, if the checkout cannot be written to, in a folder of the
 * system's temporary one that only this user can write to. Several processes may start at once: each bundle is made
 * aside and appears by one rename, and one that was used lately is never removed.
 */
import { createHash } from "node:crypto";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const NODE_MODULES = join(ROOT, "node_modules");
/** Native or wasm packages stay outside the bundle and are loaded when they are first needed. */
const EXTERNAL = ["@lancedb/lancedb", "apache-arrow", "@cedar-policy/cedar-wasm"];
/** Every bundle that was used in the last hour is kept: its process may still load parts of it. */
const KEPT_MS = 60 * 60 * 1000;
/** Bundling starts again if the sources change meanwhile; after this many times it takes what it has. */
const TRIES_MAX = 3;

/** Zod's translations of its messages are a fifth of the bundle, and our messages are our own. */
const WITHOUT_ZOD_LOCALES = {
  name: "without-zod-locales",
  setup(build) {
    build.onResolve({ filter: /locales\/index\.js$/ }, ({ importer }) =>
      importer.split(/[\\/]/).includes("zod") ? { path: "zod-locales", namespace: "empty" } : null,
    );
    build.onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "export {}" }));
  },
};

/** Writes the bundle of the command line to `outdir`. */
export async function bundleInto(outdir) {
  const { build } = await import("esbuild");
  return build({
    entryPoints: { graphform: join(ROOT, "cli", "main.ts") },
    outdir,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    outExtension: { ".js": ".mjs" },
    external: EXTERNAL,
    plugins: [WITHOUT_ZOD_LOCALES],
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "none",
    logLevel: "error",
    metafile: true,
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
  const others = ["package.json", "package-lock.json", join("bin", "bundle.js")].map((name) =>
    join(ROOT, name),
  );
  for (const file of [...sourceFiles(join(ROOT, "cli")), ...sourceFiles(join(ROOT, "lib")), ...others]) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${file}\0${size}\0${mtimeMs}\0`);
  }
  return hash.digest("hex").slice(0, 16);
}

/** Where bundles of this checkout may lie, the best place first. */
function cacheFolders() {
  return [join(NODE_MODULES, ".cache", "graphform"), temporaryFolder()];
}

function temporaryFolder() {
  const checkout = createHash("sha256").update(ROOT).digest("hex").slice(0, 12);
  return join(tmpdir(), `graphform-${process.getuid?.() ?? "user"}-${checkout}`);
}

function findBundle(name) {
  for (const cache of cacheFolders()) {
    const entry = join(cache, name, "graphform.mjs");
    if (existsSync(entry) && isOurs(cache)) return entry;
  }
  return null;
}

/** Code is only run from a folder that nobody else can write to; below the checkout its owner decides that. */
function isOurs(cache) {
  if (cache !== temporaryFolder()) return true;
  const { uid, mode } = lstatSync(cache);
  const isFolder = lstatSync(cache).isDirectory();
  if (process.getuid === undefined) return isFolder;
  return isFolder && uid === process.getuid() && (mode & 0o022) === 0;
}

/** A new empty folder beside the bundles, in the first place that can be written to. */
function makeStaging(name) {
  for (const cache of cacheFolders()) {
    try {
      mkdirSync(cache, { recursive: true, mode: 0o700 });
      if (!isOurs(cache)) continue;
      if (cache === temporaryFolder()) linkPackages(cache);
      return mkdtempSync(join(cache, `${name}.`));
    } catch (error) {
      if (!["EACCES", "EPERM", "EROFS", "ENOSPC", "ENOTDIR"].includes(error.code)) throw error;
    }
  }
  const folder = mkdtempSync(join(tmpdir(), "graphform-"));
  linkPackages(folder);
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return mkdtempSync(join(folder, `${name}.`));
}

/** Packages outside the bundle are looked up from where the bundle lies. */
function linkPackages(folder) {
  try {
    symlinkSync(NODE_MODULES, join(folder, "node_modules"), "junction");
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
}

async function makeBundle() {
  for (let attempt = 1; ; attempt += 1) {
    const name = fingerprint();
    const staging = makeStaging(name);
    try {
      await bundleInto(staging);
      if (fingerprint() === name || attempt === TRIES_MAX) return publish(staging, name);
    } catch (error) {
      rmSync(staging, { recursive: true, force: true });
      throw error;
    }
    rmSync(staging, { recursive: true, force: true });
  }
}

/** Gives the folder its name, or takes the one that another process has made meanwhile. */
function publish(staging, name) {
  const cache = dirname(staging);
  const entry = join(cache, name, "graphform.mjs");
  try {
    renameSync(staging, join(cache, name));
  } catch (error) {
    if (!existsSync(entry)) throw error;
    rmSync(staging, { recursive: true, force: true });
  }
  forgetOldBundles(cache, name);
  return entry;
}

function forgetOldBundles(cache, kept) {
  const oldest = Date.now() - KEPT_MS;
  for (const entry of readdirSync(cache, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === kept) continue;
    const path = join(cache, entry.name);
    try {
      if (statSync(path).mtimeMs < oldest) rmSync(path, { recursive: true, force: true });
    } catch (error) {
      if (error.code !== "ENOENT") throw error;
    }
  }
}

/** The time of a folder says when its bundle was last started; in a checkout that is only read, nobody removes it. */
function noteUse(entry) {
  try {
    const now = new Date();
    utimesSync(dirname(entry), now, now);
  } catch {
    return entry;
  }
  return entry;
}

/** The URL of a bundle of the sources as they are now, or null if the packages that make one are not installed. */
export async function developmentBundle() {
  const found = findBundle(fingerprint());
  if (found !== null) return pathToFileURL(noteUse(found)).href;
  if (!existsSync(join(NODE_MODULES, "esbuild"))) return null;
  return pathToFileURL(await makeBundle()).href;
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const dist = join(ROOT, "dist");
  rmSync(dist, { recursive: true, force: true });
  await bundleInto(dist);
}
