/** bin/graphform in a source checkout: how it comes to a bundle, alone, beside others, and where it may not write. */
import { spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const VERSION: unknown = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")).version;
const NOBODY = 65_534;
const temporary = mkdtempSync(join(tmpdir(), "graphform-launcher-"));
chmodSync(temporary, 0o755);
let folders = 0;

afterAll(() => rmSync(temporary, { recursive: true, force: true }));

function newFolder(mode: number): string {
  folders += 1;
  const folder = join(temporary, String(folders));
  mkdirSync(folder);
  chmodSync(folder, mode);
  return folder;
}

/** A checkout of its own: the sources copied, the installed packages linked one by one. */
function checkout(installed: boolean): string {
  const root = newFolder(0o755);
  for (const name of ["bin", "cli", "lib", "package.json", "package-lock.json"]) {
    cpSync(join(PROJECT, name), join(root, name), { recursive: true });
  }
  if (!installed) return root;
  mkdirSync(join(root, "node_modules"));
  for (const name of readdirSync(join(PROJECT, "node_modules"))) {
    if (name.startsWith(".")) continue;
    symlinkSync(join(PROJECT, "node_modules", name), join(root, "node_modules", name));
  }
  return root;
}

interface Ran {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Starts the launcher of a checkout; where the user may write everything, it is started as one who may not. */
function start(root: string, scratch: string, unprivileged = false): Promise<Ran> {
  const user = unprivileged && process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  const child = spawn(process.execPath, [join(root, "bin", "graphform"), "--version"], {
    ...user,
    cwd: scratch,
    env: { PATH: process.env["PATH"], TMPDIR: scratch, HOME: scratch },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output, errors })));
}

function bundlesOf(cache: string): readonly string[] {
  return readdirSync(cache).filter((name) => name !== "node_modules");
}

const fine: Ran = { code: 0, output: `${VERSION}\n`, errors: "" };

describe("the launcher of a source checkout", () => {
  it("makes one whole bundle, however many first starts come at once", async () => {
    const root = checkout(true);
    const scratch = newFolder(0o755);
    const runs = await Promise.all([1, 2, 3].map(() => start(root, scratch)));
    expect(runs).toEqual([fine, fine, fine]);
    expect(bundlesOf(join(root, "node_modules", ".cache", "graphform"))).toHaveLength(1);
    expect(readdirSync(scratch)).toEqual([]);
  });

  it("makes another bundle after a source has changed, and leaves the one that may still be running", async () => {
    const root = checkout(true);
    const scratch = newFolder(0o755);
    await start(root, scratch);
    const manifest = join(root, "package.json");
    writeFileSync(
      manifest,
      readFileSync(manifest, "utf8").replace(`"version": "${VERSION}"`, '"version": "9.8.7"'),
    );
    expect(await start(root, scratch)).toEqual({ ...fine, output: "9.8.7\n" });
    expect(bundlesOf(join(root, "node_modules", ".cache", "graphform"))).toHaveLength(2);
  });

  it("keeps its bundle in a folder of its user alone if it cannot write to the checkout", async () => {
    const root = checkout(true);
    chmodSync(join(root, "node_modules"), 0o555);
    const scratch = newFolder(0o777);
    expect(await start(root, scratch, true)).toEqual(fine);
    const [cache] = readdirSync(scratch);
    const before = bundlesOf(join(scratch, cache!));
    expect(statSync(join(scratch, cache!)).mode & 0o777).toBe(0o700);
    expect(await start(root, scratch, true)).toEqual(fine);
    expect(bundlesOf(join(scratch, cache!))).toEqual(before);
    chmodSync(join(root, "node_modules"), 0o755);
  });

  it("runs nothing from a temporary folder that others can write to", async () => {
    const root = checkout(true);
    chmodSync(join(root, "node_modules"), 0o555);
    const scratch = newFolder(0o777);
    await start(root, scratch, true);
    const cache = join(scratch, readdirSync(scratch)[0]!);
    const [bundle] = bundlesOf(cache);
    writeFileSync(join(cache, bundle!, "graphform.mjs"), 'process.stdout.write("planted\\n");');
    expect((await start(root, scratch, true)).output).toBe("planted\n");
    chmodSync(cache, 0o777);
    expect(await start(root, scratch, true)).toEqual(fine);
    expect(readdirSync(scratch)).toHaveLength(1);
    chmodSync(join(root, "node_modules"), 0o755);
  });

  it("says what to do, and nothing else, while no packages are installed", async () => {
    const run = await start(checkout(false), newFolder(0o755));
    expect(run.code).toBe(1);
    expect(run.output).toBe("");
    expect(run.errors).toBe("graphform: the packages of this checkout are not installed; run npm ci first\n");
  });
});
