/**
 * HandlerCode: what runs in the functions, as folders on this machine. Bundled with esbuild itself and not by CDK's
 * NodejsFunction, which cannot split: so a function reads what most requests need, and the rest (YAML, the compilers)
 * only when a request needs it. No docker: what is native comes from npm, for the platform of the functions.
 *
 * Cedar and Lance load themselves from `node_modules` and lie in layers, which change with their versions only.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";
import type { DeploymentSettings } from "../lib/worker/deployment.ts";
import { type Architecture, lanceBuild } from "./architecture.ts";
import { HANDLER_NAMES, type HandlerName } from "./handler-name.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const CEDAR = "@cedar-policy/cedar-wasm";
const LANCE = "@lancedb/lancedb";
const ARROW = "apache-arrow";

/** Folders; each is the root of an asset. */
export interface HandlerCode {
  readonly handlers: Readonly<Record<HandlerName, string>>;
  readonly layers: Readonly<Record<LayerName, string>>;
}

export type LayerName = "settings" | "cedar" | "lance";

export interface CodeOptions {
  /** Everything in it is replaced. */
  readonly folder: string;
  readonly settings: DeploymentSettings;
  readonly architecture: Architecture;
  /** `stand-in`: a layer that holds nothing, for looking at the stack without the network. Never deploy it. */
  readonly lance: "install" | "stand-in";
}

export async function makeHandlerCode(options: CodeOptions): Promise<HandlerCode> {
  const { folder, architecture } = options;
  rmSync(folder, { recursive: true, force: true });
  const handlers = { ...(await bundleHandlers(folder)) };
  const layers = {
    settings: join(folder, "layers", "settings"),
    cedar: join(folder, "layers", "cedar"),
    lance: join(folder, "layers", "lance"),
  };
  writeSettings(layers.settings, options.settings);
  copyCedar(layers.cedar);
  if (options.lance === "install") installLance(layers.lance, architecture);
  else writeStandIn(layers.lance);
  return { handlers, layers };
}

async function bundleHandlers(folder: string): Promise<Readonly<Record<HandlerName, string>>> {
  const entries = await Promise.all(
    HANDLER_NAMES.map(async (name) => {
      const outdir = join(folder, name);
      await bundleHandler(name, outdir);
      return [name, outdir] as const;
    }),
  );
  return Object.fromEntries(entries) as Record<HandlerName, string>;
}

/** Zod's translations of its messages are a fifth of a bundle, and our messages are our own. */
const WITHOUT_ZOD_LOCALES: Plugin = {
  name: "without-zod-locales",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /locales\/index\.js$/ }, ({ importer }) =>
      importer.split(/[\\/]/).includes("zod") ? { path: "zod-locales", namespace: "empty" } : null,
    );
    onLoad({ filter: /.*/, namespace: "empty" }, () => ({ contents: "export {}" }));
  },
};

/** Bundles one function into `outdir`. */
export function bundleHandler(name: HandlerName, outdir: string): Promise<Metafile> {
  return bundleEntry(join(ROOT, "functions", `${name}.ts`), outdir);
}

/** Bundles a file as `index.mjs` and what it loads later; what is in which file is in the answer. */
export async function bundleEntry(entry: string, outdir: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: { index: entry },
    outdir,
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node24",
    mainFields: ["module", "main"],
    outExtension: { ".js": ".mjs" },
    external: [CEDAR, LANCE, ARROW],
    plugins: [WITHOUT_ZOD_LOCALES],
    minify: true,
    legalComments: "none",
    logLevel: "error",
    metafile: true,
    banner: {
      js: 'import { createRequire as bundleRequire } from "node:module"; const require = bundleRequire(import.meta.url);',
    },
  });
  return metafile;
}

/** Read by functions/deployment.ts at `/opt/graphform/settings.json`: an environment holds only 4 KiB. */
function writeSettings(layer: string, settings: DeploymentSettings): void {
  const folder = join(layer, "graphform");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "settings.json"), `${JSON.stringify(settings, null, 2)}\n`);
}

/** Only the build for Node; the module reads its wasm from the file beside it. */
function copyCedar(layer: string): void {
  const from = join(ROOT, "node_modules", CEDAR);
  const to = join(layer, "nodejs", "node_modules", CEDAR);
  for (const part of ["package.json", "nodejs"]) {
    cpSync(join(from, part), join(to, part), { recursive: true, dereference: true });
  }
}

function writeStandIn(layer: string): void {
  mkdirSync(layer, { recursive: true });
  writeFileSync(join(layer, "stand-in.txt"), "Lance is not here: made for looking at the stack only.\n");
}

/** Pinned by our lock file, for the platform of the functions and not of this machine. */
function installLance(layer: string, architecture: Architecture): void {
  const folder = join(layer, "nodejs");
  mkdirSync(folder, { recursive: true });
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const cpu = architecture === "arm64" ? "arm64" : "x64";
  const own = lanceBuild(architecture);
  const versions = {
    [LANCE]: dependencies[LANCE],
    [own.name]: own.version,
    [ARROW]: dependencies[ARROW],
  };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: versions }));
  cpSync(join(ROOT, "package-lock.json"), join(folder, "package-lock.json"));
  const platform = ["--os=linux", `--cpu=${cpu}`, "--libc=glibc"];
  const quiet = [
    "--omit=dev",
    "--omit=optional",
    "--omit=peer",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
  ];
  try {
    execFileSync("npm", ["install", ...platform, ...quiet], { cwd: folder, stdio: ["ignore", 2, 2] });
  } catch (cause) {
    const other = architecture === "arm64" ? "x86_64" : "arm64";
    throw new Error(
      `npm could not install ${own.name} ${own.version}. If your registry has no such version, say "architecture": "${other}" in the inputs.`,
      { cause },
    );
  }
  rmSync(join(folder, "package-lock.json"));
}
